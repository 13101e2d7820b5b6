"""When a Delivery is tried again, and when no more."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.kinds import KINDS
from stargazer.ledger import is_stale
from stargazer.models import Reason, StoredEvent
from stargazer.retries import plan_retry

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_event(kind="youtube/live_start", **fields):
    values = {"kind": kind, "entity": uuid4(), "fields": {}, "happened_at": NOW, "created_at": NOW}
    return StoredEvent(**{**values, **fields})


def plan(event, attempts, now=NOW, most=1000, jitter=1.0):
    return plan_retry(event, attempts, most, now, {}, jitter)


def list_pauses(event, most=1000):
    now, pauses = NOW, []
    while isinstance(pause := plan(event, len(pauses) + 1, now, most), timedelta):
        pauses.append(pause)
        now += pause
    return pauses, pause, now - NOW


@pytest.mark.parametrize(
    ("kind", "longest", "over_after"),
    [
        ("youtube/live_start", timedelta(minutes=9), 3 * HOUR),
        ("twitch/live_title", timedelta(minutes=3), HOUR),
        ("youtube/new_video", HOUR, 72 * HOUR),
    ],
)
def test_pauses_grow_as_far_as_the_kind_can_bear_until_it_is_no_news(kind, longest, over_after):
    pauses, end, took = list_pauses(make_event(kind))
    assert end is Reason.STALE
    assert all(before <= after for before, after in pairwise(pauses))
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=2), longest)
    assert over_after - longest <= took <= over_after


def test_attempts_have_an_end_as_well():
    pauses, end, _ = list_pauses(make_event("youtube/new_video"), most=4)
    assert end is Reason.ATTEMPTS
    assert [pause.total_seconds() for pause in pauses] == [2, 4, 8]


def test_what_is_news_until_a_moment_is_not_tried_after_it():
    starts_at = NOW + timedelta(minutes=5)
    fields = {"scheduled_at": starts_at.isoformat()}
    pauses, end, took = list_pauses(make_event("youtube/broadcast_reminder", fields=fields))
    assert end is Reason.STALE
    assert max(pauses) == timedelta(seconds=15)
    assert took < timedelta(minutes=5)


def test_an_unknown_kind_has_no_end_but_that_of_attempts():
    pauses, end, _ = list_pauses(make_event("foreign/kind"), most=30)
    assert (end, max(pauses)) == (Reason.ATTEMPTS, timedelta(minutes=10))


@given(
    kind=st.sampled_from(sorted(KINDS)),
    attempts=st.integers(1, 500),
    age=st.timedeltas(timedelta(), timedelta(days=4)),
    jitter=st.floats(0.75, 1.25),
)
def test_nothing_is_tried_again_when_it_is_stale_by_then(kind, attempts, age, jitter):
    event = make_event(kind, happened_at=NOW - age)
    pause = plan(event, attempts, jitter=jitter)
    if isinstance(pause, timedelta):
        assert pause > timedelta()
        assert not is_stale(event, NOW + pause, {})
    else:
        assert pause is Reason.STALE
