"""What a middleware is, and all that it need not care about.

A middleware is one function ``(context, event, parameters)``, declared with its tag by
:class:`Middleware`. It returns the Event as it goes on, :data:`SWALLOWED` for one of which nobody
shall hear, or :class:`Held` for one that it keeps until it releases it by itself. Around it::

    queue of the tag ─▶ find the Event ─▶ treat ─▶ take the tag and the fields that were read off
                            │               │            ─▶ publish what is left to do
                            │               └─ trouble ─▶ again, in growing pauses ─▶ failed
                            └─ not here any more ─▶ nothing

Fields that begin with ``x-`` are parameters; the one who reads such a field removes it. Whatever
happens in between, an Event takes each step once: it is written in the outbox, on the condition
that the Event is still where it was.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import celery

from stargazer import bus, metrics
from stargazer.app import StargazerTask
from stargazer.context import Context
from stargazer.errors import (
    PayloadError,
    PlatformError,
    ThrottledError,
    TransientError,
)
from stargazer.models import Event, OutboxState, Step, StoredEvent

log = logging.getLogger(__name__)

_FIRST_PAUSE = 1.0
#: An Event that was given to a middleware so often has something that ends the worker.
_MOST_PUBLICATIONS = 20


class Swallowed:
    """Nobody shall hear of the Event."""


SWALLOWED: Final = Swallowed()


class Held(NamedTuple):
    """The middleware keeps the Event, and has seen to it that it will be released.

    :ivar why: for the Event's history.
    """

    why: str


class Parameters:
    """The fields of an Event that begin with ``x-``; what is read here is taken off it.

    :ivar now: the time.
    """

    def __init__(self, fields: Mapping[str, Any], now: datetime) -> None:
        self.now = now
        self.read: set[str] = set()
        self._fields = fields

    def get(self, name: str) -> Any:
        """Read a parameter; None when there is none.

        :param name: without the ``x-``.
        """
        key = f"x-{name}"
        self.read.add(key)
        return self._fields.get(key)


Treat = Callable[[Context, StoredEvent, Parameters], Event | Swallowed | Held]


class Middleware(NamedTuple):
    """A middleware of ours.

    :ivar tag: also the name of its queue.
    :ivar patience: for how long it is tried again when it meets passing trouble.
    :ivar is_vital: whether an Event must not go on without it: then what fails for good goes to
        the dead letters, else it goes on as it was.
    """

    tag: str
    treat: Treat
    patience: timedelta
    is_vital: bool = False


def work(task: StargazerTask, middleware: Middleware, event_id: str) -> None:
    """Let an Event be treated, by the Celery task that got its id."""
    try:
        run(task.app, task.context, middleware, UUID(event_id), datetime.now(UTC))
    except (TransientError, ThrottledError) as exc:
        retries = task.request.retries
        pause = _FIRST_PAUSE * 2.0**retries
        if isinstance(exc, ThrottledError):
            pause = max(pause, exc.retry_after)
        # So many pauses have been made, each twice as long as the one before.
        if _FIRST_PAUSE * (2.0**retries - 1) + pause > middleware.patience.total_seconds():
            give_up(task.app, task.context, middleware, UUID(event_id), exc.reason)
            return
        raise task.retry(exc=exc, countdown=pause, max_retries=retries + 1) from exc


def run(
    app: celery.Celery, context: Context, middleware: Middleware, event_id: UUID, now: datetime
) -> None:
    """Treat an Event, if it is here to be treated.

    :raises TransientError: when it should be tried again, as does ThrottledError.
    """
    event = find_here(context, middleware, event_id)
    if event is None:
        return
    if event.publications > _MOST_PUBLICATIONS:
        give_up(app, context, middleware, event_id, "tried too often")
        return
    parameters = Parameters(event.fields, now)
    try:
        outcome = middleware.treat(context, event, parameters)
    except (TransientError, ThrottledError):
        raise
    except (PlatformError, PayloadError) as exc:
        give_up(app, context, middleware, event_id, str(exc))
        return
    store = context.store
    tag = middleware.tag
    match outcome:
        case Swallowed():
            step = Step(at=now, by=tag, what="swallowed")
            store.events.advance(event, step, OutboxState.SWALLOWED)
            _count(middleware, event, "swallowed")
        case Held(why):
            step = Step(at=now, by=tag, what="held", detail=why)
            store.events.advance(event, step, OutboxState.HELD)
            _count(middleware, event, "held")
        case Event():
            fields = {
                name: value for name, value in outcome.fields.items() if name not in parameters.read
            }
            go_on(app, context, event, Step(at=now, by=tag, what="treated"), fields)
            _count(middleware, event, "treated")


def find_here(context: Context, middleware: Middleware, event_id: UUID) -> StoredEvent | None:
    """Find an Event that is to be treated by this middleware next; None when it is elsewhere."""
    event = context.store.events.find(event_id)
    is_here = (
        event is not None
        and event.state == OutboxState.OPEN
        and event.tags[-1:] == (middleware.tag,)
    )
    return event if is_here else None


def go_on(
    app: celery.Celery,
    context: Context,
    event: StoredEvent,
    step: Step,
    fields: Mapping[str, Any] | None = None,
) -> bool:
    """Take the last tag off an Event, and publish what is left to do.

    :returns: False when somebody else was faster.
    """
    kept = None if fields is None else dict(fields)
    after = context.store.events.advance(event, step, tags=event.tags[:-1], fields=kept)
    if after is None:
        return False
    bus.publish(app, context.store, [after])
    return True


def give_up(
    app: celery.Celery, context: Context, middleware: Middleware, event_id: UUID, reason: str
) -> None:
    """Let an Event go on without the middleware, or not at all where that would be wrong."""
    event = find_here(context, middleware, event_id)
    if event is None:
        return
    now = datetime.now(UTC)
    _count(middleware, event, "failed")
    if middleware.is_vital:
        bus.bury(context.store, event, middleware.tag, reason, now)
        return
    log.warning(
        "middleware_failed",
        extra={"event_id": event_id, "x-failed-middleware": middleware.tag, "reason": reason},
    )
    go_on(app, context, event, Step(at=now, by=middleware.tag, what="failed", detail=reason))


def _count(middleware: Middleware, event: StoredEvent, outcome: str) -> None:
    metrics.middlewares.labels(middleware.tag, outcome).inc()
    log.info(
        "event_treated",
        extra={"event_id": event.id, "by": middleware.tag, "outcome": outcome},
    )
