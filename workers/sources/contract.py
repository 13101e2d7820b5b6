"""What makes a platform a source: how its accounts are read, and how two looks at one differ.

::

    a batch of Tasks ─▶ fetch ─▶ compare, one by one ─▶ Events to the outbox ─▶ memories ─▶ watches

Everything else is done here, the same for all: what is remembered is read and written, a platform
that is paused is left alone, and an error becomes the reaction that its class stands for. Events
are in the outbox before what was seen is remembered: whoever dies in between will see the same
again, and make the same Events of it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

import celery

from stargazer import bus, metrics
from stargazer.alarms import end_alarm, raise_alarm
from stargazer.context import Context
from stargazer.coordinator.schedule import hasten, postpone
from stargazer.errors import PayloadError, PlatformError, TransientError
from stargazer.models import Model, PlatformState, SourceEvent, Task, Watch
from stargazer.pausing import (
    fail_account,
    fail_platform,
    is_paused,
    needs_operator,
    see_account,
    see_platform,
)
from stargazer.platforms.registry import PLATFORMS
from workers.sources import SOURCES
from workers.sources.batch import look_at

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Model)
S = TypeVar("S")


class Known(NamedTuple, Generic[M]):
    """A Task, and what is remembered of it.

    :ivar memory: None before the first look.
    """

    task: Task
    memory: M | None


class Verdict(NamedTuple, Generic[M]):
    """What follows from a look at an account.

    :ivar memory: what is remembered from now on.
    :ivar events: what is told; nothing at the first look.
    :ivar rest: how long the account need not be looked at; None: as long as usual.
    """

    memory: M
    events: tuple[SourceEvent, ...] = ()
    rest: timedelta | None = None


@dataclass(frozen=True)
class Watcher(Generic[M, S]):
    """A platform as a source.

    :ivar kind: of its Tasks, as in :data:`workers.sources.SOURCES`.
    :ivar memory: the form of what is remembered of each Task.
    :ivar fetch: asks the platform what there is now. It gives an answer or an error for each Task;
        what it raises is about the platform, whichever account was asked for:
        :class:`~stargazer.errors.TransientError` and :class:`~stargazer.errors.PayloadError` slow
        these accounts down, a :class:`~stargazer.errors.ThrottledError` pauses the platform, and
        its subclasses also raise an alarm. An error of one Task slows only that one down; with
        :class:`~stargazer.errors.GoneError` it is looked for once a day, and an alarm is raised.
    :ivar compare: decides, purely, what is told. It raises a ``TransientError`` for an answer that
        cannot be the truth, such as an empty one where there was something.
    """

    kind: str
    memory: type[M]
    fetch: Callable[
        [Context, Sequence[Known[M]], datetime], Mapping[UUID, S | PlatformError | PayloadError]
    ]
    compare: Callable[[Task, M | None, S, datetime], Verdict[M]]


def poll(context: Context, app: celery.Celery, watcher: Watcher[M, S], batch: str) -> None:
    """Look at the accounts of a batch, if it is still wanted."""
    look_at(context, batch, lambda tasks: look(context, app, watcher, tasks, datetime.now(UTC)))


def look(
    context: Context,
    app: celery.Celery,
    watcher: Watcher[M, S],
    tasks: Sequence[Task],
    now: datetime,
    *,
    pushed: bool = False,
) -> None:
    """Look at these accounts, and tell what is new.

    :param pushed: whether the platform came to us, which it may while we leave it alone.
    """
    _Look(context, app, watcher, now).look(tasks, pushed=pushed)


class _Look(Generic[M, S]):
    def __init__(
        self, context: Context, app: celery.Celery, watcher: Watcher[M, S], now: datetime
    ) -> None:
        self._context = context
        self._store = context.store
        self._app = app
        self._watcher = watcher
        self._kind = watcher.kind
        self._now = now
        self._span = SOURCES[watcher.kind].span(context.settings)
        self._watches: dict[UUID, Watch] = {}

    def look(self, tasks: Sequence[Task], *, pushed: bool) -> None:
        if PLATFORMS[self._kind].find_missing(self._context.settings):
            # Nobody is asked; what is missing is shown where the platforms are.
            return
        state = self._store.platforms.get(self._kind)
        tasks = [task for task in tasks if pushed or not self._is_paused(task, state)]
        if not tasks:
            return
        memories = self._store.memories.list_known(
            self._watcher.memory, [task.id for task in tasks]
        )
        known = [
            Known(task, memories[task.id][0] if task.id in memories else None) for task in tasks
        ]
        try:
            seen = self._watcher.fetch(self._context, known, self._now)
        except (PlatformError, PayloadError) as exc:
            self._fail_platform(tasks, exc)
            return
        changes: dict[UUID, tuple[M, int]] = {}
        events: list[SourceEvent] = []
        for each in known:
            verdict = self._judge(each, seen.get(each.task.id))
            if verdict is None:
                continue
            events += verdict.events if pushed else _choose_told(each.task, verdict.events)
            if verdict.memory != each.memory:
                version = memories[each.task.id][1] if each.task.id in memories else 0
                changes[each.task.id] = (verdict.memory, version)
        bus.emit(self._app, self._store, events, self._now)
        for lost in self._store.memories.save(changes) if changes else ():
            # Somebody else saw it at the same time. What they stored is known at the next look.
            hasten(self._context.redis, self._kind, lost, timedelta())
        self._store.tasks.save_watches(self._watches)
        state = self._store.platforms.get(self._kind)
        if is_paused(state, self._now):
            # Another worker was sent away meanwhile, and knows better.
            return
        self._store.platforms.save(see_platform(state, self._now))
        if state.failures:
            end_alarm(self._store, self._kind, self._now, kind=self._kind)

    def _is_paused(self, task: Task, state: PlatformState) -> bool:
        """Tell whether an account is to be left alone, and then see to it that it is due later."""
        pauses = (state.paused_until, task.watch.paused_until)
        until = max((at for at in pauses if at is not None), default=self._now)
        if until <= self._now:
            return False
        self._put_off(task, until - self._now)
        return True

    def _judge(
        self, known: Known[M], seen: S | PlatformError | PayloadError | None
    ) -> Verdict[M] | None:
        """Compare what was seen of one account, and note how the look went."""
        task = known.task
        if seen is None:
            seen = TransientError("the platform said nothing of it")
        if isinstance(seen, PlatformError | PayloadError):
            self._fail(task, seen)
            return None
        try:
            verdict = self._watcher.compare(task, known.memory, seen, self._now)
        except (PlatformError, PayloadError) as exc:
            self._fail(task, exc)
            return None
        metrics.polls.labels(self._kind, "ok").inc()
        watch = see_account(task.watch, self._now)
        if verdict.rest is not None:
            watch = watch.model_copy(update={"paused_until": self._now + verdict.rest})
            self._put_off(task, verdict.rest)
        self._watches[task.id] = watch
        if task.watch.gone:
            end_alarm(self._store, f"gone:{task.id}", self._now, kind=self._kind)
        return verdict

    def _fail_platform(self, tasks: Sequence[Task], error: PlatformError | PayloadError) -> None:
        # Read anew: others have asked the same platform meanwhile.
        state = fail_platform(self._store.platforms.get(self._kind), error, self._now)
        self._store.platforms.save(state)
        log.warning(
            "platform_failed",
            extra={"kind": self._kind, "failures": state.failures, "error": str(error)},
        )
        if needs_operator(state, error, self._now):
            raise_alarm(self._store, self._kind, str(error), self._now, kind=self._kind)
        for task in tasks:
            if is_paused(state, self._now) and state.paused_until:
                self._put_off(task, state.paused_until - self._now)
            else:
                self._fail(task, error)
        self._store.tasks.save_watches(self._watches)

    def _fail(self, task: Task, error: PlatformError | PayloadError) -> None:
        watch = fail_account(task.watch, error, self._span, self._now)
        self._watches[task.id] = watch
        metrics.polls.labels(self._kind, "failed").inc()
        log.warning(
            "poll_failed",
            extra={"task_id": task.id, "failures": watch.failures, "error": watch.last_error},
        )
        if watch.gone and not task.watch.gone:
            raise_alarm(self._store, f"gone:{task.id}", str(error), self._now, kind=self._kind)
        if watch.paused_until:
            self._put_off(task, watch.paused_until - self._now)

    def _put_off(self, task: Task, pause: timedelta) -> None:
        postpone(self._context.redis, self._kind, task.id, pause)


def _choose_told(task: Task, events: tuple[SourceEvent, ...]) -> tuple[SourceEvent, ...]:
    """Leave out what happened before an account was watched, or watched again."""
    looked_at = task.watch.looked_at
    return () if looked_at is None or looked_at < task.created_at else events
