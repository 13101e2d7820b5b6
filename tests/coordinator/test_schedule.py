"""The schedule in Redis: who is due."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest

from stargazer.coordinator.schedule import (
    forget,
    get_backlog,
    hasten,
    list_all,
    list_due,
    list_due_times,
    postpone,
    reconcile,
    schedule_now,
)
from stargazer.store.tasks import LastLook

MINUTE = timedelta(minutes=1)
NOW = timedelta()
KIND = "youtube"
KEY = "stargazer:due:youtube"


@pytest.fixture
def put(redis_client):
    """Give a function that puts a Task on the schedule, due so many seconds from now."""

    def put(seconds, task=None):
        task = task or uuid4()
        redis_client.zadd(KEY, {str(task): time.time() + seconds})
        return task

    return put


def list_now(client, limit=1000):
    return list_due(client, KIND, limit)


class TestListing:
    def test_what_has_waited_longest_comes_first(self, redis_client, put):
        tasks = [put(-number) for number in range(1, 6)]
        put(60)
        assert list_now(redis_client) == tasks[::-1]
        assert list_now(redis_client, limit=2) == [tasks[4], tasks[3]]

    def test_kinds_do_not_mix(self, redis_client):
        schedule_now(redis_client, "twitch", uuid4())
        assert list_now(redis_client) == []

    def test_it_is_told_when_each_is_due(self, redis_client, put):
        soon, late, missing = put(30), put(-30), uuid4()
        due = list_due_times(redis_client, KIND, [soon, late, missing])
        assert due == [pytest.approx(30, abs=2), pytest.approx(-30, abs=2), None]
        assert list_due_times(redis_client, KIND, []) == []

    def test_the_backlog_is_as_old_as_what_is_due_longest(self, redis_client, put):
        assert get_backlog(redis_client, KIND) == (0, 0)
        put(60)
        assert get_backlog(redis_client, KIND) == (1, 0)
        put(-90)
        put(-5)
        assert get_backlog(redis_client, KIND) == (3, pytest.approx(90, abs=2))


class TestMoving:
    def test_a_task_may_be_made_due_at_once(self, redis_client, put):
        task, new = put(60), uuid4()
        for each in (task, new):
            schedule_now(redis_client, KIND, each)
        assert set(list_now(redis_client)) == {task, new}

    def test_a_postponed_task_waits(self, redis_client, put):
        task = put(-1)
        postpone(redis_client, KIND, task, MINUTE)
        assert list_now(redis_client) == []
        assert list_due_times(redis_client, KIND, [task]) == [pytest.approx(60, abs=2)]

    @pytest.mark.parametrize(("before", "after"), [(120, 60), (30, 30)], ids=["later", "sooner"])
    def test_a_task_may_be_hastened_but_not_delayed_by_it(self, redis_client, put, before, after):
        task = put(before)
        hasten(redis_client, KIND, task, MINUTE)
        assert list_due_times(redis_client, KIND, [task]) == [pytest.approx(after, abs=2)]

    @pytest.mark.parametrize("move", [postpone, hasten])
    def test_moving_does_not_bring_back_what_was_removed(self, redis_client, put, move):
        task = put(-1)
        forget(redis_client, KIND, task)
        move(redis_client, KIND, task, NOW)
        assert list_all(redis_client, KIND) == []

    def test_what_is_forgotten_is_never_due(self, redis_client, put):
        task, other = put(-1), put(-1)
        forget(redis_client, KIND, task)
        forget(redis_client, KIND, uuid4())
        assert list_now(redis_client) == [other]


class TestReconciling:
    def reconcile(self, client, *tasks, ago=None, pause=0.0):
        return reconcile(client, KIND, dict.fromkeys(tasks, LastLook(ago, pause)), MINUTE)

    def test_new_tasks_are_spread_over_one_span(self, redis_client):
        tasks = [uuid4() for _ in range(200)]
        assert self.reconcile(redis_client, *tasks) == (200, 0)
        ahead = list_due_times(redis_client, KIND, tasks)
        assert min(ahead) >= -2
        assert max(ahead) <= 60
        assert sum(each < 30 for each in ahead) in range(50, 151)

    def test_what_failed_is_left_alone_for_as_long_as_it_was_to_be(self, redis_client):
        task = uuid4()
        self.reconcile(redis_client, task, pause=3600)
        assert list_due_times(redis_client, KIND, [task]) == [pytest.approx(3600, abs=2)]

    def test_what_was_looked_at_lately_is_due_one_span_later(self, redis_client):
        task = uuid4()
        self.reconcile(redis_client, task, ago=20.0)
        assert list_due_times(redis_client, KIND, [task]) == [pytest.approx(40, abs=2)]

    def test_what_is_late_is_made_up_for_soon_but_not_at_one_moment(self, redis_client):
        tasks = [uuid4() for _ in range(100)]
        self.reconcile(redis_client, *tasks, ago=10_000.0)
        ahead = list_due_times(redis_client, KIND, tasks)
        assert max(ahead) <= 30
        assert sum(each < 15 for each in ahead) in range(20, 81)

    def test_what_is_gone_is_removed_and_what_is_there_keeps_its_time(self, redis_client, put):
        kept, gone, new = put(1800), put(-1), uuid4()
        assert self.reconcile(redis_client, kept, new) == (1, 1)
        assert set(list_all(redis_client, KIND)) == {kept, new}
        assert gone not in list_all(redis_client, KIND)
        assert list_due_times(redis_client, KIND, [kept]) == [pytest.approx(1800, abs=2)]

    def test_a_complete_schedule_is_left_alone(self, redis_client):
        tasks = [uuid4() for _ in range(3)]
        self.reconcile(redis_client, *tasks)
        assert self.reconcile(redis_client, *tasks) == (0, 0)

    def test_a_wiped_redis_is_filled_again(self, redis_client):
        tasks = [uuid4() for _ in range(3)]
        self.reconcile(redis_client, *tasks)
        redis_client.flushall()
        assert self.reconcile(redis_client, *tasks) == (3, 0)

    def test_without_tasks_nothing_is_left(self, redis_client, put):
        put(-1)
        assert self.reconcile(redis_client) == (0, 1)
        assert redis_client.exists(KEY) == 0
