"""Who watches what, by the API."""

from datetime import timedelta
from uuid import uuid4

import pytest

from stargazer.coordinator.batches import Batch, register
from stargazer.coordinator.leader import Leadership
from stargazer.coordinator.members import announce
from stargazer.coordinator.report import Placed, save_placed
from stargazer.coordinator.schedule import schedule_now


@pytest.fixture
def join(redis_client, make_member):
    def join(node):
        announce(redis_client, make_member(node), timedelta(minutes=1))

    return join


def test_workers_are_shown_with_what_they_have(call, join, redis_client, store):
    join("a@x")
    join("b@x")
    store.drained.add("b@x")
    save_placed(redis_client, "youtube", Placed(shares={"a@x": 1}, scheduled=3, by_node={"a@x": 3}))
    with Leadership(redis_client, timedelta(minutes=1)) as fence:
        batch = Batch(node="a@x", kind="youtube", tasks=(uuid4(), uuid4()))
        register(redis_client, fence, batch, timedelta(minutes=1))
    first, second = call("getWorkers", by="worker")[1]["data"]["workers"]
    assert first["worker"] == "a@x"
    assert (first["there"], first["drained"]) == (True, False)
    assert (first["tasks"], first["in_hand"]) == ({"youtube": 3}, 2)
    assert (second["there"], second["drained"], second["tasks"]) == (True, True, {})


def test_each_account_has_one_worker_and_the_pages_give_all(call, join, redis_client, store):
    tasks = {str(uuid4()) for _ in range(30)}
    for task in tasks:
        schedule_now(redis_client, "youtube", task)
    save_placed(redis_client, "youtube", Placed(shares={}, scheduled=30, by_node={}))

    def ask(**params):
        found, cursor = [], None
        while True:
            page = {"cursor": cursor} if cursor else {}
            answer = call("getAssignments", {**params, **page, "limit": 7}, by="worker")[1]["data"]
            found += answer["assignments"]
            cursor = answer["next_cursor"]
            if cursor is None:
                return found

    assert {each["worker"] for each in ask()} == {None}
    for node in ("a@x", "b@x", "c@x"):
        join(node)
    store.drained.add("c@x")
    assignments = ask()
    assert {each["task_id"] for each in assignments} == tasks
    assert {each["worker"] for each in assignments} == {"a@x", "b@x"}
    assert all(-5 < each["due_in"] <= 0 for each in assignments)
    of_one = {each["task_id"] for each in ask(worker="a@x", kind="youtube")}
    assert of_one == {each["task_id"] for each in assignments if each["worker"] == "a@x"}
    assert ask(kind="twitch") == []
