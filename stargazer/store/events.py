"""The collection ``events``: the outbox, and the history of all that happened.

An Event is written here before it is published, under an id that follows from its natural key:
``_id`` is the unique index which makes one Event of a thing seen twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import Fields, OutboxState, Step, StoredEvent
from stargazer.store.documents import (
    Document,
    Documents,
    from_document,
    insert_new,
    to_document,
    to_value,
)
from stargazer.store.newest import Position, read_newest


class Query(NamedTuple):
    """Which Events; None: whichever.

    :ivar task: only together with its Entity, by whose index those of a Task are found.
    :ivar since: only those that became known at that moment or later.
    """

    kind: str | None = None
    entity: UUID | None = None
    task: UUID | None = None
    state: OutboxState | None = None
    since: datetime | None = None


class Events(Documents[StoredEvent]):
    """Events by id, and those that still have a way to go."""

    indexed: ClassVar = ("state", "created_at", "entity")

    def __init__(self, collection: Collection[Document]) -> None:
        super().__init__(StoredEvent, collection)

    def add(self, events: Sequence[StoredEvent]) -> list[StoredEvent]:
        """Write those that are new.

        :returns: the new ones, in the order given.
        """
        new = insert_new(self.collection, [to_document(event) for event in events])
        return [events[position] for position in new]

    def mark_published(self, events: Sequence[UUID], now: datetime) -> None:
        """Remember that they were given to the broker."""
        self.collection.update_many(
            {"_id": {"$in": [str(event) for event in events]}},
            {"$set": {"published_at": to_value(now)}, "$inc": {"publications": 1}},
        )

    def finish(self, event: UUID, state: OutboxState, deliveries: int) -> None:
        """Close an Event: its Deliveries are all in the ledger, or it came too late for any."""
        self.collection.update_one(
            {"_id": str(event)}, {"$set": {"state": state.value, "deliveries": deliveries}}
        )

    def advance(
        self,
        event: StoredEvent,
        step: Step,
        state: OutboxState = OutboxState.OPEN,
        tags: Sequence[str] | None = None,
        fields: Fields | None = None,
    ) -> StoredEvent | None:
        """Let an Event take a step, if it is still where it was.

        :param event: as it was read.
        :param tags: those that are left; None: the same.
        :param fields: None: the same.
        :returns: as it is now; None when somebody else was faster.
        """
        after = event.model_copy(
            update={
                "state": state,
                "steps": event.steps + 1,
                "tags": event.tags if tags is None else tuple(tags),
                "fields": event.fields if fields is None else fields,
                "history": (*event.history, step),
            }
        )
        changed = ("state", "steps", "tags", "fields", "history")
        result = self.collection.update_one(
            {"_id": str(event.id), "steps": event.steps, "state": event.state.value},
            {"$set": {name: to_value(getattr(after, name)) for name in changed}},
        )
        return after if result.matched_count else None

    def list_in_state(self, state: OutboxState) -> list[StoredEvent]:
        """Read all in one state."""
        return list(self._read_all(self.collection.find({"state": state.value})))

    def list_open(self, published_before: datetime, limit: int) -> list[StoredEvent]:
        """Read what was written but has not arrived, oldest publication first."""
        found = [
            from_document(StoredEvent, each)
            for each in self.collection.find({"state": OutboxState.OPEN.value})
        ]
        late = [
            event for event in found if (event.published_at or event.created_at) <= published_before
        ]
        return sorted(late, key=lambda event: event.published_at or event.created_at)[:limit]

    def list_page(
        self, query: Query, before: Position | None, limit: int
    ) -> tuple[list[StoredEvent], Position | None]:
        """Read a page of those that are wanted, newest first.

        Those of one Entity are found by an index, as are the newest of all; for those of a kind or
        in a state it looks at one after the other until there are enough.

        :param before: where the page before ended; None: from the newest on.
        :returns: the Events, and where this page ends; None: there is no other.
        """
        wanted: Document = {
            name: to_value(value)
            for name, value in query._asdict().items()
            if value is not None and name != "since"
        }
        is_narrow = query.entity is not None
        page = read_newest(self.collection, wanted, query.since, before, limit, is_narrow=is_narrow)
        return list(self._read_all(page.documents)), page.end

    def list_latest(self, limit: int) -> list[StoredEvent]:
        """Read the newest, newest first."""
        newest = self.collection.find().sort("created_at", -1).limit(limit)
        return [from_document(StoredEvent, each) for each in newest]
