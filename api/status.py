"""What the status page shows, as rows of plain texts that page and JSON share."""

import hashlib
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from stargazer.kinds import KINDS
from stargazer.models import Delivery, DeliveryState, Entity, Event, StoredEvent, User
from stargazer.store import Store
from stargazer.store.documents import Document

ROWS = 40
_FRESH_FOR = 0.8
_LANGUAGE = "en"
_IMS = {"telegram": "Telegram", "web": "Web"}


class Row(BaseModel):
    """What all rows have.

    :ivar key: tells rows of one list apart.
    :ivar at: when it happened, RFC 3339.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    at: datetime
    title: str
    url: str | None


class EventRow(Row):
    """Something happened to somebody."""

    entity: str
    kind: str
    state: str
    deliveries: int


class DeliveryRow(Row):
    """An Event and the chat it went to.

    :ivar delay_ms: from the Event in the outbox to the message in the chat; None until sent.
    """

    entity: str
    kind: str
    chat: str
    state: str
    reason: str
    delay_ms: int | None
    delay: str


class InboxRow(Row):
    """A message to a User of the chat app ``web``."""

    user: str
    text: str


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
        self._store = store
        self._lock = Lock()
        self._read_at = 0.0
        self._status: Status | None = None

    def read(self) -> Status:
        """Give the status, at most a second old."""
        with self._lock:
            if self._status is None or time.monotonic() - self._read_at > _FRESH_FOR:
                self._status = read_status(self._store)
                self._read_at = time.monotonic()
            return self._status


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
    names = _Names(
        store.entities.list_by_ids(list(entity_ids)), store.users.list_by_ids(list(user_ids))
    )
    return Status(
        counts=_count(store),
        events=tuple(_show_event(event, names) for event in events),
        deliveries=tuple(
            _show_delivery(delivery, known.get(delivery.event), names) for delivery in deliveries
        ),
        inbox=tuple(_show_message(message, names) for message in inbox),
    )


class _Names:
    def __init__(self, entities: Iterable[Entity], users: Iterable[User]) -> None:
        self._entities = {entity.id: entity for entity in entities}
        self._users = {user.id: user for user in users}

    def get_entity(self, key: UUID) -> str:
        entity = self._entities.get(key)
        return entity.meta.name.get_in(_LANGUAGE) if entity else "somebody removed"

    def get_user(self, key: UUID) -> str:
        user = self._users.get(key)
        return (user.name or user.im_payload) if user else "somebody removed"


def _count(store: Store) -> Counts:
    states = store.deliveries.count_by_state()
    return Counts(
        entities=store.entities.collection.estimated_document_count(),
        accounts=store.tasks.collection.estimated_document_count(),
        users=store.users.collection.estimated_document_count(),
        events=store.events.collection.estimated_document_count(),
        **{state.value: states.get(state.value, 0) for state in DeliveryState},
    )


def _show_event(event: StoredEvent, names: _Names) -> EventRow:
    return EventRow(
        key=str(event.id),
        at=event.created_at,
        title=_get_title(event),
        url=_get_link(event.fields.get("url")),
        entity=names.get_entity(event.entity),
        kind=_get_kind(event),
        state=event.state.value,
        deliveries=event.deliveries,
    )


def _show_delivery(delivery: Delivery, event: StoredEvent | None, names: _Names) -> DeliveryRow:
    delay = None
    if event and delivery.finished_at and delivery.state is DeliveryState.SENT:
        delay = round((delivery.finished_at - event.created_at).total_seconds() * 1000)
    return DeliveryRow(
        key=f"{delivery.event}:{delivery.user}",
        at=delivery.created_at,
        title=_get_title(event) if event else "an event that was removed",
        url=_get_link(event.fields.get("url")) if event else None,
        entity=names.get_entity(event.entity) if event else "",
        kind=_get_kind(event) if event else "",
        chat=f"{_IMS.get(delivery.im, delivery.im)} · {names.get_user(delivery.user)}",
        state=delivery.state.value,
        reason=delivery.reason or "",
        delay_ms=delay,
        delay="" if delay is None else f"{delay:,} ms",
    )


def _show_message(message: Document, names: _Names) -> InboxRow:
    lines: list[Any] = message.get("lines") or []
    return InboxRow(
        key=str(message["_id"]),
        at=message["received_at"].astimezone(UTC),
        title=str(message.get("headline", "")),
        url=_get_link(message.get("url")),
        user=names.get_user(UUID(message["user"])),
        text="\n".join(map(str, lines)),
    )


def _get_title(event: Event) -> str:
    return str(event.fields.get("title") or "untitled")


def _get_kind(event: Event) -> str:
    kind = KINDS.get(event.kind)
    return kind.titles[_LANGUAGE] if kind else event.kind


def _get_link(url: object) -> str | None:
    # Platforms send these; anything else, such as `javascript:`, must not become a link.
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None
