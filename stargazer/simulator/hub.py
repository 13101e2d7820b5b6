"""The push hub: a request to subscribe, its verification, and the lease that follows.

Source: https://pubsubhubbub.github.io/PubSubHubbub/pubsubhubbub-core-0.3.html and, for what
changed since, https://www.w3.org/TR/websub/
"""

import re
import secrets
import time
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict

from stargazer.simulator.delivery import fetch, is_success
from stargazer.simulator.exchange import Exchange, Note
from stargazer.simulator.nouns import Subscription, fingerprint
from stargazer.simulator.simulation import Simulation

DEFAULT_LEASE = 432_000
LONGEST_SECRET = 199
_TOPIC_PATH = re.compile(r"(^|/)feeds/videos\.xml$")
_CHANNEL_ID = re.compile(r"[\w-]{1,64}")


class Wish(BaseModel):
    """A request to subscribe or unsubscribe that makes sense.

    :ivar lease_seconds: as the hub will grant it.
    :ivar token: ``hub.verify_token`` of version 0.3, given back as it came.
    """

    model_config = ConfigDict(frozen=True)

    mode: str
    topic: str
    channel_id: str
    callback: str
    secret: str | None
    lease_seconds: int
    token: str | None

    def to_note(self, event: str) -> Note:
        """Return what the journal may know of it: neither the callback nor the secret."""
        return Note(
            {
                "event": event,
                "mode": self.mode,
                "channel_id": self.channel_id,
                "callback": fingerprint(self.callback),
                "lease_seconds": self.lease_seconds,
            }
        )

    def to_subscription(self) -> Subscription:
        """Return the subscription that it asks for, its lease beginning now."""
        return Subscription(
            topic=self.topic,
            channel_id=self.channel_id,
            callback=self.callback,
            secret=self.secret,
            expires_at=time.time() + self.lease_seconds,
        )


class Hub:
    """Makes and ends subscriptions, each when its callback has confirmed it."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._exchange = Exchange("hub", simulation.faults, simulation.journal, _refuse)

    def subscribe(self) -> Response:
        """Answer a request to subscribe or unsubscribe."""
        try:
            wish = read_wish(self._simulation.limits.lease_seconds)
        except ValueError as exc:
            refusal = _text(HTTPStatus.BAD_REQUEST, str(exc))
            return self._exchange.answer(Note({"event": "request"}), lambda: refusal)
        return self._exchange.answer(wish.to_note("request"), partial(self._take_up, wish))

    def _take_up(self, wish: Wish) -> Response:
        # Version 0.3 lets a subscriber name both ways, the better one first.
        ways = [way for way in request.form.getlist("hub.verify") if way in {"sync", "async"}]
        if ways[:1] == ["sync"]:
            if self._verify(wish, 1):
                return Response(status=HTTPStatus.NO_CONTENT)
            return _text(HTTPStatus.CONFLICT, "The callback did not confirm the request")
        self._simulation.courier.send(lambda attempt: self._verify(wish, attempt) is not None)
        return _text(HTTPStatus.ACCEPTED, "")

    def _verify(self, wish: Wish, attempt: int) -> bool | None:
        """Ask the callback whether it wants this; None when it could not be asked."""
        challenge = secrets.token_urlsafe(24)
        query = {"hub.mode": wish.mode, "hub.topic": wish.topic, "hub.challenge": challenge}
        if wish.mode == "subscribe":
            query["hub.lease_seconds"] = str(wish.lease_seconds)
        if wish.token is not None:
            query["hub.verify_token"] = wish.token
        joint = "&" if urlsplit(wish.callback).query else "?"
        at = time.time()
        status, body = fetch(f"{wish.callback}{joint}{urlencode(query)}")
        is_confirmed = is_success(status) and body == challenge.encode()
        if is_confirmed and wish.mode == "subscribe":
            self._simulation.world.save_subscription(wish.to_subscription())
        elif is_confirmed:
            self._simulation.world.remove_subscription(wish.to_subscription())
        fields = wish.to_note("verification").fields
        fields |= {"attempt": attempt, "verified": is_confirmed}
        self._simulation.journal.record("hub", status, fields, at=at)
        return (
            None if status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR else is_confirmed
        )


def read_wish(longest_lease: int | None) -> Wish:
    """Read the form of the current request.

    :raises ValueError: says which parameter is wrong.
    """
    form = request.form
    mode, topic, callback = (form.get(f"hub.{name}", "") for name in ("mode", "topic", "callback"))
    if mode not in {"subscribe", "unsubscribe"}:
        raise ValueError(f"Invalid value for hub.mode: {mode}")
    parts = urlsplit(callback)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
        raise ValueError("Invalid parameter: hub.callback; must be a valid URI with no fragment")
    secret = form.get("hub.secret") or None
    if secret is not None and len(secret.encode()) > LONGEST_SECRET:
        raise ValueError("Invalid parameter: hub.secret; must be shorter than 200 bytes")
    lease = form.get("hub.lease_seconds") or str(DEFAULT_LEASE)
    if not lease.isdecimal() or int(lease) == 0:
        raise ValueError(f"Invalid value for hub.lease_seconds: {lease}")
    return Wish(
        mode=mode,
        topic=topic,
        channel_id=_read_channel_id(topic),
        callback=callback,
        secret=secret,
        lease_seconds=min(int(lease), longest_lease or int(lease)),
        token=form.get("hub.verify_token"),
    )


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the hub's one URL."""
    blueprint = Blueprint("hub", __name__, url_prefix="/youtube")
    blueprint.post("/subscribe")(Hub(simulation).subscribe)
    return blueprint


def _read_channel_id(topic: str) -> str:
    # Both forms that YouTube documents are right, and so are those at this simulator's address.
    parts = urlsplit(topic)
    channel_id = parse_qs(parts.query).get("channel_id", [""])[0]
    is_topic = parts.scheme in {"http", "https"} and _TOPIC_PATH.search(parts.path)
    if not is_topic or not _CHANNEL_ID.fullmatch(channel_id):
        raise ValueError("Invalid parameter: hub.topic; must be the feed of a channel")
    return channel_id


def _text(status: int, body: str) -> Response:
    return Response(body, status, mimetype="text/plain")


def _refuse(status: int, _retry_after: float | None) -> Response:
    return _text(status, f"{status} Transient error; please try again later")
