"""What ``stargazer workers`` says and does."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.coordinator.members import announce, withdraw
from stargazer.coordinator.report import Placed, save_placed


@pytest.fixture
def join(redis_client, make_member):
    def join(node):
        started_at = datetime.now(UTC) - timedelta(hours=3)
        member = make_member(node, weight=4, started_at=started_at)
        announce(redis_client, member, timedelta(minutes=1))
        return member

    return join


def test_nobody_there_is_said(run):
    result = run("workers")
    assert result.exit_code == 0
    assert "no worker has announced itself" in result.output


def test_the_workers_are_a_table(run, join, redis_client, store):
    for node in ("a@x", "b@x"):
        join(node)
    withdraw(redis_client, join("c@x"))
    store.drained.add("b@x")
    save_placed(
        redis_client, "youtube", Placed(shares={"a@x": 4}, scheduled=70, by_node={"a@x": 70})
    )
    lines = run("workers").output.splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["WORKER", "STATE", "KINDS", "WEIGHT", "WATCHES", "IN", "HAND", "SINCE"],
        ["a@x", "there", "youtube", "4", "70", "0", "3", "h"],
        ["b@x", "drained", "youtube", "4", "0", "0", "3", "h"],
        ["c@x", "gone", "youtube", "4", "0", "0", "3", "h"],
    ]
    assert lines[4:] == ["youtube: 70 accounts, the latest 0 s late"]


def test_accounts_that_nobody_watches_are_said_loudly(run, redis_client):
    save_placed(redis_client, "youtube", Placed(shares={}, scheduled=70, by_node={}))
    assert "NOBODY watches them" in run("workers").output


def test_a_worker_is_drained_and_undrained(run, join, store):
    join("a@x")
    assert run("workers", "drain", "a@x").exit_code == 0
    assert store.drained.list_all() == {"a@x"}
    assert run("workers", "undrain", "a@x").exit_code == 0
    assert store.drained.list_all() == set()
    again = run("workers", "undrain", "a@x")
    assert (again.exit_code, again.output) == (1, "Error: 'a@x' is not drained\n")


def test_a_worker_that_is_none_is_refused_with_those_that_are(run, join):
    join("a@x")
    result = run("workers", "drain", "b@x")
    assert (result.exit_code, result.output) == (1, "Error: there is no worker 'b@x', only: a@x\n")
