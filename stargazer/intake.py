"""What others tell us: plain JSON on the queue ``publish``, from any program in any language.

A message is ``{"kind": …, "entity": …, "fields": {…}, "tags": […]}``. With the ``id`` of an Event
that was given to somebody else's middleware it is that Event, treated; with another one, or none,
it is new. What is no Event goes to the dead letters as it came.
"""

import logging
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import from_json

from stargazer import metrics
from stargazer.bus import INTAKE
from stargazer.errors import PayloadError, explain
from stargazer.kinds import KINDS
from stargazer.models import DeadLetter, Fields, OutboxState, Step, StoredEvent
from stargazer.store import Store

log = logging.getLogger(__name__)

_LONGEST_BODY = 100_000
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Told(BaseModel):
    """A message on the queue ``publish``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: UUID | None = None
    kind: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    entity: UUID
    fields: Fields
    tags: Annotated[tuple[Tag, ...], Field(max_length=16)] = ()


def take_in(store: Store, body: bytes, now: datetime) -> StoredEvent | None:
    """Take in what somebody told us; once this returns, it cannot be lost.

    :returns: the Event, to be published; None for what is none, or has been here before.
    """
    try:
        told = parse(body)
    except PayloadError as exc:
        text = body[:_LONGEST_BODY].decode(errors="replace")
        store.dead_letters.insert(DeadLetter(body=text, by=INTAKE, reason=str(exc), created_at=now))
        metrics.dead.labels(INTAKE).inc()
        log.error("message_dead", extra={"by": INTAKE, "reason": str(exc)})
        return None
    known = store.events.find(told.id) if told.id else None
    if known is None:
        event = StoredEvent(
            id=told.id or uuid4(),
            kind=told.kind,
            entity=told.entity,
            fields=told.fields,
            tags=told.tags,
            happened_at=now,
            created_at=now,
            published_at=now,
            publications=1,
        )
        return event if store.events.add([event]) else None
    if known.state != OutboxState.AWAY or len(told.tags) >= len(known.tags):
        # It has been here before. With all of its tags it is no answer, but told again.
        return None
    step = Step(at=now, by=known.tags[-1], what="treated")
    return store.events.advance(known, step, tags=told.tags, fields=told.fields)


def parse(body: bytes) -> Told:
    """Read a message.

    :raises PayloadError: when it is none, or lacks fields that its kind has.
    """
    try:
        # The database could not keep NaN, nor half a surrogate pair.
        from_json(body, allow_inf_nan=False)
        told = Told.model_validate_json(body)
    except ValidationError as exc:
        raise PayloadError("; ".join(explain(exc))) from None
    except ValueError as exc:
        raise PayloadError(f"not JSON: {exc}") from None
    kind = KINDS.get(told.kind)
    missing = kind.find_missing(told.fields) if kind else []
    if missing:
        raise PayloadError(f"an event of the kind {told.kind} has no {', '.join(missing)}")
    return told


def retry(store: Store, letter: DeadLetter, now: datetime) -> bool:
    """Let a dead letter go on from where it was; the sweeper publishes it within seconds.

    :returns: False when it still cannot: then it is a dead letter again, with a new reason.
    """
    if letter.event is None:
        body = (letter.body or "").encode()
        went = take_in(store, body, now)
        if went is not None:
            store.events.update(went.id, {"$set": {"published_at": None}})
    else:
        event = store.events.find(letter.event)
        is_dead = event is not None and event.state == OutboxState.DEAD
        step = Step(at=now, by=letter.by, what="retried")
        went = store.events.advance(event, step) if event and is_dead else None
        if went is not None:
            store.events.update(went.id, {"$set": {"published_at": None, "publications": 0}})
    store.dead_letters.delete(letter.id)
    return went is not None
