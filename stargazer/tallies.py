"""What happens, minute by minute, for an operator to look at: in Redis, for some hours.

:mod:`stargazer.metrics` counts for ever, for whoever runs a Prometheus; this is the last hour, for
who only opens a page. Whoever counts adds to a number in the memory of the process, and waits for
nobody. A thread takes what has come together to Redis every few seconds. While Redis is away it is
kept, for an hour; with the process ends what it counted in the last few seconds.
"""

import logging
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast

import redis

from stargazer.models import DeliveryState

log = logging.getLogger(__name__)

#: So many minutes are shown, and so many are kept in memory while Redis is away.
SHOWN = 60
SPAN = 2.0
_KEPT = timedelta(hours=3)
_EVENT = "event"
_DELIVERY = "delivery"
_AGE = "age"
#: Each bucket of ages ends at so many times the end of the one before.
_GROWTH = 2**0.25
_FIRST = 0.05
_LAST = 100

Minutes = dict[int, Counter[str]]


class Minute(NamedTuple):
    """What happened in one minute.

    :ivar at: when it began.
    :ivar events: how many were new, by kind.
    :ivar deliveries: how many were finished, by chat app and state.
    :ivar ages: how many were sent, by the number of the bucket in which their age falls.
    """

    at: datetime
    events: Mapping[str, int]
    deliveries: Mapping[tuple[str, DeliveryState], int]
    ages: Mapping[int, int]


class Tallies:
    """What one process counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minutes: Minutes = {}
        self._get_client: Callable[[], redis.Redis] | None = None
        self._thread: threading.Thread | None = None

    def start(self, get_client: Callable[[], "redis.Redis"]) -> None:
        """Have what is counted from now on taken to Redis; the thread begins at the first count.

        :param get_client: called by the thread, in whichever process it is.
        """
        self._get_client = get_client

    def count_event(self, kind: str) -> None:
        """Count an Event that is new."""
        self._add(f"{_EVENT}:{kind}")

    def count_delivery(self, im: str, state: DeliveryState) -> None:
        """Count a Delivery that is finished."""
        self._add(f"{_DELIVERY}:{im}:{state.value}")

    def observe_age(self, seconds: float) -> None:
        """Note how old the news was when it was in the chat."""
        self._add(f"{_AGE}:{find_bucket(seconds)}")

    def give(self, client: "redis.Redis") -> bool:
        """Take what was counted to Redis; when that is away, False, and it is kept for later."""
        with self._lock:
            minutes, self._minutes = self._minutes, {}
        if not minutes:
            return True
        pipeline = client.pipeline(transaction=False)
        for minute, counts in minutes.items():
            for name, count in counts.items():
                pipeline.hincrby(_key(minute), name, count)
            pipeline.pexpire(_key(minute), _KEPT)
        try:
            pipeline.execute()
        except redis.RedisError:
            self._put_back(minutes)
            return False
        return True

    def forget(self) -> None:
        """Begin anew, as a child of the process that has counted until now."""
        # Another thread of the parent may have held the lock.
        self._lock = threading.Lock()
        self._minutes = {}
        self._thread = None

    def _add(self, name: str) -> None:
        minute = int(time.time() // 60)
        with self._lock:
            counts = self._minutes.get(minute)
            if counts is None:
                counts = self._begin(minute)
            counts[name] += 1
            begins = self._thread is None and self._get_client is not None
            if begins:
                self._thread = threading.Thread(target=self._run, name="tallies", daemon=True)
        if begins:
            cast("threading.Thread", self._thread).start()

    def _begin(self, minute: int) -> Counter[str]:
        for old in [each for each in self._minutes if each <= minute - SHOWN]:
            del self._minutes[old]
        return self._minutes.setdefault(minute, Counter())

    def _put_back(self, minutes: Minutes) -> None:
        with self._lock:
            for minute, counts in minutes.items():
                self._minutes.setdefault(minute, Counter()).update(counts)
            self._begin(int(time.time() // 60))

    def _run(self) -> None:
        get_client = self._get_client
        is_away = False
        while get_client is not None:
            time.sleep(SPAN)
            try:
                was_away, is_away = is_away, not self.give(get_client())
            except Exception:
                log.exception("tallies_failed")
                continue
            if is_away and not was_away:
                log.warning("tallies_kept_back")


def read(client: "redis.Redis", now: datetime) -> list[Minute]:
    """Read the last hour, minute by minute, the oldest first and the one that passes last.

    :raises redis.RedisError: when Redis is away.
    """
    last = int(now.timestamp() // 60)
    minutes = range(last - SHOWN + 1, last + 1)
    pipeline = client.pipeline(transaction=False)
    for minute in minutes:
        pipeline.hgetall(_key(minute))
    found = cast("list[dict[bytes, bytes]]", pipeline.execute())
    return [_parse(minute, counts) for minute, counts in zip(minutes, found, strict=True)]


def find_bucket(seconds: float) -> int:
    """Give the number of the bucket in which an age falls."""
    if seconds <= _FIRST:
        return 0
    return min(math.ceil(math.log(seconds / _FIRST, _GROWTH) - 1e-9), _LAST)


def find_quantile(minutes: Sequence[Minute], share: float) -> float | None:
    """Give the age, in seconds, that this share of what was sent did not exceed.

    It is as exact as the buckets are, within a fifth.

    :returns: None when nothing was sent.
    """
    ages = sum((Counter(minute.ages) for minute in minutes), Counter[int]())
    wanted = share * ages.total()
    passed = 0
    for bucket in sorted(ages):
        passed += ages[bucket]
        if passed >= wanted:
            return float(_FIRST * _GROWTH**bucket)
    return None


def _key(minute: int) -> str:
    return f"stargazer:minute:{minute}"


def _parse(minute: int, found: Mapping[bytes, bytes]) -> Minute:
    events: dict[str, int] = {}
    deliveries: dict[tuple[str, DeliveryState], int] = {}
    ages: dict[int, int] = {}
    for name, count in found.items():
        match name.decode().split(":"):
            case [what, kind] if what == _EVENT:
                events[kind] = int(count)
            case [what, im, state] if what == _DELIVERY:
                deliveries[im, DeliveryState(state)] = int(count)
            case [what, bucket] if what == _AGE:
                ages[int(bucket)] = int(count)
    return Minute(datetime.fromtimestamp(60 * minute, UTC), events, deliveries, ages)


#: Those of this process.
tallies = Tallies()

os.register_at_fork(after_in_child=tallies.forget)
