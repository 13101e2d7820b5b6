"""The subscriber's side of WebSub (and of PubSubHubbub, which YouTube's hub still speaks).

Pure where it decides; only :func:`ask` talks to a hub. A Lease is stored before it is asked for,
because a hub may verify before it has answered.

Source: https://www.w3.org/TR/websub/
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from stargazer.errors import PlatformError, ThrottledError
from stargazer.http import HttpClient
from stargazer.models import Lease, LeaseState

HUB_TIMEOUT = 30.0
#: How often it is looked which Leases are due.
RENEW_SPAN = timedelta(seconds=30)
#: A hub that has not verified by then never got the request, or cannot reach us.
VERIFY_WITHIN = timedelta(minutes=15)
RENEW_AT = 2 / 3
_BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
_MOST_DIGITS = 20
_DIGESTS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


class Answer(Enum):
    """What a hub's call on our callback deserves."""

    CONFIRMED = "confirmed"
    DENIED = "denied"
    UNWANTED = "unwanted"


def new_lease(kind: str, account: str, hub: str, topic: str, base_url: str, now: datetime) -> Lease:
    """Make a Lease that is due to be asked for.

    :param base_url: our public address; the callback is below it, and cannot be guessed.
    """
    token = secrets.token_urlsafe(24)
    return Lease(
        token=token,
        kind=kind,
        account=account,
        hub=hub,
        topic=topic,
        callback=f"{base_url}/push/{token}",
        secret=secrets.token_urlsafe(32),
        renew_at=now,
    )


def ask(http: HttpClient, lease: Lease, mode: str, span: timedelta) -> None:
    """Ask the hub to ``subscribe`` or ``unsubscribe``; it verifies that with a call of its own.

    :raises PlatformError: of the kind that says how to react.
    """
    answer = http.post(
        lease.hub,
        form={
            "hub.mode": mode,
            "hub.topic": lease.topic,
            "hub.callback": lease.callback,
            "hub.secret": lease.secret,
            "hub.lease_seconds": str(int(span.total_seconds())),
            "hub.verify": "async",
        },
        repeatable=True,
        timeout=HUB_TIMEOUT,
    )
    answer.raise_for_status()


def asked(now: datetime) -> dict[str, object]:
    """Give what changes when a request is about to be sent."""
    return {"asked_at": now, "renew_at": now + VERIFY_WITHIN}


def failed(lease: Lease, error: PlatformError, now: datetime) -> dict[str, object]:
    """Give what changes when the hub refused or did not answer: a pause, growing with each."""
    pause = _BACK_OFF[min(lease.failures, len(_BACK_OFF) - 1)]
    if isinstance(error, ThrottledError):
        pause = max(pause, timedelta(seconds=error.retry_after))
    still_valid = lease.state == LeaseState.VERIFIED and lease.expires_at and lease.expires_at > now
    return {
        "state": LeaseState.VERIFIED if still_valid else LeaseState.FAILED,
        "renew_at": now + pause,
        "failures": lease.failures + 1,
        "last_error": error.reason,
    }


def confirm(
    lease: Lease, query: Mapping[str, str], now: datetime
) -> tuple[Answer, dict[str, object]]:
    """Judge a hub's verification: only what we asked for is confirmed.

    :param query: the parameters of its request.
    :returns: the judgement, and what changes in the Lease.
    """
    mode, topic = query.get("hub.mode"), query.get("hub.topic")
    if mode == "denied" and topic in (None, lease.topic):
        # Anybody may send this, so it costs a retry and nothing more.
        if lease.state == LeaseState.REMOVED:
            return Answer.DENIED, {}
        denied = {"last_error": "denied by the hub", "renew_at": now + _BACK_OFF[-1]}
        return Answer.DENIED, denied if lease.state == LeaseState.VERIFIED else {
            **denied,
            "state": LeaseState.DENIED,
        }
    if topic != lease.topic or "hub.challenge" not in query:
        return Answer.UNWANTED, {}
    if mode == "unsubscribe":
        wanted = lease.state == LeaseState.REMOVED
        return (Answer.CONFIRMED if wanted else Answer.UNWANTED), {}
    seconds = query.get("hub.lease_seconds", "")
    wanted = mode == "subscribe" and lease.state != LeaseState.REMOVED and bool(lease.asked_at)
    is_number = seconds.isdecimal() and len(seconds) <= _MOST_DIGITS
    if not wanted or not is_number or int(seconds) == 0:
        return Answer.UNWANTED, {}
    span = timedelta(seconds=min(int(seconds), 366 * 24 * 3600))
    return Answer.CONFIRMED, {
        "state": LeaseState.VERIFIED,
        "expires_at": now + span,
        "renew_at": now + span * RENEW_AT,
        "failures": 0,
        "last_error": None,
    }


def is_signed(secret: str, body: bytes, header: str | None) -> bool:
    """Tell whether ``X-Hub-Signature`` proves that the body comes from who knows the secret.

    :param header: such as ``sha1=<hex>``; None when it was not sent.
    :param body: as received, not decoded.
    """
    method, _, signature = (header or "").partition("=")
    digest = _DIGESTS.get(method.strip().lower())
    if digest is None:
        return False
    expected = hmac.new(secret.encode(), body, digest).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())
