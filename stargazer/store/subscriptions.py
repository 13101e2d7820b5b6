"""The collection ``subscriptions``: one row per User and Entity.

It is what fan-out reads: a row is found by its Entity alone, with an index of its own, however
many Users there are. ``User.event_filter`` is the wish, these rows are derived from it, and
writing them again does no harm.
"""

from collections.abc import Callable, Iterator
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

    def __init__(self, collection: Collection[Document], changed: Callable[[], None]) -> None:
        self.collection = collection
        self._changed = changed

    def save_filter(self, user: User) -> None:
        """Make the rows of one User those of its event filter."""
        wanted = {
            str(entity): sorted(kinds)
            for entity in user.event_filter.entities
            if (kinds := user.event_filter.get_kinds(entity))
        }
        present = {
            row["entity"] for row in self.collection.find({"user": str(user.id)}, {"entity": 1})
        }
        writes: list[UpdateOne | DeleteOne] = [
            UpdateOne(
                {"_id": f"{user.id}:{entity}"},
                {"$set": {"user": str(user.id), "entity": entity, "im": user.im, "kinds": kinds}},
                upsert=True,
            )
            for entity, kinds in sorted(wanted.items())
        ]
        writes += [DeleteOne({"_id": f"{user.id}:{entity}"}) for entity in present - wanted.keys()]
        if writes:
            self.collection.bulk_write(writes, ordered=False)
            self._changed()

    def delete_of_user(self, user: UUID) -> None:
        """Remove the rows of one User."""
        self.collection.delete_many({"user": str(user)})
        self._changed()

    def delete_of_entity(self, entity: UUID) -> list[UUID]:
        """Remove the rows of one Entity; whose they were."""
        rows = self.collection.find({"entity": str(entity)}, {"user": 1})
        users = [UUID(row["user"]) for row in rows]
        self.collection.delete_many({"entity": str(entity)})
        self._changed()
        return users

    def list_all(self) -> Iterator[tuple[UUID, UUID, str, list[str]]]:
        """Give Entity, User, chat app and kinds of every row, as a stream in no order."""
        for row in self.collection.find({}, batch_size=1000):
            yield UUID(row["entity"]), UUID(row["user"]), row["im"], row["kinds"]

    def list_interested(self, entity: UUID, kind: str) -> Iterator[Subscriber]:
        """Give who wants to hear this kind of this Entity, as a stream in no order."""
        rows = self.collection.find(
            {"entity": str(entity)}, {"user": 1, "im": 1, "kinds": 1}, batch_size=1000
        )
        for row in rows:
            if kind in row["kinds"]:
                yield Subscriber(UUID(row["user"]), row["im"])

    def list_users(
        self, entity: UUID, kind: str, im: str | None, after: str | None, limit: int
    ) -> list[UUID]:
        """Give the Users who want to hear this kind of this Entity, in the order of their ids.

        :param im: only those on this chat app.
        :param after: only those whose id, as a string, comes after this one.
        """
        wanted: Document = {"entity": str(entity), "kinds": kind}
        if im is not None:
            wanted["im"] = im
        if after is not None:
            wanted["user"] = {"$gt": after}
        rows = self.collection.find(wanted, {"user": 1}).sort("user", 1).limit(limit)
        return [UUID(row["user"]) for row in rows]
