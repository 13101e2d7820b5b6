"""What holds for every source, whatever its platform: tried on each in the simulator.

A source has an adapter here, ``sources/<kind>.py``, with a class ``Adapter`` (or several, where
there are several ways to watch it, which ``way`` names):

``kind``, ``target``, ``tells``
    Of its Tasks; whose faults make its platform go wrong; the kind of Event that is counted.
``exempt``
    Which of the points below make no sense for it, and why.
``__init__(simulator)``, ``change_settings()``
    What of the settings has to be different.
``add(account)``
    Makes an account in the simulator, and gives the parameters of its Task.
``publish(account, item, at)``, ``edit(account, item)``, ``remove(account, item)``
    Something to be told once: a post, or a stream that begins; change it; take it away.
``hide(account)``, ``show(account)``
    Lets the platform answer as if there were nothing, and again as it is.
``look(context, app, tasks, now)``, ``read(event)``
    Looks at Tasks; gives the item that an Event is about.
"""

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from stargazer.models import Entity, Meta, Name, Task
from stargazer.moving import Import, open_text
from stargazer.moving.exporting import export
from stargazer.watching import pause_account
from workers.sources import SOURCES

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
#: Whoever failed once is asked again by then, whatever was said.
LATER = timedelta(days=1, hours=1) / MINUTE
FAULTS = {
    "429": {"status": 429},
    "429 with a pause": {"status": 429, "retry_after": 1800},
    "500": {"status": 500},
    "503 with a pause": {"status": 503, "retry_after": 1800},
    "time-out": {"delay": 2.5},
    "cut": {"drop": True},
    "garbage": {"body": "garbage"},
    "no body": {"body": "nothing"},
    "huge": {"body": "huge"},
}


