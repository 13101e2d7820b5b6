"""Pages of a collection whose documents have a ``created_at``, newest first.

Where a page ends is a moment and an id. The embedded database has no index on ranges, and looks at
everything for each page behind the first; what it does well is to pass so many in the order of the
index. So where a page ends also says how many came before, as a hint: the next page begins there
if what is there proves it right, and is looked for by the range if it does not.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pymongo.collection import Collection

from stargazer.store.documents import Document, as_time, to_value

#: How far behind a page the next one is looked for: the embedded database sorts all that it finds.
_WINDOWS = (timedelta(minutes=10), timedelta(hours=5), timedelta(days=6))
_ORDER = [("created_at", -1), ("_id", -1)]
#: So many may be new since the page before, and the hint still helps.
_MOST_NEW = 200


class Position(NamedTuple):
    """Where a page ends.

    :ivar at: when its last document was created.
    :ivar key: the id of that one; empty: the next page begins with what is older than ``at``.
    :ivar passed: how many there were up to that one; None: nobody knows.
    """

    at: datetime
    key: str
    passed: int | None = None


class Newest(NamedTuple):
    """A page.

    :ivar end: where it ends; None: there is no other.
    """

    documents: list[Document]
    end: Position | None


def read_newest(
    collection: Collection[Document],
    wanted: Document,
    since: datetime | None,
    before: Position | None,
    limit: int,
    *,
    is_narrow: bool,
) -> Newest:
    """Read a page of those that are wanted.

    :param since: only what was created at that moment or later; None: whenever.
    :param before: where the page before ended; None: from the newest on.
    :param is_narrow: whether an index leads to few documents, however many there are altogether.
    """
    # One more than asked for tells whether there is another page.
    walked = _walk(collection, wanted, before, limit + 1)
    if walked is not None:
        found, passed = walked
    else:
        found, passed = _search(collection, wanted, since, before, limit + 1, is_narrow), None
    if since is not None:
        # MongoDB keeps milliseconds, and compares with no more than that.
        found = [each for each in found if as_time(each["created_at"]) >= to_value(since)]
    page = found[:limit]
    if len(found) <= limit:
        return Newest(page, None)
    at, key = _place(page[-1])
    return Newest(page, Position(at, key, None if passed is None else passed + len(page)))


def _walk(
    collection: Collection[Document], wanted: Document, before: Position | None, limit: int
) -> tuple[list[Document], int] | None:
    """Read a page where it should be.

    :returns: the page, and how many came before it; None when it is not there.
    """
    if before is None:
        return list(collection.find(wanted).sort(_ORDER).limit(limit)), 0
    if before.passed is None:
        return None
    start = max(before.passed - 1, 0)
    most = limit + _MOST_NEW
    found = list(collection.find(wanted).sort(_ORDER).skip(start).limit(most))
    ahead = sum(_place(each) >= before[:2] for each in found)
    # Only behind one that is known to come before it nothing is left out.
    if not ahead or (len(found) == most and len(found) - ahead < limit):
        return None
    return found[ahead : ahead + limit], start + ahead


def _search(
    collection: Collection[Document],
    wanted: Document,
    since: datetime | None,
    before: Position | None,
    limit: int,
    is_narrow: bool,  # noqa: FBT001 - handed down
) -> list[Document]:
    """Read a page by its range."""
    if before is not None and not is_narrow:
        floors = [before.at - window for window in _WINDOWS]
        for floor in floors if since is None else filter(since.__lt__, floors):
            page = _read(collection, wanted, floor, before, limit)
            if len(page) == limit:
                return page
    return _read(collection, wanted, since, before, limit)


def _place(document: Document) -> tuple[datetime, str]:
    return as_time(document["created_at"]).astimezone(UTC), str(document["_id"])


def _read(
    collection: Collection[Document],
    wanted: Document,
    since: datetime | None,
    before: Position | None,
    limit: int,
) -> list[Document]:
    span = {} if since is None else {"$gte": to_value(since)}
    if before is not None:
        at = to_value(before.at)
        earlier = [
            {"created_at": {**span, "$lt": at}},
            {"created_at": at, "_id": {"$lt": before.key}},
        ]
        # nx-27017 0.8.1 takes `a, $or: [b, c]` for `a and b, or c`, which gives away others'.
        wanted = {"$and": [wanted, {"$or": earlier}]} if wanted else {"$or": earlier}
    elif span:
        wanted = {**wanted, "created_at": span}
    return list(collection.find(wanted).sort(_ORDER).limit(limit))
