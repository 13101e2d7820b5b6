"""What the status page shows, read once for all who look at it."""

import hashlib
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.kept import Kept
from api.rows import (
    DeliveryRow,
    EventRow,
    InboxRow,
    Names,
    show_delivery,
    show_event,
    show_message,
)
from stargazer.models import DeliveryState
from stargazer.store import Store

ROWS = 40
_FRESH_FOR = 0.8


class Counts(BaseModel):
    """How many there are."""

    model_config = ConfigDict(frozen=True)

    entities: int
    accounts: int
    users: int
    events: int
    pending: int
    sent: int
    failed: int
    dropped: int
    unknown: int


class Status(BaseModel):
    """The newest of everything, newest first."""

    model_config = ConfigDict(frozen=True)

    counts: Counts
    events: tuple[EventRow, ...]
    deliveries: tuple[DeliveryRow, ...]
    inbox: tuple[InboxRow, ...]

    def get_tag(self) -> str:
        """Give what differs when anything in it does."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:24]


class StatusReader:
    """Reads the status once a second, however many look at it."""

    def __init__(self, store: Store) -> None:
        self._kept = Kept(lambda: read_status(store), _FRESH_FOR)

    def read(self) -> Status:
        """Give the status, at most a second old."""
        return self._kept.get()


def read_status(store: Store) -> Status:
    """Read the newest of everything, and name what it speaks of."""
    events = store.events.list_latest(ROWS)
    deliveries = store.deliveries.list_latest(ROWS)
    inbox = store.inbox.list_latest(ROWS)
    known = {event.id: event for event in events}
    missing = {delivery.event for delivery in deliveries} - known.keys()
    known |= {event.id: event for event in store.events.list_by_ids(list(missing))}
    entity_ids = {event.entity for event in known.values()}
    user_ids = {delivery.user for delivery in deliveries} | {UUID(row["user"]) for row in inbox}
    names = Names(
        store.entities.list_by_ids(list(entity_ids)), store.users.list_by_ids(list(user_ids))
    )
    return Status(
        counts=_count(store),
        events=tuple(show_event(event, names) for event in events),
        deliveries=tuple(
            show_delivery(delivery, known.get(delivery.event), names) for delivery in deliveries
        ),
        inbox=tuple(show_message(message, names) for message in inbox),
    )


def _count(store: Store) -> Counts:
    states = store.deliveries.count_by_state()
    return Counts(
        entities=store.entities.collection.estimated_document_count(),
        accounts=store.tasks.collection.estimated_document_count(),
        users=store.users.collection.estimated_document_count(),
        events=store.events.collection.estimated_document_count(),
        **{state.value: states.get(state.value, 0) for state in DeliveryState},
    )
