"""The URLs by which tests and the demo say what is so, what is to go wrong, and what was seen."""

import threading
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar, get_args

from flask import Blueprint, abort, request
from pydantic import BaseModel, ValidationError

from stargazer.simulator import bodies
from stargazer.simulator.atom import render_push, render_tombstone
from stargazer.simulator.bots import ChatState
from stargazer.simulator.delivery import News
from stargazer.simulator.faults import Fault
from stargazer.simulator.journal import Target
from stargazer.simulator.limits import Limits
from stargazer.simulator.nouns import Channel, Video, fingerprint
from stargazer.simulator.simulation import Simulation

Json = dict[str, Any]
BodyT = TypeVar("BodyT", bound=BaseModel)
USUAL_PAGE = 1000
LARGEST_PAGE = 10_000


class Control:
    """One method per control URL; each returns what is sent as JSON."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        # What keeps a part of the old value must not lose another thread's change of the rest.
        self._editing = threading.Lock()

    def health(self) -> Json:
        """Tell that the simulator is there."""
        return {"ok": True}

    def put_channel(self, channel_id: str) -> Json:
        """Create or change a channel."""
        world = self._simulation.world
        given = _read(bodies.ChannelBody).model_dump(exclude_unset=True)
        with self._editing:
            known = world.find_channel(channel_id)
            fields = known.model_dump() if known else {"id": channel_id, "title": channel_id}
            world.save_channel(Channel.model_validate(fields | given))
        return {}

    def put_video(self, video_id: str) -> Json:
        """Create or change a video, and tell how many subscribers are told."""
        world = self._simulation.world
        given = _read(bodies.VideoBody).model_dump(exclude_unset=True)
        with self._editing:
            known = world.find_video(video_id)
            fields = known.model_dump() if known else {"id": video_id}
            video = Video.model_validate(fields | given | {"updated_ns": time.time_ns()})
            world.save_video(video)
        return {"subscribers": self._notify(video, is_gone=video.privacy == "private")}

    def delete_video(self, video_id: str) -> Json:
        """Delete a video, and tell how many subscribers are told."""
        video = self._simulation.world.remove_video(video_id)
        if video is None:
            abort(HTTPStatus.NOT_FOUND, f"there is no video {video_id}")
        return {"subscribers": self._notify(video, is_gone=True)}

    def post_push(self) -> Json:
        """Deliver a raw body to a channel's subscribers, and tell how many those are."""
        push = _read(bodies.PushBody)
        news = News(push.channel_id, push.to_bytes(), headers=push.headers, retry=push.retry)
        return {"subscribers": self._simulation.delivery.publish(news)}

    def post_fault(self) -> Json:
        """Put a fault in force."""
        return {"id": self._simulation.faults.add(_read(Fault))}

    def delete_faults(self) -> Json:
        """End all faults."""
        self._simulation.faults.clear()
        return {}

    def delete_fault(self, fault_id: str) -> Json:
        """End one fault."""
        if not self._simulation.faults.remove(fault_id):
            abort(HTTPStatus.NOT_FOUND, f"there is no fault {fault_id}")
        return {}

    def put_seed(self) -> Json:
        """Make chance repeatable."""
        self._simulation.faults.seed(_read(bodies.SeedBody).seed)
        return {}

    def put_chat(self, chat_id: int) -> Json:
        """Say what is unusual about a chat; what is left out keeps its value."""
        chats = self._simulation.bots
        given = _read(ChatState).model_dump(exclude_unset=True)
        with self._editing:
            state = chats.find_chat(chat_id).model_copy(update=given)
            chats.set_chat(chat_id, state)
        return state.model_dump()

    def put_limits(self) -> Json:
        """Change limits and give back what was spent; what is left out keeps its value."""
        given = _read(Limits).model_dump(exclude_unset=True)
        with self._editing:
            self._simulation.limits = self._simulation.limits.model_copy(update=given)
        self._simulation.keys.refill()
        self._simulation.linguist.refill()
        return self._simulation.limits.model_dump()

    def put_credentials(self) -> Json:
        """Say which keys, tokens and apps are right."""
        credentials = _read(bodies.CredentialsBody)
        if credentials.api_keys is not None:
            self._simulation.keys.replace(credentials.api_keys)
        if credentials.bot_tokens is not None:
            self._simulation.bots.replace(credentials.bot_tokens)
        if credentials.deepl_keys is not None:
            self._simulation.linguist.deepl_keys = frozenset(credentials.deepl_keys)
        if credentials.baidu_apps is not None:
            self._simulation.linguist.baidu_apps = credentials.baidu_apps
        return {}

    def get_journal(self) -> Json:
        """Return entries after a number, in order, of one target or of all."""
        target = request.args.get("target")
        if target is not None and target not in get_args(Target):
            abort(HTTPStatus.BAD_REQUEST, f"target: one of {', '.join(get_args(Target))}")
        after = _read_number("after", 0)
        limit = min(LARGEST_PAGE, _read_number("limit", USUAL_PAGE))
        return {"entries": self._simulation.journal.read(after, limit, target)}

    def delete_journal(self) -> Json:
        """Forget the entries, all or until a number; their numbers go on."""
        until = _read_number("until", 0) if "until" in request.args else None
        self._simulation.journal.clear(until)
        return {}

    def get_counters(self) -> Json:
        """Return counts since the start."""
        return self._simulation.journal.counters()

    def get_subscriptions(self) -> Json:
        """Return the hub's subscriptions, without what must stay secret."""
        now = time.time()
        return {
            "subscriptions": [
                {
                    "channel_id": one.channel_id,
                    "topic": one.topic,
                    "callback": fingerprint(one.callback),
                    "is_signed": one.secret is not None,
                    "is_active": one.expires_at > now,
                    "expires_at": one.expires_at,
                }
                for one in self._simulation.world.list_subscriptions()
            ]
        }

    def _notify(self, video: Video, *, is_gone: bool) -> int:
        if request.args.get("push", "1") == "0":
            return 0
        channel = self._simulation.world.get_channel(video.channel_id)
        body = (
            render_tombstone(channel, video, datetime.now(UTC))
            if is_gone
            else render_push(channel, video)
        )
        return self._simulation.delivery.publish(News(channel.id, body, video_id=video.id))


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the control URLs; what is wrong with a request is told in its answer."""
    blueprint = Blueprint("control", __name__, url_prefix="/control")
    control = Control(simulation)
    blueprint.get("/health")(control.health)
    blueprint.put("/channels/<channel_id>")(control.put_channel)
    blueprint.put("/videos/<video_id>")(control.put_video)
    blueprint.delete("/videos/<video_id>")(control.delete_video)
    blueprint.post("/pushes")(control.post_push)
    blueprint.post("/faults")(control.post_fault)
    blueprint.delete("/faults")(control.delete_faults)
    blueprint.delete("/faults/<fault_id>")(control.delete_fault)
    blueprint.put("/seed")(control.put_seed)
    blueprint.put("/chats/<int(signed=True):chat_id>")(control.put_chat)
    blueprint.put("/limits")(control.put_limits)
    blueprint.put("/credentials")(control.put_credentials)
    blueprint.get("/journal")(control.get_journal)
    blueprint.delete("/journal")(control.delete_journal)
    blueprint.get("/counters")(control.get_counters)
    blueprint.get("/subscriptions")(control.get_subscriptions)
    blueprint.register_error_handler(ValidationError, _explain)
    return blueprint


def _read(model: type[BodyT]) -> BodyT:
    return model.model_validate_json(request.get_data() or b"{}")


def _read_number(name: str, default: int) -> int:
    given = request.args.get(name, str(default))
    if not given.isdecimal():
        abort(HTTPStatus.BAD_REQUEST, f"{name}: not a number: {given}")
    return int(given)


def _explain(exc: ValidationError) -> tuple[Json, int]:
    wrong = [
        f"{'.'.join(map(str, error['loc']))}: {error['msg']}".removeprefix(": ")
        for error in exc.errors(include_url=False, include_input=False)
    ]
    return {"error": wrong}, HTTPStatus.BAD_REQUEST
