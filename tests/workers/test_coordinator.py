"""The tick: from the schedule to the queues of the workers."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from stargazer import metrics
from stargazer.coordinator import batches, members, report
from stargazer.coordinator.leader import Leadership
from stargazer.coordinator.schedule import forget, list_due, list_due_times
from stargazer.models import Task, Watch
from workers.coordinator import coordinate, dispatch, find_owner_of_all, reap
from workers.sources import Source
from workers.sources.batch import look_at

KIND = "youtube"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def context(make_context):
    """Give the connections of a process, with intervals that are over in no test."""
    return make_context(
        youtube_poll_interval=timedelta(seconds=100), tick_interval=timedelta(seconds=100)
    )


@pytest.fixture
def join(redis_client, make_member):
    """Give a function that makes a worker be there."""

    def join(node, *, seconds=60.0, weight=1, kinds=(KIND,)):
        member = make_member(node, weight=weight, kinds=frozenset(kinds))
        assert members.announce(redis_client, member, timedelta(seconds=seconds)) is None
        return member

    return join


@pytest.fixture
def add_tasks(store):
    def add(count, **fields):
        entity = uuid4()
        tasks = [
            Task(entity=entity, kind=KIND, params={"channel_id": f"UC{number}"}, **fields)
            for number in range(count)
        ]
        for task in tasks:
            store.tasks.save(task)
        return [task.id for task in tasks]

    return add


@pytest.fixture
def make_due(redis_client):
    def make_due(tasks, seconds=-1.0):
        at = time.time() + seconds
        redis_client.zadd(f"stargazer:due:{KIND}", {str(task): at for task in tasks})

    return make_due


@pytest.fixture
def tick(celery_app, context, make_context, redis_client):
    """Give a function that does a tick's work, as the leader.

    By default nothing is over between two of them, however slow the machine is.
    """

    def tick(**changes):
        with Leadership(redis_client, MINUTE) as fence:
            coordinate(make_context(**changes) if changes else context, fence)

    return tick


@pytest.fixture
def take_batches(take_sent, redis_client):
    """Give a function that takes what was sent to a worker: the Tasks of each batch."""

    def take(node):
        sent = take_sent(f"{node}.dq2")
        assert {each.task for each in sent} <= {f"{KIND}.poll"}
        ids = [UUID(each.args[0]) for each in sent]
        return {key: set(batches.find(redis_client, key).tasks) for key in ids}

    return take


def get_gauge(gauge, *labels):
    return gauge.labels(*labels)._value.get()


def test_each_worker_is_sent_its_own_and_all_is_sent(tick, join, add_tasks, make_due, take_batches):
    tasks = add_tasks(60)
    for node in ("a@x", "b@x", "c@x"):
        join(node)
    tick()
    make_due(tasks)
    tick()
    taken = [take_batches(node) for node in ("a@x", "b@x", "c@x")]
    assert [len(batches) for batches in taken] == [1, 1, 1]
    sent = [task for batches in taken for batch in batches.values() for task in batch]
    assert len(sent) == 60
    assert set(sent) == set(tasks)


def test_nothing_is_sent_twice(tick, join, add_tasks, make_due, take_batches):
    tasks = add_tasks(10)
    join("a@x", weight=4)
    tick()
    make_due(tasks)
    tick()
    tick()
    (batch,) = take_batches("a@x").values()
    assert batch == set(tasks)


def test_who_serves_another_kind_or_is_drained_gets_nothing(
    tick, join, add_tasks, make_due, take_batches, store, redis_client
):
    tasks = add_tasks(20)
    join("a@x")
    join("b@x", kinds=("twitch",))
    join("c@x")
    store.drained.add("c@x")
    tick()
    make_due(tasks)
    tick()
    (batch,) = take_batches("a@x")
    batches.finish(redis_client, batch)
    assert take_batches("b@x") == take_batches("c@x") == {}
    store.drained.remove("c@x")
    make_due(tasks)
    tick()
    assert len(take_batches("c@x")) == 1


def test_what_a_dead_worker_had_goes_to_the_others_at_once(
    tick, join, add_tasks, make_due, take_batches, redis_client
):
    tasks = add_tasks(30)
    dead = join("dead@x")
    join("alive@x")
    tick()
    make_due(tasks)
    tick()
    (lost,) = take_batches("dead@x").values()
    (key,) = [
        each.batch.id for each in batches.list_pending(redis_client) if each.batch.node == "dead@x"
    ]
    assert batches.start(redis_client, key)
    (own,) = take_batches("alive@x")
    batches.start(redis_client, own)
    batches.finish(redis_client, own)
    members.withdraw(redis_client, dead)
    tick()
    (taken_over,) = take_batches("alive@x").values()
    assert taken_over == lost
    # If it was not dead after all, it does no harm.
    assert not batches.start(redis_client, key)


def test_what_is_not_begun_by_the_next_tick_is_handed_out_again(
    tick, join, add_tasks, make_due, take_batches
):
    tasks = add_tasks(5)
    join("a@x")
    tick()
    make_due(tasks)
    tick()
    (first,) = take_batches("a@x")
    interval = timedelta(milliseconds=20)
    time.sleep(interval.total_seconds())
    tick(tick_interval=interval)
    (second,) = take_batches("a@x")
    assert second != first


def test_a_worker_that_is_busy_is_given_no_more_than_it_can_take(
    tick, join, add_tasks, make_due, take_batches, redis_client
):
    tasks = add_tasks(4)
    join("a@x", weight=2)
    tick()
    for number, task in enumerate(tasks):
        make_due([task])
        tick()
        for key in take_batches("a@x"):
            batches.start(redis_client, key)
        assert len(batches.list_pending(redis_client)) == min(number + 1, 2)
    assert set(list_due(redis_client, KIND, 10)) == set(tasks[2:])


def test_while_nobody_is_there_all_waits_and_the_first_to_come_gets_it(
    tick, join, add_tasks, make_due, take_batches, redis_client
):
    tasks = add_tasks(10)
    tick()
    make_due(tasks, seconds=-90)
    tick()
    assert report.read_placed(redis_client)[KIND].unassigned == 10
    assert get_gauge(metrics.unassigned, KIND) == 10
    assert get_gauge(metrics.overdue, KIND) == pytest.approx(90, abs=5)
    join("a@x")
    tick()
    (batch,) = take_batches("a@x").values()
    assert batch == set(tasks)
    assert report.read_placed(redis_client)[KIND].unassigned == 0
    assert get_gauge(metrics.assigned, KIND, "a@x") == 10


def test_the_only_worker_leaves_and_another_comes(
    tick, join, add_tasks, make_due, take_batches, redis_client
):
    tasks = add_tasks(10)
    first = join("first@x")
    tick()
    members.withdraw(redis_client, first)
    tick()
    join("second@x")
    make_due(tasks)
    tick()
    assert take_batches("first@x") == {}
    (batch,) = take_batches("second@x").values()
    assert batch == set(tasks)


def test_a_wiped_redis_loses_nothing_but_time(
    tick, join, add_tasks, make_due, take_batches, redis_client
):
    tasks = add_tasks(10)
    join("a@x")
    tick()
    make_due(tasks)
    tick()
    redis_client.flushall()
    tick()
    join("a@x")
    due = list_due_times(redis_client, KIND, tasks)
    assert all(each is not None and each <= 100 for each in due)
    make_due(tasks)
    tick()
    (batch,) = take_batches("a@x").values()
    assert batch == set(tasks)


def test_a_wipe_in_the_middle_of_a_tick_hands_nothing_out_twice(
    context, celery_app, join, add_tasks, make_due, redis_client
):
    add_tasks(3)
    with Leadership(redis_client, MINUTE) as fence:
        redis_client.flushall()
        join("a@x")
        coordinate(context, fence)
    assert batches.list_pending(redis_client) == []


def test_what_an_operator_paused_or_removed_is_not_scheduled(
    tick, join, add_tasks, store, redis_client
):
    add_tasks(3, paused=True)
    (failed,) = add_tasks(
        1, watch=Watch(failures=3, paused_until=datetime.now(UTC) + timedelta(hours=1))
    )
    join("a@x")
    tick()
    assert redis_client.zcard(f"stargazer:due:{KIND}") == 1
    assert list_due_times(redis_client, KIND, [failed]) == [pytest.approx(3600, abs=5)]


def test_nothing_to_watch_is_a_state_like_any_other(tick, join, take_batches):
    join("a@x")
    tick()
    assert take_batches("a@x") == {}


class TestLooking:
    @pytest.fixture
    def batch(self, tick, join, add_tasks, make_due, take_batches):
        tasks = add_tasks(3)
        join("a@x")
        tick()
        make_due(tasks)
        tick()
        ((key, _),) = take_batches("a@x").items()
        return str(key), tasks

    def test_a_batch_is_looked_at_once(self, context, batch, redis_client):
        key, tasks = batch
        seen = []
        for _ in range(2):
            look_at(context, key, seen.extend)
        assert {task.id for task in seen} == set(tasks)
        assert len(seen) == 3
        assert batches.list_pending(redis_client) == []

    def test_what_was_removed_or_paused_meanwhile_is_left_out(
        self, context, batch, store, redis_client
    ):
        key, (removed, paused, kept) = batch
        store.tasks.delete(removed)
        forget(redis_client, KIND, removed)
        store.tasks.update(paused, {"$set": {"paused": True}})
        seen = []
        look_at(context, key, seen.extend)
        assert [task.id for task in seen] == [kept]

    def test_what_ends_in_an_error_is_due_again(self, context, batch, redis_client):
        key, tasks = batch

        def fail(_):
            raise ValueError("a bug")

        with pytest.raises(ValueError, match="a bug"):
            look_at(context, key, fail)
        assert set(list_due(redis_client, KIND, 10)) == set(tasks)
        assert batches.list_pending(redis_client) == []


def test_what_a_worker_leaves_behind_is_removed_and_then_forgotten(
    celery_app, context, join, redis_client, settings
):
    member = join("gone@x")
    queue = "stargazer:celery:gone@x.dq2"
    redis_client.lpush(queue, "a message")
    reap(context)
    assert redis_client.exists(queue)
    for seconds, is_known in ((31, True), (31 + settings.visibility_timeout.seconds, False)):
        redis_client.zadd("stargazer:members", {member.node: time.time() - seconds})
        reap(context)
        assert not redis_client.exists(queue)
        assert bool(members.list_members(redis_client)) is is_known


@pytest.mark.usefixtures("celery_app")
class TestASourceThatAsksForManyAtOnce:
    @pytest.fixture
    def dispatch_as(self, context, redis_client):
        def dispatch_as(serving, **fields):
            source = Source(span=lambda _settings: timedelta(seconds=100), most=1000, **fields)
            with Leadership(redis_client, MINUTE) as fence:
                return dispatch(context, fence, KIND, source, serving)

        return dispatch_as

    def test_takes_along_what_is_due_soon_and_all_are_due_together_from_then_on(
        self, dispatch_as, join, add_tasks, make_due, redis_client
    ):
        due, soon, late = (add_tasks(3) for _ in range(3))
        make_due(due)
        make_due(soon, 40)
        make_due(late, 70)
        assert dispatch_as([join("a@x")], gathers=True) == 6
        waits = list_due_times(redis_client, KIND, [*due, *soon])
        assert max(waits) - min(waits) < 0.01
        assert waits[0] == pytest.approx(100, abs=5)

    def test_does_not_begin_before_any_is_due(self, dispatch_as, join, add_tasks, make_due):
        make_due(add_tasks(3), 40)
        assert dispatch_as([join("a@x")], gathers=True) == 0

    def test_is_looked_at_by_one_worker_alone_if_one_request_is_for_all(self, join):
        nodes = [join(f"{name}@x") for name in "abcd"]
        (owner,) = find_owner_of_all(KIND, nodes)
        assert find_owner_of_all(KIND, list(reversed(nodes))) == [owner]
        others = [node for node in nodes if node != owner]
        assert len(find_owner_of_all(KIND, others)) == 1
        assert find_owner_of_all(KIND, []) == []
