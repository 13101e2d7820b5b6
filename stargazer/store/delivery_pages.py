"""Pages of the collection ``deliveries``, newest first."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import Delivery, DeliveryState
from stargazer.store.documents import Document, from_document, to_value

#: How far behind a page the next one is looked for: the embedded database sorts all that it finds.
_WINDOWS = (timedelta(minutes=10), timedelta(hours=5), timedelta(days=6))


class Query(NamedTuple):
    """Which Deliveries; None: whichever.

    :ivar since: only those that entered the ledger at that moment or later.
    """

    event: UUID | None = None
    user: UUID | None = None
    state: DeliveryState | None = None
    im: str | None = None
    since: datetime | None = None


class Position(NamedTuple):
    """Where a page ends.

    :ivar at: when its last Delivery entered the ledger.
    :ivar key: the id of that one.
    """

    at: datetime
    key: str


def read_page(
    collection: Collection[Document], query: Query, before: Position | None, limit: int
) -> list[Delivery]:
    """Read a page of those that are wanted.

    :param before: the last one of the page before; None: from the newest on.
    """
    wanted: Document = {
        name: to_value(value)
        for name, value in query._asdict().items()
        if value is not None and name != "since"
    }
    if before is not None and query.event is None and query.user is None:
        floors = [before.at - window for window in _WINDOWS]
        for floor in floors if query.since is None else filter(query.since.__lt__, floors):
            page = _read(collection, wanted, floor, before, limit)
            if len(page) == limit:
                return page
    return _read(collection, wanted, query.since, before, limit)


def _read(
    collection: Collection[Document],
    wanted: Document,
    since: datetime | None,
    before: Position | None,
    limit: int,
) -> list[Delivery]:
    span = {} if since is None else {"$gte": to_value(since)}
    if before is not None:
        at = to_value(before.at)
        # It comes last: nx-27017 0.8.1 forgets an `$or` of what is also asked for after it.
        wanted = {
            **wanted,
            "$or": [
                {"created_at": {**span, "$lt": at}},
                {"created_at": at, "_id": {"$lt": before.key}},
            ],
        }
    elif span:
        wanted = {**wanted, "created_at": span}
    found = collection.find(wanted).sort([("created_at", -1), ("_id", -1)]).limit(limit)
    return [from_document(Delivery, each) for each in found]
