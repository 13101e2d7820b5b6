"""How watching an account goes, and what it told."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.coordinator.members import announce
from stargazer.models import (
    Broadcast,
    BroadcastState,
    Lease,
    LeaseState,
    PlatformState,
    StoredEvent,
    Watch,
)

CHANNEL = {"channel_id": "UC" + "a" * 22}
META = {"name": {"name": {"en": "Sora"}, "default_language": "en"}}
SECRET = "unguessable"


@pytest.fixture
def task(call, store):
    accounts = [
        {"kind": "youtube", "params": CHANNEL},
        {"kind": "twitter", "params": {"id": "sora"}},
    ]
    entity = call("newEntity", {"meta": META, "tasks": accounts})[1]["data"]
    return {each["kind"]: each["id"] for each in entity["tasks"]}


@pytest.fixture
def read(call):
    def read(task, **params):
        status, answer = call("getTaskHistory", {"task_id": task, **params}, by="watcher")
        assert status == 200, answer
        return answer["data"]

    return read


@pytest.fixture
def worker(redis_client, make_member):
    announce(redis_client, make_member("sources@a"), timedelta(minutes=5))
    return "sources@a"


def add_event(store, task, number):
    at = datetime.now(UTC) - timedelta(minutes=number)
    event = StoredEvent(
        kind="youtube/new_video",
        entity=task.entity,
        task=task.id,
        fields={"title": str(number)},
        happened_at=at,
        created_at=at,
    )
    store.events.add([event])


def test_it_tells_its_own_events_in_pages_newest_first(store, task, read):
    tasks = {each.kind: each for each in store.tasks.list_all()}
    for number in (2, 1, 3):
        add_event(store, tasks["youtube"], number)
    add_event(store, tasks["twitter"], 0)
    first = read(task["youtube"], limit=2)
    assert [each["title"] for each in first["events"]] == ["1", "2"]
    second = read(task["youtube"], limit=2, cursor=first["next_cursor"])
    assert [each["title"] for each in second["events"]] == ["3"]
    assert second["next_cursor"] is None


def test_it_tells_who_looks_at_it_and_when(call, store, task, read, worker):
    told = read(task["youtube"])
    assert told["worker"] == worker
    assert told["due_in"] <= 0
    # That worker does not serve it.
    assert read(task["twitter"])["worker"] is None
    call("updateTask", {"task_id": task["youtube"], "paused": True})
    told = read(task["youtube"])
    assert (told["worker"], told["due_in"], told["task"]["paused"]) == (None, None, True)
    call("updateTask", {"task_id": task["youtube"], "paused": False})
    store.drained.add(worker)
    assert read(task["youtube"])["worker"] is None


def test_it_tells_what_went_wrong(store, task, read, now):
    found = next(each for each in store.tasks.list_all() if each.kind == "twitter")
    watch = Watch(failures=3, failed_at=now, last_error="HTTP 500", confirmed_at=now, gone=True)
    store.tasks.save_watch(found, watch)
    pause = PlatformState(
        kind="twitter", failures=1, last_error="429", paused_until=now + timedelta(minutes=5)
    )
    store.platforms.save(pause)
    told = read(task["twitter"])
    assert told["task"]["failures"] == 3
    assert told["task"]["gone"] is True
    assert told["confirmed_at"] is not None
    assert told["platform_error"] == "429"
    assert "STARGAZER_TWITTER" in told["missing"]
    store.platforms.save(pause.model_copy(update={"paused_until": now - timedelta(seconds=1)}))
    told = read(task["twitter"])
    assert (told["platform_paused_until"], told["platform_error"]) == (None, None)


def test_it_tells_what_is_expected_of_it_and_no_secret(store, task, read, now):
    found = next(each for each in store.tasks.list_all() if each.kind == "youtube")
    states = {
        "later": BroadcastState.UPCOMING,
        "over": BroadcastState.ENDED,
        "on": BroadcastState.LIVE,
        "new": BroadcastState.UNKNOWN,
    }
    times = {"later": {"scheduled_at": now + timedelta(hours=1)}, "on": {"started_at": now}}
    for name, state in states.items():
        broadcast = Broadcast(
            task=found.id, source_id=name, state=state, version=1, **times.get(name, {})
        )
        store.broadcasts.save(broadcast)
    lease = Lease(
        token=SECRET,
        kind="youtube",
        account=CHANNEL["channel_id"],
        hub=f"https://hub.example/{SECRET}",
        named_by=f"https://a.example/{SECRET}",
        topic="https://t.example",
        callback=f"https://c.example/{SECRET}",
        secret=SECRET,
        state=LeaseState.VERIFIED,
        renew_at=now,
    )
    store.leases.save(lease)
    told = read(task["youtube"])
    assert [each["source_id"] for each in told["broadcasts"]] == ["on", "later", "new"]
    assert (told["lease"]["hub"], told["lease"]["state"]) == ("hub.example", "verified")
    assert SECRET not in str(told)
