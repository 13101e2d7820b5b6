"""Until when a User is not to be disturbed."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.models import QuietHours, UserSettings
from stargazer.quiet import find_quiet_end, is_quiet

POST, START = "twitter/new_tweet", "youtube/live_start"
NIGHT = QuietHours(start=time(23), end=time(7))
NOON = QuietHours(start=time(12), end=time(13, 30))


def find(hours, zone, now, kind=POST, **settings):
    reader = UserSettings(timezone=zone, quiet_hours=hours, **settings)
    return find_quiet_end(reader, kind, datetime.fromisoformat(now))


@pytest.mark.parametrize(
    ("hours", "zone", "now", "end"),
    [
        (NIGHT, "UTC", "2026-11-25T22:59:59+00:00", None),
        (NIGHT, "UTC", "2026-11-25T23:00:00+00:00", "2026-11-26T07:00:00+00:00"),
        (NIGHT, "UTC", "2026-11-26T06:59:59+00:00", "2026-11-26T07:00:00+00:00"),
        (NIGHT, "UTC", "2026-11-26T07:00:00+00:00", None),
        (NIGHT, "Asia/Tokyo", "2026-11-25T14:30:00+00:00", "2026-11-25T22:00:00+00:00"),
        (NIGHT, "Asia/Tokyo", "2026-11-25T23:30:00+00:00", None),
        (NOON, "UTC", "2026-11-25T12:10:00+00:00", "2026-11-25T13:30:00+00:00"),
        (NOON, "UTC", "2026-11-25T23:10:00+00:00", None),
        # The night in which clocks go forward has an hour less, the other one an hour more.
        (NIGHT, "Europe/Berlin", "2026-03-28T22:30:00+00:00", "2026-03-29T05:00:00+00:00"),
        (NIGHT, "Europe/Berlin", "2026-10-24T21:30:00+00:00", "2026-10-25T06:00:00+00:00"),
        (NIGHT, "Atlantis/Poseidonis", "2026-11-25T23:30:00+00:00", "2026-11-26T07:00:00+00:00"),
        (None, "UTC", "2026-11-25T23:30:00+00:00", None),
    ],
)
def test_they_end_when_the_clock_of_the_user_says_so(hours, zone, now, end):
    assert find(hours, zone, now) == (datetime.fromisoformat(end) if end else None)


def test_an_hour_that_a_clock_shows_twice_is_quiet_twice():
    hours = QuietHours(start=time(2), end=time(3))
    first, second = "2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"
    ends = {find(hours, "Europe/Berlin", now) for now in (first, second)}
    assert ends == {datetime(2026, 10, 25, 2, tzinfo=UTC)}


def test_what_may_wake_is_told_at_once():
    at_night = "2026-11-25T23:30:00+00:00"
    assert find(NIGHT, "UTC", at_night, START) is None
    assert find(NIGHT, "UTC", at_night, START, waking_kinds=()) is not None
    assert find(NIGHT, "UTC", at_night, POST, waking_kinds=[POST]) is None


def test_who_is_muted_hears_of_nothing_until_then():
    until = datetime(2026, 11, 25, 20, tzinfo=UTC)
    for kind in (POST, START):
        assert find(None, "UTC", "2026-11-25T19:59:00+00:00", kind, muted_until=until) == until
        assert find(None, "UTC", "2026-11-25T20:00:00+00:00", kind, muted_until=until) is None


@given(
    start=st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0)),
    end=st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0)),
    zone=st.sampled_from(["UTC", "Asia/Tokyo", "Europe/Berlin", "America/St_Johns"]),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_an_end_is_ahead_within_a_day_and_not_quiet_itself(start, end, zone, now):
    settings = UserSettings(timezone=zone, quiet_hours=QuietHours(start=start, end=end))
    found = find_quiet_end(settings, POST, now)
    if found is None:
        return
    assert timedelta() < found - now <= timedelta(hours=25)
    assert start == end or find_quiet_end(settings, POST, found) is None


@pytest.mark.parametrize(
    ("settings", "quiet"),
    [
        (UserSettings(), False),
        (UserSettings(quiet_hours=NIGHT), True),
        (UserSettings(quiet_hours=NOON), False),
        (UserSettings(muted_until=datetime(2026, 11, 26, tzinfo=UTC)), True),
    ],
    ids=["never", "at night", "at noon", "muted"],
)
def test_what_may_wake_calls_nobody_aloud(settings, quiet):
    assert is_quiet(settings, datetime(2026, 11, 25, 23, 30, tzinfo=UTC)) is quiet
