"""The collection ``subscriptions``: one row per User and Entity, or Group of them.

It is what fan-out reads: a row is found by whom it is about alone, with an index of its own,
however many Users there are. ``User.event_filter`` is the wish, these rows are derived from it
alone, and writing them again does no harm. Who belongs to a Group is not written down here, so a
row for a Group says itself of whom of its members it does not speak, or in another way.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from pymongo import DeleteOne, ReplaceOne
from pymongo.collection import Collection

from stargazer.models import EventFilter, Rule, User
from stargazer.store.documents import Document, count_up_to

_READ = {"user": 1, "im": 1, "kinds": 1, "but": 1, "own": 1, "rules": 1}
_AT_ONCE = 1000


class Subscriber(NamedTuple):
    """Who is interested, and on which chat app.

    :ivar rules: what may keep an Event out all the same.
    """

    user: UUID
    im: str
    rules: tuple[Rule, ...] = ()


class Subscription(NamedTuple):
    """A row.

    :ivar about: an Entity, or a Group.
    :ivar kinds: what is wanted of it.
    :ivar but: members of the Group of whom it does not speak.
    :ivar own: members of the Group of whom other kinds are wanted.
    """

    about: UUID
    user: UUID
    im: str
    kinds: frozenset[str]
    but: frozenset[UUID]
    own: dict[UUID, frozenset[str]]

    def get_kinds(self, entity: UUID) -> frozenset[str]:
        """Give what is wanted of this Entity: of the row's own, or of a member of its Group."""
        return frozenset() if entity in self.but else self.own.get(entity, self.kinds)


class Subscriptions:
    """Who wants to hear of an Entity."""

    # Of Entities and Groups alike, as no two of them have one id.
    indexed: ClassVar = ("entity", "user")

    def __init__(self, collection: Collection[Document], changed: Callable[[], None]) -> None:
        self.collection = collection
        self._changed = changed

    def save_filter(self, user: User) -> None:
        """Make the rows of one User those of its event filter."""
        present = {row["_id"] for row in self.collection.find({"user": str(user.id)}, {"_id": 1})}
        writes: list[ReplaceOne[Document] | DeleteOne] = []
        for row in make_rows(user):
            writes.append(ReplaceOne({"_id": row["_id"]}, row, upsert=True))
            present.discard(row["_id"])
        writes += [DeleteOne({"_id": key}) for key in present]
        if writes:
            self.collection.bulk_write(writes, ordered=False)
            self._changed()

    def add_filters(self, users: Sequence[User]) -> None:
        """Write the rows of Users who have none yet, in one request."""
        writes = [
            ReplaceOne({"_id": row["_id"]}, row, upsert=True)
            for user in users
            for row in make_rows(user)
        ]
        for start in range(0, len(writes), _AT_ONCE):
            self.collection.bulk_write(writes[start : start + _AT_ONCE], ordered=False)
        if writes:
            self._changed()

    def delete_of_user(self, user: UUID) -> None:
        """Remove the rows of one User."""
        self.collection.delete_many({"user": str(user)})
        self._changed()

    def delete_about(self, about: UUID) -> list[UUID]:
        """Remove the rows of one Entity or Group; whose they were."""
        rows = self.collection.find({"entity": str(about)}, {"user": 1})
        users = [UUID(row["user"]) for row in rows]
        self.collection.delete_many({"entity": str(about)})
        self._changed()
        return users

    def count_about(self, about: UUID) -> int:
        """Count the rows of one Entity or Group, which an index leads to."""
        return count_up_to(self.collection, {"entity": str(about)})

    def list_all(self) -> Iterator[Subscription]:
        """Give every row, as a stream in no order."""
        for row in self.collection.find({}, batch_size=_AT_ONCE):
            yield Subscription(
                UUID(row["entity"]),
                UUID(row["user"]),
                row["im"],
                frozenset(row["kinds"]),
                frozenset(map(UUID, row.get("but", ()))),
                {UUID(each): frozenset(kinds) for each, kinds in row.get("own", {}).items()},
            )

    def list_interested(self, entity: UUID, group: UUID | None, kind: str) -> Iterator[Subscriber]:
        """Give who wants to hear this kind of this Entity, as a stream in no order.

        :param group: the Group that it belongs to.
        :returns: who wants both, the Entity and its Group, may come twice.
        """
        for about in filter(None, (entity, group)):
            rows = self.collection.find({"entity": str(about)}, _READ, batch_size=_AT_ONCE)
            for row in rows:
                if kind in _get_kinds(row, entity):
                    rules = tuple(map(Rule.model_validate, row.get("rules", ())))
                    yield Subscriber(UUID(row["user"]), row["im"], rules)

    def list_users(
        self,
        entity: UUID,
        group: UUID | None,
        kind: str,
        im: str | None,
        after: str | None,
        limit: int,
    ) -> list[UUID]:
        """Give the Users who want to hear this kind of this Entity, in the order of their ids.

        :param group: the Group that it belongs to.
        :param im: only those on this chat app.
        :param after: only those whose id, as a string, comes after this one.
        """
        found: list[UUID] = []
        streams = [self._list_rows(about, im, after) for about in (entity, group) if about]
        for user, rows in groupby(merge(*streams, key=itemgetter("user")), itemgetter("user")):
            if len(found) == limit:
                break
            if any(kind in _get_kinds(row, entity) for row in rows):
                found.append(UUID(user))
        return found

    def _list_rows(self, about: UUID, im: str | None, after: str | None) -> Iterator[Document]:
        wanted: Document = {"entity": str(about)}
        if im is not None:
            wanted["im"] = im
        if after is not None:
            wanted["user"] = {"$gt": after}
        yield from self.collection.find(wanted, _READ, batch_size=_AT_ONCE).sort("user", 1)


def make_rows(user: User) -> list[Document]:
    """Give the rows that say what a User wants."""
    wish = user.event_filter
    rows = {**_make_entity_rows(wish), **_make_group_rows(wish)}
    return [
        {"_id": f"{user.id}:{about}", "user": str(user.id), "entity": about, "im": user.im, **row}
        for about, row in sorted(rows.items())
    ]


def _make_entity_rows(wish: EventFilter) -> dict[str, dict[str, Any]]:
    rows = {}
    for entity in wish.entities:
        kinds = wish.get_kinds(entity, None)
        rules = [rule for rule in wish.rules if not rule.entities or entity in rule.entities]
        if kinds:
            rows[str(entity)] = _make_row(kinds, rules)
    return rows


def _make_group_rows(wish: EventFilter) -> dict[str, dict[str, Any]]:
    # Of those that have a row of their own, and other kinds in it, that row alone speaks.
    own = wish.kinds_by_entity.keys()
    but = sorted(map(str, wish.without_entities | (wish.entities & own)))
    others = {
        str(entity): sorted(kinds)
        for entity, kinds in sorted(wish.kinds_by_entity.items())
        if entity not in wish.entities and entity not in wish.without_entities
    }
    if not wish.kinds and not others:
        return {}
    row = _make_row(wish.kinds, wish.rules)
    row |= ({"but": but} if but else {}) | ({"own": others} if others else {})
    return {str(group): dict(row) for group in wish.groups}


def _make_row(kinds: frozenset[str], rules: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"kinds": sorted(kinds)}
    if rules:
        row["rules"] = [rule.model_dump(mode="json", exclude_defaults=True) for rule in rules]
    return row


def _get_kinds(row: Document, entity: UUID) -> list[str]:
    name = str(entity)
    if name in row.get("but", ()):
        return []
    kinds: list[str] = row.get("own", {}).get(name, row["kinds"])
    return kinds
