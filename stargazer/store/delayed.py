"""The collection ``delayed``: when each Event that waits is due.

A row is a timer and no more: whether an Event goes out is decided by its state in the outbox. So
a row that is left over, or an alarm that rings twice, does no harm.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar, NamedTuple
from uuid import UUID

from pymongo import DeleteOne
from pymongo.collection import Collection

from stargazer.store.documents import Document, as_time, insert_new, to_value

#: Rows are found by the slot that they are due in: the embedded database has no index on ranges.
SLOT = timedelta(seconds=30)


class Timer(NamedTuple):
    """An Event that waits.

    :ivar key: what it is replaced and cancelled by.
    """

    key: str
    event: UUID
    due_at: datetime


def get_slot(at: datetime) -> int:
    """Give the number of the slot in which a moment is."""
    return int(at.timestamp() // SLOT.total_seconds())


class Delayed:
    """Timers by key, and those that are due in a slot."""

    indexed: ClassVar = ("slot",)

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def find(self, key: str) -> Timer | None:
        """Read one, or None."""
        document = self.collection.find_one({"_id": key})
        return None if document is None else _read(document)

    def put(self, timer: Timer, instead_of: UUID | None) -> bool:
        """Write one in place of that of another Event.

        :param instead_of: whose it is now; None: nobody's.
        :returns: False when somebody else was faster.
        """
        values = {
            "event": str(timer.event),
            "due_at": to_value(timer.due_at),
            "slot": get_slot(timer.due_at),
        }
        if instead_of is None:
            return bool(insert_new(self.collection, [{"_id": timer.key, **values}]))
        before = {"_id": timer.key, "event": str(instead_of)}
        return bool(self.collection.update_one(before, {"$set": values}).matched_count)

    def remove(self, timers: Sequence[Timer]) -> None:
        """Remove those that are still of the same Events."""
        if timers:
            self.collection.bulk_write(
                [DeleteOne({"_id": timer.key, "event": str(timer.event)}) for timer in timers],
                ordered=False,
            )

    def list_in_slot(self, slot: int) -> list[Timer]:
        """Read those that are due in a slot, soonest first."""
        found = map(_read, self.collection.find({"slot": slot}))
        return sorted(found, key=lambda timer: timer.due_at)

    def list_due(self, before: datetime) -> Iterator[Timer]:
        """Read all that are due before that moment, in no order; slow where many wait."""
        for document in self.collection.find({}, batch_size=1000):
            timer = _read(document)
            if timer.due_at < before:
                yield timer


def _read(document: Document) -> Timer:
    return Timer(
        document["_id"], UUID(document["event"]), as_time(document["due_at"]).astimezone(UTC)
    )
