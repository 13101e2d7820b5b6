"""What happened."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID, uuid4, uuid5

from pydantic import Field

from stargazer.models.tasks import Task
from stargazer.models.values import Fields, Model, Time

EVENT_NAMESPACE = UUID("6d0f52a5-3a0b-5c1c-8f3c-1f6a1f0f8b5e")


def make_event_id(task: UUID, source_id: str, kind: str) -> UUID:
    """Give the id that follows from the natural key of what a source sees."""
    return uuid5(EVENT_NAMESPACE, f"{task} {source_id} {kind}")


class Event(Model):
    """Something happened to an Entity."""

    id: UUID = Field(default_factory=uuid4)
    kind: str
    entity: UUID
    fields: Fields


class SourceEvent(Event):
    """An Event as a source makes it, with what its natural key is made of.

    :ivar tags: what must treat it before anybody hears of it; the last one first.
    """

    task: UUID
    source_id: str
    happened_at: Time
    tags: tuple[str, ...] = ()

    @classmethod
    def from_source(
        cls,
        task: Task,
        source_id: str,
        kind: str,
        happened_at: datetime,
        fields: Fields,
        tags: tuple[str, ...] = (),
    ) -> Self:
        """Make the Event whose id follows from its natural key.

        :param source_id: what the platform calls the thing, and its revision where it has one.
        :returns: the same id each time the same thing is seen again.
        """
        return cls(
            id=make_event_id(task.id, source_id, kind),
            kind=kind,
            entity=task.entity,
            fields=fields,
            task=task.id,
            source_id=source_id,
            happened_at=happened_at,
            tags=tags,
        )


class OutboxState(StrEnum):
    """How far an Event got.

    ``open``: on its way, until all its Deliveries are in the ledger; ``held``: a middleware of
    ours keeps it until later; ``away``: somebody else's middleware has it; all others are final.
    """

    OPEN = "open"
    HELD = "held"
    AWAY = "away"
    DONE = "done"
    STALE = "stale"
    SWALLOWED = "swallowed"
    DEAD = "dead"


class Step(Model):
    """What became of an Event on its way.

    :ivar by: the tag of the middleware.
    :ivar what: ``treated``, ``held``, ``released``, ``swallowed``, ``replaced``, ``cancelled``,
        ``failed``, ``sent_away``, ``dead`` or ``retried``.
    """

    at: Time
    by: str
    what: str
    detail: str = ""


class StoredEvent(Event):
    """An Event in the outbox.

    :ivar tags: what must still treat it; the last one first.
    :ivar published_at: when it was last given to the broker; None: never.
    :ivar deliveries: to how many Users it went, once it is ``done``.
    :ivar steps: counts its steps; a step from where it is not any more fails.
    """

    task: UUID | None = None
    source_id: str | None = None
    happened_at: Time
    created_at: Time
    tags: tuple[str, ...] = ()
    state: OutboxState = OutboxState.OPEN
    published_at: Time | None = None
    publications: int = 0
    deliveries: int = 0
    steps: int = 0
    history: tuple[Step, ...] = ()
