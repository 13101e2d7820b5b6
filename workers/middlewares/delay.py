"""The middleware ``delay``: an Event waits until its time.

Parameters: ``x-delay-at`` (UNIX seconds), ``x-delay-id`` (any string or integer), and, in place of
a time, ``x-delay-cancel`` (true). The same id replaces what waits under it, cancel removes it.

What waits is held in the outbox, and a timer for it in the collection ``delayed``. Only what is
due within the next minute becomes a Celery task with a countdown, one for all of a moment. That
lets an Event go on if it is still held, so an alarm that rings twice, or races with a
cancellation, does no harm; one that never rings is made up for by the next look at the timers.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import celery
import kombu.exceptions

from stargazer import metrics
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.errors import RefusedError
from stargazer.ledger import mend
from stargazer.middlewares import DELAY as TAG
from stargazer.middlewares import SCAN_SPANS
from stargazer.models import OutboxState, Step, StoredEvent
from stargazer.store.delayed import SLOT, Timer, get_slot
from workers.middlewares.contract import (
    SWALLOWED,
    Held,
    Middleware,
    Parameters,
    Swallowed,
    go_on,
    work,
)

log = logging.getLogger(__name__)

_PARAMETERS = ("x-delay-at", "x-delay-id", "x-delay-cancel")
#: The alarm of a timer that is so late will not ring any more.
_MISSED = timedelta(seconds=5)
#: Every so often all timers are read, for what no look at the present slots finds.
_FULL_SPAN = timedelta(minutes=10)
#: What is due within so many seconds of one another goes on together.
_TOGETHER = 0.25
#: For so long a cancellation is remembered.
_REMEMBER = timedelta(hours=1)
_ALARM_KEPT = 2 * int(SLOT.total_seconds()) + 60
_MOST_TRIES = 20


@app.task(name="delay.treat", bind=True)
def treat_event(self: StargazerTask, event: str) -> None:
    """Let an Event wait, or end the waiting of another one."""
    work(self, MIDDLEWARE, event)


@app.task(name="delay.ring", bind=True)
def ring(self: StargazerTask, timers: list[list[str]]) -> None:
    """Let the Events go on that are due now: key and Event of each timer, and its time."""
    release(
        app,
        self.context,
        [Timer(key, UUID(event), datetime.fromisoformat(at)) for key, event, at in timers],
        datetime.now(UTC),
    )


@app.task(name="delay.scan", bind=True)
def scan(self: StargazerTask) -> None:
    """Set the alarms of what is due soon, and let go what is late."""
    client = self.context.redis
    if take_tick(client, "delay.scan", SCAN_SPANS[TAG]):
        now = datetime.now(UTC)
        with mend(client, "delay") as is_wiped:
            if is_wiped or take_tick(client, "delay.scan_all", _FULL_SPAN):
                catch_up(self.context, now)
        look_at_timers(self.context, now)


def delay(context: Context, event: StoredEvent, parameters: Parameters) -> Held | Swallowed:
    """Hold an Event until its time.

    :raises RefusedError: when a parameter is missing or wrong, or the time was over before the
        Event was made.
    """
    key = _read_key(parameters.get("delay-id"))
    if _read_cancel(parameters.get("delay-cancel")):
        # It stays for a while, for what it cancels may still be on its way here.
        _take_place(context, event, Timer(key, event.id, parameters.now + _REMEMBER), "cancelled")
        return SWALLOWED
    due_at = _read_time(parameters.get("delay-at"))
    if due_at <= event.created_at:
        raise RefusedError(f"x-delay-at is in the past: {due_at.isoformat()}")
    timer = Timer(key, event.id, due_at)
    if not _take_place(context, event, timer, "replaced"):
        return SWALLOWED
    if due_at <= parameters.now + _get_horizon(context):
        _set_alarms(context, [timer])
    return Held(f"until {due_at.isoformat()}")


MIDDLEWARE = Middleware(TAG, delay, patience=timedelta(seconds=60), is_vital=True)


def release(
    celery_app: celery.Celery, context: Context, timers: Sequence[Timer], now: datetime
) -> int:
    """Let those go on that are still held, and forget their timers.

    :returns: how many went on.
    """
    store = context.store
    events = {event.id: event for event in store.events.list_by_ids([t.event for t in timers])}
    done, released = [], 0
    for timer in timers:
        event = events.get(timer.event)
        if event is not None and event.state == OutboxState.OPEN and event.tags[-1:] == (TAG,):
            # It is not held yet: its own task is still at work, or died. It will ring again.
            continue
        done.append(timer)
        if event is None or event.state != OutboxState.HELD:
            continue
        late = max((now - timer.due_at).total_seconds(), 0.0)
        step = Step(at=now, by=TAG, what="released", detail=f"{late:.2f} s late")
        fields = {name: value for name, value in event.fields.items() if name not in _PARAMETERS}
        if go_on(celery_app, context, event, step, fields):
            metrics.lateness.observe(late)
            released += 1
    store.delayed.remove(done)
    return released


def catch_up(context: Context, now: datetime) -> None:
    """Let everything go on that is late, however long it was due."""
    _release_late(context, context.store.delayed.list_due(now - _MISSED), now)


def look_at_timers(context: Context, now: datetime) -> None:
    """Set the alarms of the timers in this slot and the next, and make up for missed ones."""
    first = get_slot(now)
    timers = [
        timer
        for slot in range(first - 1, first + 3)
        for timer in context.store.delayed.list_in_slot(slot)
    ]
    _release_late(context, (timer for timer in timers if timer.due_at < now - _MISSED), now)
    horizon = now + _get_horizon(context)
    soon = [timer for timer in timers if now - _MISSED <= timer.due_at <= horizon]
    _set_alarms(context, soon)


def _release_late(context: Context, timers: Iterable[Timer], now: datetime) -> None:
    late = list(timers)
    if late:
        count = release(app, context, late, now)
        log.warning("delayed_late", extra={"count": count, "timers": len(late)})


def _set_alarms(context: Context, timers: Sequence[Timer]) -> None:
    with context.redis.pipeline(transaction=False) as pipeline:
        for timer in timers:
            # Who comes later finds it set; and if Redis is wiped, so are the alarms.
            key = f"stargazer:alarm:{timer.event}:{timer.due_at.timestamp():.3f}"
            pipeline.set(key, 1, nx=True, ex=_ALARM_KEPT)
        is_new = pipeline.execute()
    together: dict[int, list[Timer]] = defaultdict(list)
    for timer in (timer for timer, new in zip(timers, is_new, strict=True) if new):
        together[int(timer.due_at.timestamp() / _TOGETHER)].append(timer)
    for due in together.values():
        latest = max(timer.due_at for timer in due)
        said = [[timer.key, str(timer.event), timer.due_at.isoformat()] for timer in due]
        try:
            # Not a countdown, which would begin only when all the alarms before it are set.
            ring.apply_async((said,), eta=latest)
        except kombu.exceptions.OperationalError:
            # They are late then, and the next look makes up for it.
            log.warning("alarm_failed", extra={"timers": len(due)})


def _get_horizon(context: Context) -> timedelta:
    return min(2 * SLOT, context.settings.longest_countdown)


def _take_place(context: Context, event: StoredEvent, timer: Timer, what: str) -> bool:
    """Put a timer under its key, in place of an older Event's, which nobody shall hear of.

    :param what: becomes of the older one.
    :returns: False when the one that is there is younger: they came here the wrong way round.
    """
    store = context.store
    for _ in range(_MOST_TRIES):
        known = store.delayed.find(timer.key)
        other = store.events.find(known.event) if known and known.event != event.id else None
        if other is not None and other.created_at > event.created_at:
            return False
        if store.delayed.put(timer, known.event if known else None):
            if other is not None and other.state == OutboxState.HELD:
                step = Step(at=datetime.now(UTC), by=TAG, what=what)
                store.events.advance(other, step, OutboxState.SWALLOWED)
            return True
    raise RefusedError("too many want to wait under this id at the same time")


def _read_key(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise RefusedError("x-delay-id is missing, or neither a string nor an integer")
    # The number 5 and the text "5" are two ids.
    return json.dumps(value, ensure_ascii=False)


def _read_cancel(value: object) -> bool:
    if value not in (None, True, False):
        raise RefusedError("x-delay-cancel is neither true nor false")
    return value is True


def _read_time(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RefusedError("x-delay-at is missing, or no UNIX time")
    try:
        # Milliseconds, as the database keeps them.
        return datetime.fromtimestamp(int(value * 1000) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise RefusedError("x-delay-at is no UNIX time") from None
