"""What Twitch sends us: challenges, news, and the end of a subscription.

Source: https://dev.twitch.tv/docs/eventsub/handling-webhook-events
"""

import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import flask
import redis

from api.body import read_body
from api.state import get_state, patience
from stargazer import metrics
from stargazer.errors import ForbiddenError, InvalidError, NotFoundError, UnavailableError
from stargazer.models import Push
from stargazer.twitch import CALLBACK, find_missing, get_push_secret

log = logging.getLogger(__name__)

blueprint = flask.Blueprint("eventsub", __name__)

KIND = "twitch"
_RETRY = "Twitch-Eventsub-Message-Retry"
#: What is older may be somebody who repeats what he has overheard.
_OLDEST = timedelta(minutes=10)
#: For so long it is remembered which messages were received.
_REMEMBERED = timedelta(minutes=15)


@blueprint.post(CALLBACK)
def receive() -> flask.Response:
    """Take what Twitch sent, if it proves to know our secret."""
    settings = get_state().context.settings
    if find_missing(settings):
        raise NotFoundError("not_wanted")
    body = read_body()
    headers = flask.request.headers
    message_id = headers.get("Twitch-Eventsub-Message-Id", "")
    sent_at = headers.get("Twitch-Eventsub-Message-Timestamp", "")
    # The header as it came: written anew, a time might have other zeros.
    signed = message_id.encode() + sent_at.encode() + body
    digest = hmac.new(get_push_secret(settings).encode(), signed, hashlib.sha256).hexdigest()
    signature = headers.get("Twitch-Eventsub-Message-Signature", "")
    if not hmac.compare_digest(f"sha256={digest}".encode(), signature.encode()):
        _count("forged")
        raise ForbiddenError("wrong_signature", "The signature is missing or wrong")
    if _is_old(sent_at):
        _count("old")
        raise ForbiddenError("too_old", "The message is over ten minutes old")
    message = _read(body)
    match headers.get("Twitch-Eventsub-Message-Type"):
        case "webhook_callback_verification":
            _count("verified")
            return flask.Response(str(message.get("challenge", "")), mimetype="text/plain")
        case "revocation":
            # The next look at the list of subscriptions does what is to be done.
            ended = message.get("subscription")
            status = ended.get("status") if isinstance(ended, dict) else None
            log.warning("subscription_revoked", extra={"kind": KIND, "status": str(status)[:80]})
            _count("revoked")
        case "notification":
            _take(message_id, message, body)
    return flask.Response(status=204)


def _take(message_id: str, message: dict[str, object], body: bytes) -> None:
    state = get_state()
    event = message.get("event")
    account = event.get("broadcaster_user_id") if isinstance(event, dict) else None
    if not isinstance(account, str):
        raise InvalidError("invalid_body", "The event is about nobody")
    # The same message has the same id, also when it comes twice in the same moment.
    push_id = uuid5(NAMESPACE_URL, f"twitch {message_id}")
    key = f"stargazer:twitch:seen:{push_id}"
    if _is_known(state.context.redis, key):
        _count("repeated")
        return
    now = datetime.now(UTC)
    push = Push(
        id=push_id, kind=KIND, account=account, body=body, received_at=now, published_at=now
    )
    try:
        with patience():
            is_new = state.context.store.pushes.insert(push)
        if not is_new and not flask.request.headers.get(_RETRY, "0").strip("0"):
            _count("repeated")
            return
        # One that is sent again because the broker did not take it is published again.
        state.broker.send(f"{KIND}.receive", str(push.id))
    except UnavailableError:
        _count("unavailable")
        raise
    # Only now: what was not taken has to be taken when it is sent again.
    _remember(state.context.redis, key)
    _count("received")


def _is_known(client: "redis.Redis", key: str) -> bool:
    try:
        return bool(client.exists(key))
    except redis.RedisError:
        # Whoever works on it twice finds that nothing is new.
        return False


def _remember(client: "redis.Redis", key: str) -> None:
    try:
        client.set(key, 1, px=int(_REMEMBERED.total_seconds() * 1000))
    except redis.RedisError:
        log.warning("message_not_remembered", extra={"kind": KIND})


def _is_old(sent_at: str) -> bool:
    try:
        at = datetime.fromisoformat(sent_at)
    except ValueError:
        return True
    return at.tzinfo is None or abs(datetime.now(UTC) - at) > _OLDEST


def _read(body: bytes) -> dict[str, object]:
    try:
        message = json.loads(body)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        raise InvalidError("invalid_body", "The body is no JSON object")
    return message


def _count(outcome: str) -> None:
    metrics.pushes.labels(KIND, outcome).inc()
    level = logging.INFO if outcome in ("received", "verified", "repeated") else logging.WARNING
    log.log(level, "push_answered", extra={"kind": KIND, "outcome": outcome})
