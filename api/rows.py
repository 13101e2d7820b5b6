"""The rows of the status page: what happened, written as plain texts."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from stargazer.kinds import KINDS
from stargazer.models import Delivery, DeliveryState, Entity, Event, StoredEvent, User
from stargazer.store.documents import Document

_LANGUAGE = "en"
_IMS = {
    "telegram": "Telegram",
    "discord": "Discord",
    "webhook": "Webhook",
    "apprise": "Apprise",
    "qq": "QQ",
    "web": "Web",
}


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


class Names:
    """What Entities and Users are called, also those that are no more."""

    def __init__(self, entities: Iterable[Entity], users: Iterable[User]) -> None:
        self._entities = {entity.id: entity for entity in entities}
        self._users = {user.id: user for user in users}

    def get_entity(self, key: UUID) -> str:
        """Give the name of an Entity."""
        entity = self._entities.get(key)
        return entity.meta.name.get_in(_LANGUAGE) if entity else "somebody removed"

    def get_user(self, key: UUID) -> str:
        """Give the name of a User, or its address where it has none."""
        user = self._users.get(key)
        return (user.name or user.im_payload) if user else "somebody removed"


def show_event(event: StoredEvent, names: Names) -> EventRow:
    """Write down an Event."""
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


def show_delivery(delivery: Delivery, event: StoredEvent | None, names: Names) -> DeliveryRow:
    """Write down a Delivery.

    :param event: None when it was removed.
    """
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


def show_message(message: Document, names: Names) -> InboxRow:
    """Write down a message of the inbox."""
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
