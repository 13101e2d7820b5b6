"""The collection ``deliveries``: the ledger, one row per Event and User."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from pymongo import UpdateOne
from pymongo.collection import Collection

from stargazer.models import Delivery, DeliveryState
from stargazer.store.documents import Document, as_time, from_document, insert_new, to_value


def _key(event: UUID, user: UUID) -> str:
    return f"{event}:{user}"


class Change(NamedTuple):
    """What becomes of a pending Delivery: the fields to set."""

    event: UUID
    user: UUID
    fields: dict[str, Any]


class Deliveries:
    """Deliveries by Event and User, and those that are overdue."""

    indexed: ClassVar = ("state", "event", "created_at")

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def add(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Write those that are new.

        :returns: the new ones, in the order given.
        """
        documents = [
            {"_id": _key(delivery.event, delivery.user), **to_value(delivery)}
            for delivery in deliveries
        ]
        return [deliveries[position] for position in insert_new(self.collection, documents)]

    def find(self, event: UUID, user: UUID) -> Delivery | None:
        """Read one, or None."""
        document = self.collection.find_one({"_id": _key(event, user)})
        return None if document is None else from_document(Delivery, document)

    def claim(
        self, event: UUID, users: Sequence[UUID], token: str, until: datetime
    ) -> list[Delivery]:
        """Take those that are pending and in nobody's hand.

        :param token: unique to this attempt.
        :param until: when the sweeper may take them back.
        :returns: the ones taken, in the order given.
        """
        keys = [_key(event, user) for user in users]
        self.collection.update_many(
            {"_id": {"$in": keys}, "claim": None, "state": DeliveryState.PENDING.value},
            {"$set": {"claim": token, "due_at": to_value(until)}},
        )
        taken = {
            each["_id"]: from_document(Delivery, each)
            for each in self.collection.find({"_id": {"$in": keys}})
            if each["claim"] == token
        }
        return [taken[key] for key in keys if key in taken]

    def record(self, changes: Iterable[Change]) -> None:
        """Write what became of pending Deliveries; one that is finished stays as it is."""
        writes = [
            UpdateOne(
                {"_id": _key(event, user), "state": DeliveryState.PENDING.value},
                {"$set": to_value(fields)},
            )
            for event, user, fields in changes
        ]
        if writes:
            self.collection.bulk_write(writes, ordered=False)

    def take_overdue(
        self, im: str, due_before: datetime, due_again_at: datetime, limit: int
    ) -> list[Delivery]:
        """Take back what is pending beyond its time, whoever had it.

        :param due_again_at: when to look after them next.
        :returns: oldest first; the same one is never given to two sweepers.
        """
        pending = self.collection.find({"state": DeliveryState.PENDING.value})
        overdue = sorted(
            (
                each
                for each in pending
                if each["im"] == im and as_time(each["due_at"]) <= due_before
            ),
            key=lambda each: each["created_at"],
        )
        taken = []
        for each in overdue[:limit]:
            unchanged = {name: each[name] for name in ("_id", "state", "due_at", "claim")}
            change = {"$set": {"claim": None, "due_at": to_value(due_again_at)}}
            if self.collection.update_one(unchanged, change).matched_count:
                taken.append(from_document(Delivery, each))
        return taken

    def make_unclaimed_due(self, now: datetime) -> None:
        """Let the sweeper look at once after all that is pending and in nobody's hand."""
        self.collection.update_many(
            {"state": DeliveryState.PENDING.value, "claim": None},
            {"$set": {"due_at": to_value(now)}},
        )

    def drop_of_user(self, user: UUID, reason: str, now: datetime) -> int:
        """Give up what is pending for a User; how many there were."""
        pending = {"state": DeliveryState.PENDING.value, "user": str(user)}
        dropped = {
            "state": DeliveryState.DROPPED.value,
            "reason": reason,
            "finished_at": to_value(now),
        }
        return self.collection.update_many(pending, {"$set": dropped}).modified_count

    def list_of_event(self, event: UUID) -> list[Delivery]:
        """Read those of one Event."""
        found = self.collection.find({"event": str(event)})
        return [from_document(Delivery, each) for each in found]

    def count_of_event(self, event: UUID) -> int:
        """Count those of one Event."""
        return self.collection.count_documents({"event": str(event)})

    def list_latest(self, limit: int) -> list[Delivery]:
        """Read the newest, newest first."""
        newest = self.collection.find().sort("created_at", -1).limit(limit)
        return [from_document(Delivery, each) for each in newest]

    def count_by_state(self) -> dict[str, int]:
        """Count them, state by state; states without any are left out."""
        # One pass; the embedded database takes seconds to count 50,000 documents of one state.
        groups = self.collection.aggregate([{"$group": {"_id": "$state", "count": {"$sum": 1}}}])
        return {group["_id"]: group["count"] for group in groups}
