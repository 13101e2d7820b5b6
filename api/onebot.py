"""What QQ's adapter posts to us: what people say, and what happens to the account.

Source: https://github.com/botuniverse/onebot-11/blob/master/communication/http-post.md
"""

import logging
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import flask

from api.body import read_body
from api.failures import AWAY
from api.state import State, get_state, patience
from stargazer import metrics
from stargazer.errors import ForbiddenError, InvalidError, PayloadError, UnavailableError
from stargazer.models import Push
from stargazer.onebot import KIND, health
from stargazer.onebot.events import CALLBACK, Beat, Said, is_signed, read_event
from stargazer.telegram.updates import KIND as COMMANDS

log = logging.getLogger(__name__)

#: What was said before is what an adapter missed, or what somebody repeats who has overheard it.
_OLDEST = timedelta(minutes=15)

blueprint = flask.Blueprint("onebot", __name__)


@blueprint.post(CALLBACK)
def receive() -> flask.Response:
    """Take what the adapter posts, if it proves to know our secret."""
    state = get_state()
    secret = state.context.settings.qq_secret.get_secret_value()
    if not secret:
        raise ForbiddenError("not_wanted", "STARGAZER_QQ_SECRET is not set: no event is accepted")
    body = read_body()
    if not is_signed(secret, flask.request.headers.get("X-Signature", ""), body):
        _count("forged")
        raise ForbiddenError("wrong_signature", "The signature is missing or wrong")
    try:
        event = read_event(body)
    except PayloadError as exc:
        raise InvalidError("invalid_body", str(exc)) from None
    now = datetime.now(UTC)
    match event:
        case None:
            # Most of what people in groups say.
            pass
        case Beat():
            with patience():
                health.note_beat(state.context, online=event.online, now=now)
        case Said() if now - event.said_at > _OLDEST:
            _count("old")
        case _:
            _take(state, body, str(event.chat), now)
    return flask.Response(status=204)


def _take(state: State, body: bytes, chat: str, now: datetime) -> None:
    # The same event is the same body, and no adapter posts it twice by itself.
    push_id = uuid5(NAMESPACE_URL, f"qq {body.hex()}")
    push = Push(
        id=push_id,
        kind=COMMANDS,
        account=f"{KIND} {chat}",
        body=body,
        received_at=now,
        published_at=now,
    )
    try:
        with patience():
            is_new = state.context.store.pushes.insert(push)
    except AWAY:
        _count("unavailable")
        raise
    if not is_new:
        _count("repeated")
        return
    _count("received")
    try:
        state.broker.send(f"{COMMANDS}.receive", str(push.id))
    except UnavailableError:
        # It is kept, and the sweeper brings it; adapters do not post anything again.
        log.warning("push_not_published", extra={"push": push.id})


def _count(outcome: str) -> None:
    metrics.pushes.labels(KIND, outcome).inc()
    level = logging.INFO if outcome in ("received", "repeated") else logging.WARNING
    log.log(level, "push_answered", extra={"kind": KIND, "outcome": outcome})
