"""Which state follows from which, for all states and all that may happen."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.errors import PlatformError, ThrottledError, TransientError
from stargazer.models import Lease, LeaseState
from stargazer.websub import confirm, give_up, hold_back, lapse, put_off, refused

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TOPIC = "https://blog.test/feed"


def verify(mode):
    query = {"hub.mode": mode, "hub.topic": TOPIC, "hub.challenge": "abc"}
    return query | {"hub.lease_seconds": "86400"}


EVENTS = {
    "verified": lambda lease: confirm(lease, verify("subscribe"), NOW)[1],
    "denied": lambda lease: confirm(lease, verify("denied"), NOW)[1],
    "end confirmed": lambda lease: confirm(lease, verify("unsubscribe"), NOW)[1],
    "not verified in time": give_up,
    "refused": lambda lease: refused(lease, PlatformError("HTTP 409"), NOW),
    "hub down": lambda lease: put_off(lease, TransientError("HTTP 500"), NOW),
    "hub asks for a pause": lambda lease: put_off(lease, ThrottledError("HTTP 503", 120), NOW),
    "not asked after all": lambda lease: hold_back(lease, NOW),
    "looked at": lambda lease: lapse(lease, NOW),
}

#: By state, what each of the events above makes of it, in their order; ``.``: it stays as it is.
TABLE = {
    #          verified   denied    end  not verified  refused   down      pause     held  looked at
    "pending": ("verified", "denied", ".", "failed", "failed", "failed", "failed", ".", "."),
    "valid": (".", ".", ".", ".", ".", ".", ".", ".", "."),
    "over": (".", "denied", ".", ".", "failed", "failed", "failed", ".", "lapsed"),
    "denied": ("verified", ".", ".", ".", "failed", "failed", "failed", ".", "."),
    "failed": ("verified", "denied", ".", ".", ".", ".", ".", ".", "."),
    "lapsed": ("verified", "denied", ".", ".", "failed", ".", ".", ".", "."),
    "removed": (".", ".", ".", ".", ".", ".", ".", ".", "."),
}

#: ``verified`` is two states here: its time is over a moment before anybody looks.
EXPIRY = {"valid": NOW + DAY, "over": NOW, "lapsed": NOW - DAY, "removed": NOW + DAY}


def make_lease(state):
    return Lease(
        token="token",
        kind="feed",
        account="account",
        hub="https://hub.test/",
        topic=TOPIC,
        callback="https://me.test/push/token",
        secret="a secret",
        state=LeaseState.VERIFIED if state in ("valid", "over") else LeaseState(state),
        asked_at=NOW,
        verified_at=NOW - DAY if state in EXPIRY else None,
        expires_at=EXPIRY.get(state),
        renew_at=NOW,
    )


CASES = [
    (state, event, follows)
    for state, row in TABLE.items()
    for event, follows in zip(EVENTS, row, strict=True)
]


@pytest.mark.parametrize(("state", "event", "follows"), CASES, ids=lambda value: value)
def test_what_follows(state, event, follows):
    lease = make_lease(state)
    after = lease.model_copy(update=EVENTS[event](lease))
    assert after.state == (lease.state if follows == "." else LeaseState(follows))
    # Nothing that is left to itself waits for ever, and nothing is asked for without a pause.
    assert after.renew_at <= NOW + DAY
    if event in ("refused", "denied") and lease.state != LeaseState.REMOVED:
        assert after.renew_at > NOW


def test_every_state_can_be_reached_and_is_in_the_table():
    reached = {follows for _, _, follows in CASES} - {"."}
    states = {state.value for state in LeaseState}
    # A Lease begins as pending; the Task that is taken away makes it removed.
    assert states - reached == {"pending", "removed"}
    assert states - set(TABLE) == {"verified"}