def load_adapters():
    found = {}
    for path in sorted((Path(__file__).parent / "sources").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"source_adapter_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for each in vars(module).values():
            if isinstance(each, type) and each.__name__.endswith("Adapter"):
                found[" by ".join(filter(None, (path.stem, getattr(each, "way", ""))))] = each
    return found


ADAPTERS = load_adapters()


@pytest.fixture(params=ADAPTERS.values(), ids=ADAPTERS)
def adapter(request, simulator):
    return request.param(simulator)


@pytest.fixture
def settings(settings, adapter):
    changes = {"http_timeout": timedelta(seconds=1), **adapter.change_settings()}
    return settings.model_copy(update=changes)


@pytest.fixture(autouse=True)
def _point(request, adapter):
    """Leave out what makes no sense for a source."""
    point = request.node.get_closest_marker("point")
    if point and point.args[0] in adapter.exempt:
        pytest.skip(adapter.exempt[point.args[0]])


@pytest.fixture
def add(store, adapter):
    """Give a function that watches accounts."""

    def add(*accounts):
        for account in accounts:
            params = adapter.add(account)
            store.tasks.save(Task(entity=uuid4(), kind=adapter.kind, params=params, created_at=NOW))

    return add


@pytest.fixture
def see(context, celery_app, store, adapter):
    """Give a function that looks so many minutes after noon, and gives the items told of."""
    known = set()

    def see(minutes):
        tasks = sorted(store.tasks.list_all(), key=lambda task: str(task.id))
        adapter.look(context, celery_app, tasks, NOW + minutes * MINUTE)
        new = [event for event in store.events.list_latest(500) if event.id not in known]
        known.update(event.id for event in new)
        return sorted(adapter.read(event) for event in new if event.kind == adapter.tells)

    return see


@pytest.fixture
def has_failed(store, adapter):
    """Give a function that tells whether an operator can see that something is wrong."""

    def has_failed():
        watches = [task.watch for task in store.tasks.list_all()]
        state = store.platforms.get(adapter.kind)
        return state.failures > 0 or any(watch.failures for watch in watches)

    return has_failed


def at(minutes):
    return NOW + minutes * MINUTE


def test_every_source_has_an_adapter():
    assert {adapter.kind for adapter in ADAPTERS.values()} >= set(SOURCES)


def test_the_first_look_is_silent(adapter, add, see):
    add("one", "two")
    adapter.publish("one", "a", at(-60))
    assert see(0) == []
    assert see(1) == []


def test_the_same_answer_twice_tells_nothing(adapter, add, see, has_failed):
    add("one", "two")
    see(0)
    adapter.publish("one", "a", at(1))
    assert see(2) == ["a"]
    assert see(3) == []
    assert see(4) == []
    assert not has_failed()


def test_each_account_speaks_for_itself(adapter, add, see):
    add("one", "two", "three")
    see(0)
    adapter.publish("two", "a", at(1))
    adapter.publish("three", "b", at(1))
    assert see(2) == ["a", "b"]


@pytest.mark.point("inserted")
def test_what_is_put_in_between_is_told_once(adapter, add, see):
    add("one")
    see(0)
    for name, minutes in (("a", 1), ("c", 3)):
        adapter.publish("one", name, at(minutes))
    assert see(4) == ["a", "c"]
    adapter.publish("one", "b", at(2))
    assert see(5) == ["b"]
    assert see(6) == []


@pytest.mark.point("removed")
def test_what_is_taken_away_lets_nothing_old_be_new(adapter, add, see):
    add("one")
    for name, minutes in (("a", -60), ("b", -40), ("c", -20)):
        adapter.publish("one", name, at(minutes))
    see(0)
    adapter.remove("one", "c")
    assert see(1) == []


@pytest.mark.point("came back")
def test_what_comes_back_is_not_new(adapter, add, see):
    add("one")
    for name, minutes in (("a", -60), ("b", -40)):
        adapter.publish("one", name, at(minutes))
    see(0)
    adapter.publish("one", "c", at(1))
    assert see(2) == ["c"]
    adapter.remove("one", "c")
    assert see(3) == []
    adapter.publish("one", "c", at(1))
    assert see(4) == []


def test_what_is_edited_is_not_new(adapter, add, see):
    add("one")
    see(0)
    adapter.publish("one", "a", at(1))
    assert see(2) == ["a"]
    adapter.edit("one", "a")
    assert see(3) == []


@pytest.mark.point("out of order")
def test_neither_the_order_of_the_ids_nor_theirs_in_the_answer_means_anything(adapter, add, see):
    add("one")
    for name, minutes in (("m", -60), ("z", -40), ("b", -20)):
        adapter.publish("one", name, at(minutes))
    see(0)
    adapter.publish("one", "y", at(2))
    adapter.publish("one", "a", at(3))
    assert see(4) == ["a", "y"]
    adapter.publish("one", "n", at(1))
    assert see(5) == ["n"]


@pytest.mark.point("empty")
def test_an_empty_answer_where_there_was_something_is_not_believed(adapter, add, see, has_failed):
    add("one")
    adapter.publish("one", "a", at(-60))
    see(0)
    adapter.hide("one")
    assert see(1) == []
    assert has_failed()
    adapter.show("one")
    adapter.publish("one", "b", at(2))
    assert see(LATER) == ["b"]
    assert not has_failed()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_came_while_the_platform_went_wrong_is_told_once_afterwards(
    adapter, add, see, has_failed, simulator, fault
):
    add("one", "two")
    adapter.publish("one", "a", at(-60))
    see(0)
    simulator.add_fault(adapter.target, **fault)
    adapter.publish("one", "b", at(1))
    assert see(2) == []
    assert has_failed()
    simulator.clear_faults()
    assert see(LATER) == ["b"]
    assert see(LATER + 1) == []
    assert not has_failed()


def test_what_happened_while_nobody_was_to_look_is_history(context, adapter, add, see, store):
    add("one")
    see(0)
    (task,) = store.tasks.list_all()
    pause_account(context, task, at(1), paused=True)
    adapter.publish("one", "a", at(2))
    pause_account(context, store.tasks.find(task.id), at(3), paused=False)
    assert see(4) == []
    adapter.publish("one", "b", at(5))
    assert see(6) == ["b"]


@pytest.mark.parametrize("fault", [FAULTS["garbage"], FAULTS["500"]], ids=["garbage", "500"])
def test_a_first_look_that_fails_is_no_look(adapter, add, see, simulator, fault):
    add("one")
    adapter.publish("one", "a", at(-60))
    simulator.add_fault(adapter.target, **fault)
    assert see(0) == []
    simulator.clear_faults()
    assert see(LATER) == []
    adapter.publish("one", "b", at(LATER + 1))
    assert see(LATER + 2) == ["b"]


@pytest.mark.point("moving")
def test_who_has_moved_house_is_told_nothing_twice_and_misses_nothing(
    adapter, add, see, store, context
):
    add("one", "two")
    for task in store.tasks.list_all():
        name = Name(name={"en": "Sora"}, default_language="en")
        store.entities.save(Entity(id=task.entity, meta=Meta(name=name), tasks=(task.id,)))
    see(0)
    adapter.publish("one", "a", at(1))
    assert see(2) == ["a"]
    text = "\n".join(export(store, "json"))
    # While nobody looks.
    adapter.publish("two", "b", at(3))
    for collection in store.database.list_collection_names():
        store.database[collection].delete_many({})
    list(Import(context, open_text(text, None, at(60)).read).run(at(60), dry_run=False))
    assert see(61) == ["b"]
    assert see(62) == []
