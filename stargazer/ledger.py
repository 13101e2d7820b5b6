"""The ledger of Deliveries: opened by fan-out, closed by whoever sends, swept in between.

A Delivery is written before it is sent. Whoever sends takes it first, so that no two workers
have the same one in hand; what became of it is on disk before the next one is sent. A worker that
dies so repeats at most the one message that each of its threads had in hand. In which order those
for one chat are sent is the matter of :mod:`stargazer.lines`.
"""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import redis

from stargazer import metrics
from stargazer.interest import Subject, find_obstacle, list_interested
from stargazer.kinds import KINDS
from stargazer.lines import Lines, get_place
from stargazer.models import Delivery, DeliveryState, Reason, StoredEvent
from stargazer.store import Store
from stargazer.store.deliveries import Change, Deliveries
from stargazer.store.subscriptions import Subscriber
from stargazer.tallies import tallies

log = logging.getLogger(__name__)

#: How many Deliveries one message to a chat app's queue carries, and fan-out reads at once.
BATCH = 100
#: Milliseconds after which whoever mends what a wipe of Redis broke counts as dead.
_MENDING = 300_000


def get_news_end(event: StoredEvent, spans: Mapping[str, timedelta]) -> datetime | None:
    """Give the moment until which an Event is news; None: it always is.

    :param spans: by kind, how old one may be, where that is another span than usual.
    """
    kind = KINDS.get(event.kind)
    if kind is None:
        return None
    if kind.stale_at is not None and (over_at := _read_time(event.fields.get(kind.stale_at))):
        # From that moment on it is none.
        return over_at - timedelta(microseconds=1)
    return event.happened_at + spans.get(event.kind, kind.stale_after)


def is_stale(event: StoredEvent, now: datetime, spans: Mapping[str, timedelta]) -> bool:
    """Tell whether an Event is too old to be news.

    :param spans: by kind, how old one may be, where that is another span than usual.
    """
    end = get_news_end(event, spans)
    return end is not None and now > end


