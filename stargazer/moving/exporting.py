"""Reading all that an instance knows, in one order, page by page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from stargazer.models import Entity, OutboxState, Task
from stargazer.moving import opml, own
from stargazer.moving.contents import PAGE, Contents, MovedEntity, MovedTask, Waiting
from stargazer.store import Store
from stargazer.store.documents import Documents

#: By the name of a format, what writes it, line by line.
WRITERS = {"json": own.write, "opml": opml.write}

M = TypeVar("M", bound=BaseModel)


def export(store: Store, name: str) -> Iterator[str]:
    """Write all in a format, line by line."""
    return WRITERS[name](_list_pages(store, is_whole=name == "json"))


def _list_pages(store: Store, *, is_whole: bool) -> Iterator[Contents]:
    """Give all that there is: who is named before who names it.

    :param is_whole: with what was seen, with Users, and with what waits.
    """
    for groups in _list_sorted(store.groups):
        yield Contents(groups=tuple(groups))
    by_entity: dict[UUID, list[Task]] = defaultdict(list)
    for task in store.tasks.list_all():
        by_entity[task.entity].append(task)
    for entities in _list_sorted(store.entities):
        yield Contents(entities=tuple(_move(store, entities, by_entity, is_whole=is_whole)))
    if not is_whole:
        return
    for users in _list_sorted(store.users):
        yield Contents(users=tuple(users))
    yield Contents(waiting=tuple(_list_waiting(store)))


def _list_sorted(documents: Documents[M]) -> Iterator[list[M]]:
    keys = documents.list_ids()
    for start in range(0, len(keys), PAGE):
        page = documents.list_by_ids(keys[start : start + PAGE])
        yield sorted(page, key=lambda each: each.id)  # type: ignore[attr-defined]


def _move(
    store: Store,
    entities: Iterable[Entity],
    by_entity: dict[UUID, list[Task]],
    *,
    is_whole: bool,
) -> Iterator[MovedEntity]:
    entities = list(entities)
    tasks = [task for entity in entities for task in by_entity[entity.id]]
    memories = store.memories.list_raw([task.id for task in tasks]) if is_whole else {}
    for entity in entities:
        moved = tuple(
            MovedTask(
                task=task,
                memory=memories.get(task.id),
                broadcasts=tuple(store.broadcasts.list_of_task(task.id)) if is_whole else (),
            )
            for task in by_entity[entity.id]
        )
        yield MovedEntity(id=entity.id, meta=entity.meta, tasks=moved)


def _list_waiting(store: Store) -> Iterator[Waiting]:
    timers = sorted(store.delayed.list_due(datetime.max.replace(tzinfo=UTC)))
    for start in range(0, len(timers), PAGE):
        page = timers[start : start + PAGE]
        events = {each.id: each for each in store.events.list_by_ids([t.event for t in page])}
        for timer in page:
            # One that nobody holds any more is a timer that is left over.
            if (event := events.get(timer.event)) is not None and event.state == OutboxState.HELD:
                yield Waiting(key=timer.key, due_at=timer.due_at, event=event)
