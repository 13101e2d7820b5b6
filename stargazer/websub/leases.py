"""A subscription at a hub, from the wish for it to its end. All pure.

::

                 ┌───────────── denied ◀── refused by the hub at any time
                 ▼                 ▲
    pending ──asked──▶ (waiting) ──┴─verified──▶ verified ──time is over──▶ lapsed
       ▲                 │  not verified in time                              │
       └──── failed ◀────┘◀───────────────────── asked again ◀────────────────┘

    any ──nobody needs it──▶ removed ──the hub confirms, or its time is over──▶ forgotten
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from stargazer.errors import PlatformError
from stargazer.models import Lease, LeaseState
from stargazer.websub.hubs import STEPS

#: How often it is looked which Leases are due.
RENEW_SPAN = timedelta(seconds=30)
#: A hub that has not verified by then never got the request, or cannot reach us.
VERIFY_WITHIN = timedelta(minutes=15)
#: The part of a lease after which it is renewed, or a little earlier.
RENEW_AT = 2 / 3
_JITTER = 0.1
#: A hub that does not confirm an end is asked so often.
_MOST_FAREWELLS = 6
_MOST_DIGITS = 20
_MOST_REASON = 200
_LONGEST = 366 * 24 * 3600


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


def asked(now: datetime) -> dict[str, object]:
    """Give what changes when a request is about to be sent."""
    return {"asked_at": now, "renew_at": now + VERIFY_WITHIN}


def lapse(lease: Lease, now: datetime) -> dict[str, object]:
    """Give what changes when the time of a Lease is over."""
    is_lapsed = lease.state == LeaseState.VERIFIED and not _is_valid(lease, now)
    return {"state": LeaseState.LAPSED} if is_lapsed else {}


def give_up(lease: Lease) -> dict[str, object]:
    """Give what changes before a Lease is asked for again that the hub has not verified."""
    if not _is_waiting(lease):
        return {}
    minutes = VERIFY_WITHIN // timedelta(minutes=1)
    changes: dict[str, object] = {
        "failures": lease.failures + 1,
        "last_error": f"the hub has not verified it within {minutes} minutes",
    }
    return changes | ({"state": LeaseState.FAILED} if lease.state == LeaseState.PENDING else {})


def refused(lease: Lease, error: PlatformError, now: datetime) -> dict[str, object]:
    """Give what changes when the hub refused this one: a pause, growing with each."""
    changes: dict[str, object] = {
        "renew_at": now + STEPS[min(lease.failures, len(STEPS) - 1)],
        "failures": lease.failures + 1,
        "last_error": error.reason,
    }
    return changes | _fall_to(lease, LeaseState.FAILED, now)


def put_off(lease: Lease, error: PlatformError, now: datetime) -> dict[str, object]:
    """Give what changes when the hub is in trouble: it is due again when the hub is back."""
    changes = hold_back(lease, now) | {"last_error": error.reason}
    # It says nothing of this one, and so what has lapsed is still shown as that.
    is_lapsed = lease.state == LeaseState.LAPSED
    return changes | ({} if is_lapsed else _fall_to(lease, LeaseState.FAILED, now))


def hold_back(lease: Lease, now: datetime) -> dict[str, object]:
    """Give what changes when the hub was not asked after all: no verification is waited for."""
    return {"asked_at": lease.verified_at, "renew_at": now}


def is_over(lease: Lease, now: datetime) -> bool:
    """Tell whether a Lease that nobody needs can be forgotten."""
    if lease.state != LeaseState.REMOVED:
        return False
    was_never_there = lease.asked_at is None and lease.verified_at is None
    return was_never_there or not _is_valid(lease, now) or lease.failures >= _MOST_FAREWELLS


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
        reason = query.get("hub.reason", "").strip()[:_MOST_REASON]
        error = f"denied by the hub: {reason}" if reason else "denied by the hub"
        denied = {"last_error": error, "renew_at": now + STEPS[-1]}
        return Answer.DENIED, denied | _fall_to(lease, LeaseState.DENIED, now)
    if topic != lease.topic or "hub.challenge" not in query:
        return Answer.UNWANTED, {}
    if mode == "unsubscribe":
        wanted = lease.state == LeaseState.REMOVED
        # A little later it is forgotten; until then a late push is told that we are gone.
        over: dict[str, object] = {"expires_at": now}
        return (Answer.CONFIRMED, over) if wanted else (Answer.UNWANTED, {})
    seconds = query.get("hub.lease_seconds", "")
    wanted = mode == "subscribe" and lease.state != LeaseState.REMOVED and bool(lease.asked_at)
    is_number = seconds.isdecimal() and len(seconds) <= _MOST_DIGITS
    if not wanted or not is_number or int(seconds) == 0:
        return Answer.UNWANTED, {}
    span = timedelta(seconds=min(int(seconds), _LONGEST))
    return Answer.CONFIRMED, {
        "state": LeaseState.VERIFIED,
        "verified_at": now,
        "expires_at": now + span,
        "renew_at": now + span * RENEW_AT * (1 - _JITTER * draw(lease)),
        "failures": 0,
        "last_error": None,
    }


def draw(lease: Lease) -> float:
    """Give a number between 0 and 1 that is this Lease's own, and always the same."""
    return int.from_bytes(hashlib.sha256(lease.token.encode()).digest()[:4]) / 2**32


def _fall_to(lease: Lease, state: LeaseState, now: datetime) -> dict[str, object]:
    # What the hub says now does not end what it has granted before.
    if lease.state == LeaseState.REMOVED:
        return {}
    return {} if lease.state == LeaseState.VERIFIED and _is_valid(lease, now) else {"state": state}


def _is_valid(lease: Lease, now: datetime) -> bool:
    return lease.expires_at is not None and lease.expires_at > now


def _is_waiting(lease: Lease) -> bool:
    if lease.asked_at is None:
        return False
    return lease.verified_at is None or lease.verified_at < lease.asked_at
