"""The URLs of the simulated Twitch, and those by which tests say what happens there."""

from typing import Any

from flask import Blueprint, abort, request

from stargazer.simulator.simulation import Simulation
from stargazer.simulator.twitch.eventsub import EventSub
from stargazer.simulator.twitch.helix import add_rules
from stargazer.simulator.twitch.world import Account, Stream, show_time

Json = dict[str, Any]


class Control:
    """One method per control URL."""

    def __init__(self, simulation: Simulation, eventsub: EventSub) -> None:
        self._world = simulation.twitch
        self._eventsub = eventsub

    def put_account(self, key: str) -> Json:
        """Create or change an account."""
        given = request.get_json()
        with self._world.lock:
            known = self._world.accounts.get(key)
            fields = known.model_dump() if known else {"id": key, "login": f"login_{key}"}
            self._world.accounts[key] = Account.model_validate(fields | given)
        return {}

    def delete_account(self, key: str) -> Json:
        """Ban an account, whose streams end unheard."""
        with self._world.lock:
            self._world.accounts.pop(key, None)
            self._world.streams.pop(key, None)
        return {}

    def put_stream(self, key: str) -> Json:
        """Let a stream begin, or change one, and push that it is on."""
        account = self._get_account(key)
        given = request.get_json()
        push, oddities = given.pop("push", True), given.pop("oddities", {})
        with self._world.lock:
            known = self._world.streams.get(key)
            fields = known.model_dump() if known else {}
            stream = Stream.model_validate(fields | given)
            self._world.streams[key] = stream
        if not push:
            return {"id": stream.id, "told": 0}
        event = _show_broadcaster(account) | {
            "id": stream.id,
            "type": stream.type,
            "started_at": show_time(stream.started_at),
        }
        told = self._eventsub.notify(key, "stream.online", event, **oddities)
        return {"id": stream.id, "told": told}

    def delete_stream(self, key: str) -> Json:
        """End a stream, and push that it is off."""
        account = self._get_account(key)
        with self._world.lock:
            self._world.streams.pop(key, None)
        if request.args.get("push", "1") == "0":
            return {"told": 0}
        event = _show_broadcaster(account)
        return {"told": self._eventsub.notify(key, "stream.offline", event)}

    def take_tokens_back(self) -> Json:
        """Make all tokens bad before their time."""
        self._world.take_tokens_back()
        return {}

    def revoke(self, key: str) -> Json:
        """End the subscriptions about an account, as Twitch does for a reason of its own."""
        status = request.get_json()["status"]
        return {"told": self._eventsub.revoke(key, status)}

    def list_subscriptions(self) -> Json:
        """Show the subscriptions."""
        return {"subscriptions": [each.to_json() for each in self._world.list_subscriptions()]}

    def _get_account(self, key: str) -> Account:
        account = self._world.accounts.get(key)
        if account is None:
            abort(404, f"there is no account {key}")
        return account


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return Twitch's URLs, and those that control it."""
    blueprint = Blueprint("twitch", __name__)
    eventsub = EventSub(
        simulation.twitch, simulation.faults, simulation.journal, simulation.courier
    )
    platform = Blueprint("platform", __name__, url_prefix="/twitch")
    add_rules(platform, simulation, eventsub)
    blueprint.register_blueprint(platform)
    control = Control(simulation, eventsub)
    for rule, verb, act in (
        ("/control/twitch/accounts/<key>", "PUT", control.put_account),
        ("/control/twitch/accounts/<key>", "DELETE", control.delete_account),
        ("/control/twitch/streams/<key>", "PUT", control.put_stream),
        ("/control/twitch/streams/<key>", "DELETE", control.delete_stream),
        ("/control/twitch/revocations/<key>", "POST", control.revoke),
        ("/control/twitch/tokens", "DELETE", control.take_tokens_back),
        ("/control/twitch/subscriptions", "GET", control.list_subscriptions),
    ):
        blueprint.add_url_rule(rule, view_func=act, methods=[verb], endpoint=act.__name__)
    return blueprint


def _show_broadcaster(account: Account) -> Json:
    return {
        "broadcaster_user_id": account.id,
        "broadcaster_user_login": account.login,
        "broadcaster_user_name": account.name or account.login,
    }
