"""What ``stargazer sources`` says, state by state."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.alarms import raise_alarm
from stargazer.coordinator.members import announce
from stargazer.coordinator.schedule import schedule_now
from stargazer.models import PlatformState, Task, Watch
from stargazer.platforms.registry import PLATFORMS

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def add(store, redis_client):
    def add(kind, name, **watch):
        field = PLATFORMS[kind].field
        task = Task(entity=uuid4(), kind=kind, params={field: name}, watch=Watch(**watch))
        store.tasks.save(task)
        schedule_now(redis_client, kind, task.id)
        return task

    return add


def read(run, *arguments):
    result = run("sources", *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_all_platforms_are_a_table(run):
    lines = read(run).splitlines()
    assert [line.split()[0] for line in lines[: len(PLATFORMS) + 1]] == ["PLATFORM", *PLATFORMS]


def test_what_is_not_watched_says_why(run, add):
    add("twitch", "vedal987")
    add("youtube", "UC1")
    said = read(run)
    assert "twitch: NOT WATCHED: STARGAZER_TWITCH_CLIENT_ID" in said
    assert "youtube: NOBODY watches it" in said
    assert "STARGAZER_PUBLIC_URL is not set" in said


def test_a_platform_that_is_well_says_nothing_more(run, add, store, redis_client, make_member):
    add("bililive", "5")
    announce(redis_client, make_member(kinds=frozenset({"bililive"})), HOUR)
    store.platforms.save(PlatformState(kind="bililive", succeeded_at=NOW))
    said = read(run)
    assert "bililive:" not in said
    [row] = [line for line in said.splitlines() if line.startswith("bililive")]
    assert row.split()[1:6] == ["1", "0", "0", "0", "1"]


def test_a_pause_says_since_when_until_when_and_why(run, add, store):
    add("bililive", "5")
    store.platforms.save(
        PlatformState(
            kind="bililive",
            failures=3,
            last_error="code -352",
            paused_since=NOW - 3 * HOUR,
            paused_until=NOW + 5.2 * HOUR,
        )
    )
    raise_alarm(store, "bililive", "code -352", NOW - 3 * HOUR, kind="bililive")
    said = read(run)
    assert "bililive: left alone since 3 h, for another 5 h: code -352" in said
    assert "bililive: ALARM for 3 h: code -352" in said


def test_the_accounts_of_one_that_fail_are_named_with_their_reason(run, add):
    add("youtube", "UCfine")
    add(
        "youtube",
        "UCbad",
        failures=3,
        failed_at=NOW - 3 * HOUR,
        last_error="HTTP 404",
        paused_until=NOW + 5.2 * HOUR,
    )
    said = read(run, "youtube")
    assert "youtube: 2 accounts, 1 failing, 0 gone, 0 paused" in said
    assert "UCbad: failed 3 times, 3 h ago: HTTP 404; again in 5 h" in said
    assert "UCfine" not in said


def test_a_kind_that_is_none_is_refused_with_those_that_are(run):
    result = run("sources", "myspace")
    assert result.exit_code == 2
    assert "youtube" in result.output
