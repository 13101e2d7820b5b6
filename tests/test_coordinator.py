"""The schedule in Redis: who is due, and who takes it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.coordinator import (
    forget,
    postpone,
    reconcile,
    schedule_now,
    take_due,
    take_tick,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
KIND = "youtube"


def take(client, now=NOW, span=MINUTE, limit=1000, kind=KIND):
    return take_due(client, kind, now, span, limit)


class TestTaking:
    def test_what_is_due_is_taken_once_and_due_again_one_span_later(self, redis_client):
        task = uuid4()
        schedule_now(redis_client, KIND, task, NOW)
        assert take(redis_client) == [task]
        assert take(redis_client) == []
        assert take(redis_client, NOW + MINUTE - SECOND) == []
        assert take(redis_client, NOW + MINUTE) == [task]

    def test_what_has_waited_longest_comes_first(self, redis_client):
        tasks = [uuid4() for _ in range(5)]
        for number, task in enumerate(tasks):
            schedule_now(redis_client, KIND, task, NOW - number * SECOND)
        assert take(redis_client, limit=2) == [tasks[4], tasks[3]]
        assert take(redis_client) == [tasks[2], tasks[1], tasks[0]]

    def test_after_a_long_rest_each_is_due_once(self, redis_client):
        task = uuid4()
        schedule_now(redis_client, KIND, task, NOW)
        assert take(redis_client, NOW + timedelta(days=1)) == [task]
        assert take(redis_client, NOW + timedelta(days=1)) == []

    def test_kinds_do_not_mix(self, redis_client):
        schedule_now(redis_client, "twitch", uuid4(), NOW)
        assert take(redis_client) == []

    def test_nothing_scheduled_is_nothing_due(self, redis_client):
        assert take(redis_client) == []

    def test_takers_at_once_never_share_a_task(self, redis_client, make_context):
        tasks = {uuid4() for _ in range(200)}
        for task in tasks:
            schedule_now(redis_client, KIND, task, NOW)
        clients = [make_context().redis for _ in range(4)]
        barrier = threading.Barrier(len(clients))

        def take_all(client):
            barrier.wait(10)
            found = []
            while batch := take(client, limit=7):
                found += batch
            return found

        with ThreadPoolExecutor(len(clients)) as pool:
            found = [task for tasks in pool.map(take_all, clients) for task in tasks]
        assert len(found) == 200
        assert set(found) == tasks


class TestMoving:
    def test_a_task_may_be_made_due_at_once(self, redis_client):
        task = uuid4()
        schedule_now(redis_client, KIND, task, NOW + MINUTE)
        schedule_now(redis_client, KIND, task, NOW)
        assert take(redis_client) == [task]

    def test_a_postponed_task_waits_until_then(self, redis_client):
        task = uuid4()
        schedule_now(redis_client, KIND, task, NOW)
        postpone(redis_client, KIND, task, NOW + MINUTE)
        assert take(redis_client) == []
        assert take(redis_client, NOW + MINUTE) == [task]

    def test_postponing_does_not_bring_back_what_was_removed(self, redis_client):
        task = uuid4()
        schedule_now(redis_client, KIND, task, NOW)
        forget(redis_client, KIND, task)
        postpone(redis_client, KIND, task, NOW)
        assert take(redis_client) == []

    def test_what_is_forgotten_is_never_due(self, redis_client):
        task, other = uuid4(), uuid4()
        for each in (task, other):
            schedule_now(redis_client, KIND, each, NOW)
        forget(redis_client, KIND, task)
        forget(redis_client, KIND, uuid4())
        assert take(redis_client) == [other]


class TestReconciling:
    def test_new_tasks_are_spread_over_one_span(self, redis_client):
        tasks = [uuid4() for _ in range(200)]
        assert reconcile(redis_client, KIND, tasks, NOW, MINUTE) == (200, 0)
        scores = [
            score
            for _, score in redis_client.zrange("stargazer:due:youtube", 0, -1, withscores=True)
        ]
        ahead = [score - NOW.timestamp() for score in scores]
        assert min(ahead) >= 0
        assert max(ahead) <= 60
        assert sum(each < 30 for each in ahead) in range(50, 151)
        assert set(take(redis_client, NOW + MINUTE)) == set(tasks)

    def test_what_is_gone_is_removed_and_what_is_there_keeps_its_time(self, redis_client):
        kept, gone, new = uuid4(), uuid4(), uuid4()
        schedule_now(redis_client, KIND, kept, NOW + 30 * MINUTE)
        schedule_now(redis_client, KIND, gone, NOW)
        assert reconcile(redis_client, KIND, [kept, new], NOW, MINUTE) == (1, 1)
        assert take(redis_client, NOW + MINUTE) == [new]
        assert take(redis_client, NOW + 30 * MINUTE - SECOND, span=timedelta(days=1)) == [new]
        assert take(redis_client, NOW + 30 * MINUTE) == [kept]

    def test_a_complete_schedule_is_left_alone(self, redis_client):
        tasks = [uuid4() for _ in range(3)]
        reconcile(redis_client, KIND, tasks, NOW, MINUTE)
        assert reconcile(redis_client, KIND, iter(tasks), NOW, MINUTE) == (0, 0)

    def test_a_wiped_redis_is_filled_again(self, redis_client):
        tasks = [uuid4() for _ in range(3)]
        reconcile(redis_client, KIND, tasks, NOW, MINUTE)
        redis_client.flushall()
        assert reconcile(redis_client, KIND, tasks, NOW, MINUTE) == (3, 0)

    def test_without_tasks_nothing_is_left(self, redis_client):
        schedule_now(redis_client, KIND, uuid4(), NOW)
        assert reconcile(redis_client, KIND, [], NOW, MINUTE) == (0, 1)
        assert redis_client.exists("stargazer:due:youtube") == 0


class TestTicks:
    def test_of_two_beats_one_ticks(self, redis_client):
        assert take_tick(redis_client, "sweep", 5 * SECOND, NOW)
        assert not take_tick(redis_client, "sweep", 5 * SECOND, NOW + 4 * SECOND)
        assert take_tick(redis_client, "sweep", 5 * SECOND, NOW + 5 * SECOND)

    def test_each_name_has_ticks_of_its_own(self, redis_client):
        assert take_tick(redis_client, "one", SECOND, NOW)
        assert take_tick(redis_client, "two", SECOND, NOW)

    def test_beats_at_once_share_a_slot(self, redis_client):
        barrier = threading.Barrier(8)

        def tick(_):
            barrier.wait(10)
            return take_tick(redis_client, "sweep", MINUTE, NOW)

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(tick, range(8))) == 1

    @pytest.mark.parametrize("span", [timedelta(seconds=0.2), MINUTE, timedelta(days=1)], ids=str)
    def test_a_slot_is_remembered_for_longer_than_it_lasts(self, redis_client, span):
        take_tick(redis_client, "sweep", span, NOW)
        [key] = redis_client.keys("stargazer:tick:*")
        assert redis_client.ttl(key) >= span.total_seconds()
