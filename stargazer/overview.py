"""How all of it goes, for an operator, read at once: cheap, however much there is.

Nothing here reads a collection that grows without end. What Redis knows is None while it is away.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple, TypeVar

import redis

from stargazer import tallies
from stargazer.budgets import Budget
from stargazer.context import Context
from stargazer.coordinator.report import Report, read_report
from stargazer.errors import UnavailableError
from stargazer.models import Alarm, DeliveryState, User
from stargazer.platforms.report import PlatformReport, report_platforms
from stargazer.store import Store
from stargazer.tallies import Minute
from stargazer.translation.metering import list_budgets

log = logging.getLogger(__name__)

#: What is counted one by one is counted up to here.
MOST = 1000
_SHOWN = 20

T = TypeVar("T")


class Counts(NamedTuple):
    """How many there are.

    :ivar paused: of the Users.
    :ivar pending: of the Deliveries; like ``failed``, ``unknown``, ``paused`` and ``dead_letters``
        at most :data:`MOST`.
    """

    entities: int
    tasks: int
    users: int
    paused: int
    events: int
    deliveries: int
    pending: int
    failed: int
    unknown: int
    dead_letters: int


class Overview(NamedTuple):
    """How it goes.

    :ivar at: as of when.
    :ivar minutes: the last hour; None: Redis is away.
    :ivar queues: how many messages wait in each; None: the broker is away.
    :ivar report: the workers and what they watch; None: Redis is away.
    :ivar platforms: the sources; None: Redis is away.
    :ivar alarms: those that last.
    :ivar budgets: what is not a platform's.
    :ivar paused: some of the Users that are sent nothing.
    """

    at: datetime
    counts: Counts
    minutes: Sequence[Minute] | None
    queues: Mapping[str, int] | None
    report: Report | None
    platforms: Sequence[PlatformReport] | None
    alarms: Sequence[Alarm]
    budgets: Sequence[Budget]
    paused: Sequence[User]


def read_overview(
    context: Context, count_waiting: Callable[[], Mapping[str, int]], now: datetime
) -> Overview:
    """Read how it goes.

    :param count_waiting: asks the broker; it raises UnavailableError.
    """
    store, client = context.store, context.redis
    # Who waits for these does so while the database is asked, as each may take a second to fail.
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(_try, lambda: tallies.read(client, now))
        counted = pool.submit(_try, count_waiting)
        counts = _count(store)
        alarms = [alarm for alarm in store.alarms.list_all() if alarm.ended_at is None]
        budgets = list_budgets(context, now)
        paused = store.users.list_paused(_SHOWN)
        minutes = asked.result()
        # Whoever has not answered just now is not asked again.
        is_there = minutes is not None
        report = _try(lambda: read_report(client, store.drained.list_all())) if is_there else None
        platforms = _try(lambda: report_platforms(context, now)) if is_there else None
        queues = counted.result()
    return Overview(now, counts, minutes, queues, report, platforms, alarms, budgets, paused)


def _try(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except (redis.ConnectionError, redis.TimeoutError, UnavailableError) as exc:
        log.warning("overview_incomplete", extra={"error": type(exc).__name__})
        return None


def _count(store: Store) -> Counts:
    return Counts(
        entities=store.entities.collection.estimated_document_count(),
        tasks=store.tasks.collection.estimated_document_count(),
        users=store.users.collection.estimated_document_count(),
        paused=store.users.count_paused(MOST),
        events=store.events.collection.estimated_document_count(),
        deliveries=store.deliveries.collection.estimated_document_count(),
        pending=store.deliveries.count_in_state(DeliveryState.PENDING, MOST),
        failed=store.deliveries.count_in_state(DeliveryState.FAILED, MOST),
        unknown=store.deliveries.count_in_state(DeliveryState.UNKNOWN, MOST),
        dead_letters=store.dead_letters.count(MOST),
    )
