"""Pages of a collection whose documents have a ``created_at``, newest first."""

from datetime import datetime, timedelta
from typing import NamedTuple

from pymongo.collection import Collection

from stargazer.store.documents import Document, as_time, to_value

#: How far behind a page the next one is looked for: the embedded database sorts all that it finds.
_WINDOWS = (timedelta(minutes=10), timedelta(hours=5), timedelta(days=6))
_ORDER = [("created_at", -1), ("_id", -1)]


class Position(NamedTuple):
    """Where a page ends.

    :ivar at: when its last document was created.
    :ivar key: the id of that one; empty: the next page begins with what is older than ``at``.
    """

    at: datetime
    key: str


def read_newest(
    collection: Collection[Document],
    wanted: Document,
    since: datetime | None,
    before: Position | None,
    limit: int,
    *,
    is_narrow: bool,
) -> list[Document]:
    """Read a page of those that are wanted.

    :param since: only what was created at that moment or later; None: whenever.
    :param before: where the page before ended; None: from the newest on.
    :param is_narrow: whether an index leads to few documents, however many there are altogether.
    """
    if before is None and not is_narrow:
        # Without a range the index on ``created_at`` gives them in order, one by one.
        newest = _read(collection, wanted, None, None, limit)
        return newest if since is None else [each for each in newest if _is_since(each, since)]
    if before is not None and not is_narrow:
        floors = [before.at - window for window in _WINDOWS]
        for floor in floors if since is None else filter(since.__lt__, floors):
            page = _read(collection, wanted, floor, before, limit)
            if len(page) == limit:
                return page
    return _read(collection, wanted, since, before, limit)


def _is_since(document: Document, since: datetime) -> bool:
    # MongoDB keeps milliseconds, and compares with no more than that.
    at: datetime = to_value(since)
    return as_time(document["created_at"]) >= at


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
