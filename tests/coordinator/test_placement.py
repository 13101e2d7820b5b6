"""Whose a Task is, while workers and Tasks come and go."""

from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stargazer.coordinator.members import Member
from stargazer.coordinator.placement import Placement

SPACE = UUID(int=7)
NODES = [f"sources@{letter}" for letter in "abcdefg"]


def make_tasks(count, start=0):
    return [uuid5(SPACE, str(number)) for number in range(start, start + count)]


@pytest.fixture(scope="module")
def make(make_member):
    def make(*nodes, **weights):
        return [make_member(node, weight=weights.get(node, 1)) for node in nodes]

    return make


def place(members, tasks):
    placement = Placement(members)
    return {task: placement.find_owner(task) for task in tasks}


def test_it_follows_from_names_and_ids_alone(make):
    tasks = make_tasks(300)
    assert place(make("a", "b", "c"), tasks) == place(make("c", "a", "b"), tasks)
    # Another version of us must agree: a difference would move Tasks while both run.
    owners = place(make("a", "b", "c"), tasks[:8])
    assert "".join(owners[task] for task in tasks[:8]) == "bbcacbcb"


def test_without_workers_nobody_has_it():
    assert place([], make_tasks(2)) == dict.fromkeys(make_tasks(2))
    assert Placement([]).count(make_tasks(2)) == {}


def test_ten_thousand_are_spread_nearly_evenly_over_eight(make):
    members = make(*(f"sources@host-{number}" for number in range(8)))
    counts = Placement(members).count(make_tasks(10_000))
    assert sum(counts.values()) == 10_000
    assert max(counts.values()) / (10_000 / 8) <= 1.10
    assert min(counts.values()) / (10_000 / 8) >= 0.90


def test_a_weight_is_a_share(make):
    counts = Placement(make("a", "b", "c", a=4, b=2, c=2)).count(make_tasks(8000))
    assert counts == {
        "a": pytest.approx(4000, rel=0.05),
        "b": pytest.approx(2000, rel=0.08),
        "c": pytest.approx(2000, rel=0.08),
    }


def test_more_weight_takes_and_gives_to_nobody_else(make):
    tasks = make_tasks(2000)
    before = place(make("a", "b", "c"), tasks)
    after = place(make("a", "b", "c", a=3), tasks)
    moved = [task for task in tasks if before[task] != after[task]]
    assert moved
    assert {after[task] for task in moved} == {"a"}


class Coming(RuleBasedStateMachine):
    """Members and Tasks that come and go; only what may move does."""

    def __init__(self):
        super().__init__()
        self.members = set()
        self.tasks = make_tasks(1500)
        self.next_task = len(self.tasks)
        self.owners = dict.fromkeys(self.tasks)

    def look(self):
        """Place all Tasks again, as any coordinator would, and give who had what before."""
        before = self.owners
        members = [
            Member(
                node=node,
                instance="i",
                kinds=frozenset({"youtube"}),
                version="1",
                host="h",
                pid=1,
                started_at="2026-11-25T00:00:00Z",
            )
            for node in self.members
        ]
        self.owners = place(members, self.tasks)
        return before

    @precondition(lambda self: len(self.members) < len(NODES))
    @rule(data=st.data())
    def a_member_comes(self, data):
        node = data.draw(st.sampled_from(sorted(set(NODES) - self.members)))
        self.members.add(node)
        before = self.look()
        moved = [task for task in self.tasks if before[task] != self.owners[task]]
        assert {self.owners[task] for task in moved} <= {node}
        assert len(moved) <= max(1.25 * len(self.tasks) / len(self.members), 1)

    @precondition(lambda self: self.members)
    @rule(data=st.data())
    def a_member_leaves(self, data):
        node = data.draw(st.sampled_from(sorted(self.members)))
        count = len(self.members)
        self.members.remove(node)
        before = self.look()
        moved = [task for task in self.tasks if before[task] != self.owners[task]]
        assert {before[task] for task in moved} <= {node}
        assert len(moved) <= 1.25 * len(self.tasks) / count

    @precondition(lambda self: self.members)
    @rule(data=st.data())
    def a_member_restarts(self, data):
        node = data.draw(st.sampled_from(sorted(self.members)))
        owners = self.owners
        self.members.remove(node)
        self.look()
        self.members.add(node)
        self.look()
        assert self.owners == owners

    @rule(count=st.integers(1, 200))
    def tasks_come(self, count):
        self.tasks = self.tasks + make_tasks(count, self.next_task)
        self.next_task += count
        before = self.look()
        assert all(self.owners[task] == owner for task, owner in before.items())

    @rule(count=st.integers(1, 200))
    def tasks_leave(self, count):
        self.tasks = self.tasks[min(count, len(self.tasks) - 1000) :]
        before = self.look()
        assert all(before[task] == owner for task, owner in self.owners.items())

    @invariant()
    def each_task_has_an_owner_that_is_there_as_long_as_anybody_is(self):
        owners = set(self.owners.values())
        assert owners <= self.members if self.members else owners == {None}
        assert len(self.owners) == len(self.tasks)


TestComing = Coming.TestCase
TestComing.settings = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
