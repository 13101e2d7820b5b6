"""The collection ``subscriptions``: one row per User and Entity.

It is what fan-out reads: a row is found by its Entity alone, with an index of its own, however
many Users there are. ``User.event_filter`` is the wish, these rows are derived from it, and
writing them again does no harm.
"""

from collections.abc import Iterator
from typing import ClassVar, NamedTuple
from uuid import UUID

from pymongo import DeleteOne, UpdateOne
from pymongo.collection import Collection

from stargazer.models import User
from stargazer.store.documents import Document


class Subscriber(NamedTuple):
    """Who is interested, and on which chat app."""

    user: UUID
    im: str


class Subscriptions:
    """Who wants to hear of an Entity."""

    indexed: ClassVar = ("entity", "user")

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def save_filter(self, user: User) -> None:
        """Make the rows of one User those of its event filter."""
        kinds = sorted(user.event_filter.kinds)
        wanted = {str(entity) for entity in user.event_filter.entities} if kinds else set()
        present = {
            row["entity"] for row in self.collection.find({"user": str(user.id)}, {"entity": 1})
        }
        writes: list[UpdateOne | DeleteOne] = [
            UpdateOne(
                {"_id": f"{user.id}:{entity}"},
                {"$set": {"user": str(user.id), "entity": entity, "im": user.im, "kinds": kinds}},
                upsert=True,
            )
            for entity in sorted(wanted)
        ]
        writes += [DeleteOne({"_id": f"{user.id}:{entity}"}) for entity in present - wanted]
        if writes:
            self.collection.bulk_write(writes, ordered=False)

    def list_interested(self, entity: UUID, kind: str) -> Iterator[Subscriber]:
        """Give who wants to hear this kind of this Entity, as a stream in no order."""
        rows = self.collection.find(
            {"entity": str(entity)}, {"user": 1, "im": 1, "kinds": 1}, batch_size=1000
        )
        for row in rows:
            if kind in row["kinds"]:
                yield Subscriber(UUID(row["user"]), row["im"])
