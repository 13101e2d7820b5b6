from datetime import UTC, datetime
from uuid import uuid4

from stargazer.lives import Live, LiveMemory

NOW = datetime(2026, 11, 25, 12, 0, 0, 123000, tzinfo=UTC)


def remember(name):
    return LiveMemory(live=Live(source_id=name, started_at=NOW))


def test_what_is_remembered_is_read_with_its_version(store):
    task, other = uuid4(), uuid4()
    assert store.memories.list_known(LiveMemory, [task]) == {}
    assert store.memories.save({task: (remember("a"), 0)}) == set()
    assert store.memories.list_known(LiveMemory, [task, other]) == {task: (remember("a"), 1)}


def test_who_knew_less_than_there_was_writes_nothing(store):
    one, two, new = uuid4(), uuid4(), uuid4()
    store.memories.save({one: (remember("a"), 0), two: (remember("a"), 0)})
    assert store.memories.save({one: (remember("b"), 1)}) == set()
    changes = {one: (remember("c"), 1), two: (remember("c"), 1), new: (remember("c"), 0)}
    assert store.memories.save(changes) == {one}
    assert store.memories.save({two: (remember("d"), 0)}) == {two}
    found = store.memories.list_known(LiveMemory, [one, two, new])
    assert {task: memory.live.source_id for task, (memory, _) in found.items()} == {
        one: "b",
        two: "c",
        new: "c",
    }


def test_what_is_forgotten_is_unknown_again(store):
    task = uuid4()
    store.memories.save({task: (remember("a"), 0)})
    store.memories.delete(task)
    assert store.memories.list_known(LiveMemory, [task]) == {}
