from datetime import UTC, datetime, timedelta

import pytest

from stargazer.errors import (
    BlockedError,
    CredentialsError,
    GoneError,
    PayloadError,
    QuotaError,
    ThrottledError,
    TransientError,
)
from stargazer.models import PlatformState, Watch
from stargazer.pausing import (
    fail_account,
    fail_platform,
    is_paused,
    needs_operator,
    see_account,
    see_platform,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UNKNOWN = PlatformState(kind="bilibili")


@pytest.mark.parametrize(
    ("failures", "error", "span", "pause"),
    [
        (0, TransientError("HTTP 500"), MINUTE, 2 * MINUTE),
        (2, TransientError("HTTP 500"), MINUTE, 8 * MINUTE),
        (99, TransientError("HTTP 500"), MINUTE, 60 * MINUTE),
        (99, TransientError("HTTP 500"), timedelta(hours=6), timedelta(hours=6)),
        (0, ThrottledError("HTTP 429", 1800.0), MINUTE, 30 * MINUTE),
        (0, ThrottledError("HTTP 429", 1.0), MINUTE, 2 * MINUTE),
        (0, GoneError("HTTP 410"), MINUTE, timedelta(days=1)),
        (0, PayloadError("not JSON"), MINUTE, 2 * MINUTE),
    ],
    ids=["first", "third", "at most an hour", "a long span", "told how long", "told less", "gone",
         "garbage"],
)  # fmt: skip
def test_how_long_an_account_is_left_alone(failures, error, span, pause):
    watch = fail_account(Watch(failures=failures), error, span, NOW)
    assert watch.paused_until == NOW + pause
    assert watch.failures == failures + 1
    assert watch.gone == isinstance(error, GoneError)
    assert watch.last_error == str(error)


def test_success_forgets_the_failures_of_an_account_and_nothing_else():
    watch = Watch(etag="x", failures=3, failed_at=NOW, last_error="e", paused_until=NOW, gone=True)
    assert see_account(watch, NOW) == Watch(etag="x", looked_at=NOW, failed_at=NOW)


def test_a_platform_that_blocks_us_is_left_alone_for_longer_each_time():
    error = BlockedError("code -352", (300.0, 1200.0, 2700.0))
    state, pauses = UNKNOWN, []
    for _ in range(4):
        state = fail_platform(state, error, NOW)
        pauses.append((state.paused_until - NOW) / MINUTE)
    assert pauses == [5, 20, 45, 45]
    assert state.paused_since == NOW
    state = see_platform(state, NOW + MINUTE)
    assert not is_paused(state, NOW)
    assert fail_platform(state, error, NOW).paused_until == NOW + 5 * MINUTE


def test_passing_trouble_pauses_no_platform():
    state = fail_platform(UNKNOWN, TransientError("HTTP 500"), NOW)
    assert not is_paused(state, NOW)
    assert state.failures == 1


def test_a_pause_is_over_when_its_time_has_come():
    state = fail_platform(UNKNOWN, ThrottledError("HTTP 429", 60.0), NOW)
    assert is_paused(state, NOW + 0.9 * MINUTE)
    assert not is_paused(state, NOW + MINUTE)


@pytest.mark.parametrize(
    ("error", "failures", "silent", "wanted"),
    [
        (QuotaError("spent", 60.0), 1, 0, True),
        (CredentialsError("HTTP 401", 60.0), 1, 0, True),
        (BlockedError("code -352", (300.0,)), 1, 0, True),
        (ThrottledError("HTTP 429", 60.0), 99, 99, False),
        (TransientError("HTTP 500"), 99, 14, False),
        (TransientError("HTTP 500"), 2, 16, False),
        (TransientError("HTTP 500"), 3, 16, True),
    ],
    ids=["quota", "key", "blocked", "pace", "not for long", "not often", "down"],
)
def test_which_trouble_is_worth_an_alarm(error, failures, silent, wanted):
    state = PlatformState(kind="x", failures=failures, succeeded_at=NOW - silent * MINUTE)
    assert needs_operator(state, error, NOW) is wanted
