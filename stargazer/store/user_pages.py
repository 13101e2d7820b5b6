"""Pages of the collection ``users``, in the order of their ids: finding some among many.

Parts of names are in no index, and the embedded database knows no patterns, so whoever looks for
one looks at all. Ids are UUIDs, hence evenly spread, and their first digits divide them into spans
of a bounded size; each page looks at some of these, and says where the next one begins.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import User
from stargazer.search import fold
from stargazer.store.documents import Document

#: So many Users are in a span, about; after so many, or so many spans, a page ends.
_SPAN = 2000
_MOST_ROWS = 1500
_MOST_SPANS = 8
#: The embedded database passes all Users for each span, if quickly: so many for one page.
_MOST_PASSED = 200_000
#: Where spans begin and end is said with so many of an id's digits.
_DIGITS = 4
_READ = {"_id": 1, "name": 1, "paused": 1}
#: After every id.
_END = "g"


class Query(NamedTuple):
    """Which Users; None: whichever.

    :ivar name: a part of the name, in any spelling.
    :ivar paused: only those that are paused, or that are not.
    """

    name: str | None = None
    im: str | None = None
    paused: bool | None = None

    def wants(self, user: User) -> bool:
        """Tell whether a User is one of these."""
        is_paused = user.paused is not None
        return (
            fold(self.name or "") in fold(user.name)
            and self.im in (None, user.im)
            and self.paused in (None, is_paused)
        )


class Found(NamedTuple):
    """A page.

    :ivar users: ids, in order; there may be fewer than asked for, even none, before the end.
    :ivar after: where the next page begins; None: there is no more.
    """

    users: list[UUID]
    after: str | None


def find_users(
    collection: Collection[Document],
    adopted: Iterable[User],
    query: Query,
    after: str,
    limit: int,
) -> Found:
    """Find a page of Users.

    :param adopted: those that have the predecessor's form, wanted or not.
    :param after: only ids, or beginnings of some, after this one; empty: from the first on.
    """
    others = [str(user.id) for user in adopted if query.wants(user)]
    part = fold(query.name or "")
    found: list[UUID] = []
    looked_at = 0
    count = collection.estimated_document_count()
    most_spans = max(1, min(_MOST_SPANS, _MOST_PASSED // max(count, 1)))
    for number, (low, high) in enumerate(list_spans(after, count), 1):
        rows = list(collection.find(_want(query, low, high), _READ, batch_size=1000))
        keys = [str(row["_id"]) for row in rows if _is_found(row, part, query)]
        keys += [key for key in others if low < key < high]
        for key in sorted(set(keys)):
            found.append(UUID(key))
            if len(found) == limit:
                return Found(found, key)
        looked_at += len(rows)
        if high != _END and (looked_at >= _MOST_ROWS or number == most_spans):
            return Found(found, high)
    return Found(found, None)


def list_spans(after: str, count: int) -> Iterator[tuple[str, str]]:
    """Divide the ids after that one into spans that hold about :data:`_SPAN` of them at most.

    :param count: how many ids there are altogether.
    :returns: what the ids of a span come after, and what they come before.
    """
    every = 16**_DIGITS
    spans = min(max(1, -(-count // _SPAN)), every)
    first = int(after[:_DIGITS].ljust(_DIGITS, "0"), 16)
    for number in range(((first + 1) * spans - 1) // every, spans):
        low, high = (each * every // spans for each in (number, number + 1))
        yield max(after, f"{low:0{_DIGITS}x}"), f"{high:0{_DIGITS}x}" if high < every else _END


def _want(query: Query, low: str, high: str) -> Document:
    wanted: Document = {"_id": {"$gt": low, "$lt": high}}
    if query.im is not None:
        wanted["im"] = query.im
    if query.paused:
        wanted["paused"] = {"$ne": None}
    return wanted


def _is_found(row: Document, part: str, query: Query) -> bool:
    # nx-27017 0.8.1 finds nothing that is to be null when a range is asked for as well.
    if query.paused is False and row.get("paused") is not None:
        return False
    return part in fold(row.get("name") or "")
