"""Pages of the collection ``deliveries``, newest first."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import Delivery, DeliveryState
from stargazer.store.documents import Document, from_document, to_value
from stargazer.store.newest import Position, read_newest


class Query(NamedTuple):
    """Which Deliveries; None: whichever.

    :ivar since: only those that entered the ledger at that moment or later.
    """

    event: UUID | None = None
    user: UUID | None = None
    state: DeliveryState | None = None
    im: str | None = None
    since: datetime | None = None


def read_page(
    collection: Collection[Document], query: Query, before: Position | None, limit: int
) -> tuple[list[Delivery], Position | None]:
    """Read a page of those that are wanted.

    :param before: where the page before ended; None: from the newest on.
    :returns: the Deliveries, and where this page ends; None: there is no other.
    """
    wanted: Document = {
        name: to_value(value)
        for name, value in query._asdict().items()
        if value is not None and name != "since"
    }
    is_narrow = query.event is not None or query.user is not None
    page = read_newest(collection, wanted, query.since, before, limit, is_narrow=is_narrow)
    return [from_document(Delivery, each) for each in page.documents], page.end