def _read_time(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def open_deliveries(
    store: Store, lines: Lines, event: StoredEvent, now: datetime, due_at: datetime
) -> Iterator[tuple[str, list[UUID]]]:
    """Write the Deliveries of an Event, one for each User who wants it.

    One that a rule of its User keeps out is written as dropped, with the reason.

    It may be done again: what is there already stays as it is. Each takes its place in the line of
    its chat, and keeps that when it is done again.

    :param due_at: when the sweeper looks after those that nobody has taken.
    :returns: chat app and Users, batch by batch, each written before it is given.
    """
    interested = list_interested(store, event.entity, event.kind)
    subject = Subject(event)
    by_im: dict[str, list[UUID]] = {}
    while page := list(islice(interested, BATCH)):
        deliveries = _enter(lines, [_open(event, subject, each, now, due_at) for each in page])
        for delivery in filter(_is_open, store.deliveries.add(deliveries)):
            users = by_im.setdefault(delivery.im, [])
            users.append(delivery.user)
            if len(users) == BATCH:
                yield delivery.im, by_im.pop(delivery.im)
    yield from by_im.items()


def _open(
    event: StoredEvent, subject: Subject, subscriber: Subscriber, now: datetime, due_at: datetime
) -> Delivery:
    user, im, rules = subscriber
    obstacle = find_obstacle(rules, subject) if rules else None
    if obstacle is None:
        return Delivery(event=event.id, user=user, im=im, created_at=now, due_at=due_at)
    metrics.deliveries.labels(im, DeliveryState.DROPPED.value).inc()
    tallies.count_delivery(im, DeliveryState.DROPPED)
    metrics.undelivered.labels(im, Reason.FILTER.value).inc()
    return Delivery(
        event=event.id,
        user=user,
        im=im,
        state=DeliveryState.DROPPED,
        created_at=now,
        due_at=due_at,
        code=Reason.FILTER,
        reason=obstacle,
        finished_at=now,
    )


def _enter(lines: Lines, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Let those that are to be sent take their places, and date them by these.

    First, so that no later one is sent before it once it is in the ledger.
    """
    places = iter(lines.enter(get_place(each) for each in deliveries if _is_open(each)))
    return [
        each.model_copy(update={"created_at": next(places)}) if _is_open(each) else each
        for each in deliveries
    ]


def _is_open(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.PENDING


@contextmanager
def mend(client: redis.Redis, sweeper: str) -> Iterator[bool]:
    """Tell whether Redis is empty since the last time that this was done to its end.

    What it carried is gone then. Who fails to make up for that, or dies, leaves it to the next one.

    :param sweeper: whose work it is; each is told once.
    """
    name = f"stargazer:epoch:{sweeper}"
    is_wiped = bool(client.set(name, 0, nx=True, px=_MENDING))
    is_done = False
    try:
        yield is_wiped
        is_done = True
    finally:
        if is_wiped and is_done:
            client.set(name, 1)
        elif is_wiped:
            client.delete(name)


def rebuild_lines(store: Store, lines: Lines) -> None:
    """Let all that is pending take its place in the line of its chat, as after a wipe."""
    lines.enter(get_place(delivery) for delivery in store.deliveries.list_pending())


class _Outcome:
    """What one thread wants on disk.

    :ivar woken: set when it is there, when ``error`` says why it is not, or when it is this
        thread's turn to write.
    """

    def __init__(self, change: Change) -> None:
        self.change = change
        self.woken = threading.Event()
        self.writes = False
        self.error: Exception | None = None


class Recorder:
    """Writes what became of Deliveries, for many threads at once.

    Each thread waits until its own outcome is on disk. One of them writes at a time, for all that
    have come by then; those that come meanwhile are the next write, which the first of them does.
    """

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._lock = threading.Lock()
        self._is_writing = False
        self._waiting: list[_Outcome] = []

    def record(self, change: Change) -> None:
        """Return when the change is on disk.

        :raises pymongo.errors.PyMongoError: when it could not be written.
        """
        outcome = _Outcome(change)
        with self._lock:
            self._waiting.append(outcome)
            outcome.writes = not self._is_writing
            self._is_writing = True
        if not outcome.writes:
            outcome.woken.wait()
        if outcome.writes:
            self._write()
        if outcome.error is not None:
            raise outcome.error

    def _write(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        error = None
        try:
            self._deliveries.record([outcome.change for outcome in batch])
        except Exception as exc:  # noqa: BLE001 - handed to each thread that waits for this write
            error = exc
        with self._lock:
            self._is_writing = bool(self._waiting)
            # The database need not wait until all of this batch are awake.
            for following in self._waiting[:1]:
                following.writes = True
                following.woken.set()
        for outcome in batch:
            outcome.error = error
            outcome.woken.set()


def take_overdue(
    store: Store,
    due_before: Mapping[str, datetime],
    due_again_at: datetime,
    limit: int,
    *,
    with_unclaimed: bool = False,
) -> Iterator[tuple[str, UUID, list[UUID]]]:
    """Take back Deliveries that nobody finished in time, of each User the first.

    :param due_before: by chat app, the moment before which they must have been due.
    :param due_again_at: when to look after them next.
    :param limit: how many of one chat app at most.
    :param with_unclaimed: whether those are overdue as well that nobody has in hand and that wait
        for no moment of their own.
    :returns: chat app, Event and Users, oldest first, in batches fit for one message.
    """
    overdue = store.deliveries.take_overdue(
        due_before, due_again_at, limit, with_unclaimed=with_unclaimed
    )
    users: dict[tuple[str, UUID], list[UUID]] = {}
    for delivery in overdue:
        users.setdefault((delivery.im, delivery.event), []).append(delivery.user)
    for (im, event), waiting in users.items():
        for start in range(0, len(waiting), BATCH):
            yield im, event, waiting[start : start + BATCH]
