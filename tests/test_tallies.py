"""What happens minute by minute, and where that is kept."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from stargazer.models import DeliveryState
from stargazer.tallies import SHOWN, Minute, Tallies, find_bucket, find_quantile, read

AT = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)
SENT, FAILED = DeliveryState.SENT, DeliveryState.FAILED


@pytest.fixture
def at(time_machine):
    """Give a function that moves the clock to so many minutes after noon."""

    def move(minutes):
        time_machine.move_to(AT + timedelta(minutes=minutes), tick=False)
        return AT + timedelta(minutes=minutes)

    return move


@pytest.fixture
def away(free_port):
    """Give a Redis that is not there."""
    with redis.Redis(port=free_port(), retry=None) as client:
        yield client


def list_events(client, now):
    return [sum(minute.events.values()) for minute in read(client, now)]


def test_what_several_processes_count_is_one_number(redis_client, at):
    now = at(0)
    for _ in range(2):
        tallies = Tallies()
        tallies.count_event("youtube/live_start")
        tallies.count_delivery("telegram", SENT)
        tallies.count_delivery("telegram", FAILED)
        tallies.observe_age(1.0)
        assert tallies.give(redis_client)
    *before, last = read(redis_client, now)
    assert len(before) == SHOWN - 1
    assert not any(minute.events or minute.deliveries or minute.ages for minute in before)
    assert last == Minute(
        at=AT.replace(second=0),
        events={"youtube/live_start": 2},
        deliveries={("telegram", SENT): 2, ("telegram", FAILED): 2},
        ages={find_bucket(1.0): 2},
    )


def test_each_minute_has_its_own(redis_client, at):
    tallies = Tallies()
    for minute in (0, 1, 1, 3):
        at(minute)
        tallies.count_event("feed/new_entry")
    tallies.give(redis_client)
    assert list_events(redis_client, at(3))[-4:] == [1, 2, 0, 1]
    assert list_events(redis_client, at(SHOWN))[:3] == [2, 0, 1]
    assert list_events(redis_client, at(SHOWN + 3)) == [0] * SHOWN


def test_it_is_given_once_and_does_not_stay_for_ever(redis_client, at):
    tallies = Tallies()
    now = at(0)
    tallies.count_event("feed/new_entry")
    for _ in range(2):
        assert tallies.give(redis_client)
    assert sum(list_events(redis_client, now)) == 1
    (key,) = redis_client.keys("stargazer:minute:*")
    assert SHOWN * 60_000 < redis_client.pttl(key) <= 3 * 3_600_000


def test_a_redis_that_is_away_loses_nothing_of_the_last_hour(redis_client, away, at):
    tallies = Tallies()
    for minute in (0, 1, SHOWN):
        at(minute)
        tallies.count_event("feed/new_entry")
        assert not tallies.give(away)
    tallies.count_event("feed/new_entry")
    assert tallies.give(redis_client)
    assert [count for count in list_events(redis_client, at(SHOWN)) if count] == [1, 2]


def test_memory_does_not_grow_where_nobody_takes_it(redis_client, at):
    tallies = Tallies()
    for minute in range(3 * SHOWN):
        at(minute)
        tallies.count_event("feed/new_entry")
    tallies.give(redis_client)
    assert len(redis_client.keys("stargazer:minute:*")) == SHOWN


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_thread_takes_it_there_and_whoever_counts_waits_for_nobody(redis_client, away):
    tallies = Tallies()
    asked = []

    def get_client():
        asked.append(len(asked))
        return redis_client if len(asked) > 1 else away

    tallies.start(get_client)
    assert not asked
    tallies.count_event("feed/new_entry")
    wait_for(lambda: sum(list_events(redis_client, datetime.now(UTC))) == 1)
    assert len(asked) >= 2


def test_what_goes_wrong_in_the_thread_does_not_end_it(redis_client, caplog):
    tallies = Tallies()
    answers = [None, redis_client]
    tallies.start(lambda: answers.pop(0) if len(answers) > 1 else answers[0])
    tallies.count_event("feed/new_entry")
    wait_for(lambda: "tallies_failed" in caplog.messages)
    tallies.count_event("feed/new_entry")
    wait_for(lambda: sum(list_events(redis_client, datetime.now(UTC))) >= 1)


def test_a_child_counts_for_itself(redis_client, at):
    now = at(0)
    tallies = Tallies()
    tallies.count_event("feed/new_entry")
    tallies.forget()
    tallies.count_event("feed/new_entry")
    assert tallies.give(redis_client)
    assert sum(list_events(redis_client, now)) == 1


@given(st.floats(0, 1e7))
def test_an_age_is_in_a_bucket_that_is_as_exact_as_is_said(age):
    minute = Minute(AT, {}, {}, {find_bucket(age): 1})
    told = find_quantile([minute], 0.5)
    assert age <= told * (1 + 1e-9) or find_bucket(age) == 100
    assert told <= max(age * 1.2, 0.05)


@given(st.lists(st.floats(0.1, 1e4), min_size=1), st.sampled_from([0.5, 0.99]))
def test_a_share_of_what_was_sent_was_no_older(ages, share):
    minutes = [Minute(AT, {}, {}, {find_bucket(age): 1}) for age in ages]
    told = find_quantile(minutes, share)
    assert sum(age <= told * (1 + 1e-9) for age in ages) >= share * len(ages)


def test_of_nothing_there_is_no_age():
    assert find_quantile([], 0.5) is None
    assert find_quantile([Minute(AT, {}, {}, {})], 0.99) is None
