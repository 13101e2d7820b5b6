from datetime import timedelta
from uuid import uuid4

import pytest

from stargazer.coordinator.batches import Batch, Pending
from stargazer.coordinator.dispatch import find_lost, plan_batches
from stargazer.coordinator.placement import Placement

TICK = timedelta(seconds=5)


def make_batch(node="a"):
    return Batch(node=node, kind="youtube", tasks=(uuid4(),))


@pytest.mark.parametrize(
    ("node", "waits", "runs", "is_lost"),
    [
        ("a", 1, None, False),
        ("a", 5, None, True),
        ("a", 60, 59, False),
        ("a", 400, 399, True),
        ("dead", 1, None, True),
        ("dead", 1, 1, True),
    ],
    ids=["fresh", "not begun by the next tick", "runs", "runs for ever", "dead", "died in it"],
)
def test_what_comes_to_nothing(node, waits, runs, is_lost):
    pending = Pending(make_batch(node), waits, runs)
    assert find_lost([pending], {"a", "b"}, TICK) == [pending.batch] * is_lost


@pytest.fixture
def placement(make_member):
    return Placement([make_member(node) for node in "ab"])


def plan(due, placement, slots=None, in_hand=(), most=100):
    slots = {"a": 1, "b": 1} if slots is None else slots
    return plan_batches("youtube", due, placement, slots, in_hand, most)


def test_each_worker_gets_one_batch_of_its_own(placement):
    due = [uuid4() for _ in range(100)]
    batches = plan(due, placement)
    assert [batch.node for batch in batches] == ["a", "b"]
    assert {task for batch in batches for task in batch.tasks} == set(due)
    for batch in batches:
        assert all(placement.find_owner(task) == batch.node for task in batch.tasks)
        # Longest due first, as they came.
        assert list(batch.tasks) == [task for task in due if task in batch.tasks]


def test_a_batch_has_at_most_so_many_and_the_rest_stays_due(placement):
    batches = plan([uuid4() for _ in range(100)], placement, most=10)
    assert [len(batch.tasks) for batch in batches] == [10, 10]


def test_who_is_busy_gets_nothing_and_nobody_else_gets_it_instead(placement):
    due = [uuid4() for _ in range(100)]
    (batch,) = plan(due, placement, slots={"a": 0, "b": 1})
    assert batch.node == "b"
    assert all(placement.find_owner(task) == "b" for task in batch.tasks)


def test_what_a_worker_is_busy_with_is_not_handed_out_again(placement):
    due = [uuid4() for _ in range(100)]
    batches = plan(due, placement, in_hand=set(due[:50]))
    assert {task for batch in batches for task in batch.tasks} == set(due[50:])


def test_nothing_due_and_nobody_there(placement):
    assert plan([], placement) == []
    assert plan([uuid4()], Placement([])) == []
