"""What the simulator was asked and what it sent, in order, and the counts of it."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Literal

Target = Literal[
    "hub",
    "push",
    "feed",
    "api",
    "twitter",
    "bilibili",
    "bililive",
    "twitch",
    "feeds",
    "telegram",
    "qq",
    "discord",
    "webhook",
    "apprise",
    "deepl",
    "baidu",
]
CAPACITY = 200_000


class Journal:
    """A bounded list of numbered entries, safe to use from many threads.

    The numbers go on when old entries are thrown away or all are cleared, so that a reader which
    remembers the last number it saw misses nothing and reads nothing twice.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Start empty.

        :param capacity: the most entries kept; beyond it the oldest tenth is thrown away at once,
            because removing them one by one would move the whole list for every request.
        """
        self._capacity = capacity
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []
        self._last_seq = 0
        self._requests: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._limit_breaks: Counter[str] = Counter()
        self._delivered = 0

    def record(
        self,
        target: Target,
        status: int | None,
        fields: Mapping[str, Any],
        *,
        at: float | None = None,
        delivered: int = 0,
    ) -> int:
        """Write one entry and count it.

        :param status: the HTTP status; ``None`` when there was no answer.
        :param fields: what else is known, JSON values; never a secret or a token.
        :param at: UNIX seconds; now, when not given.
        :param delivered: how many chat messages were delivered by it.
        :returns: the entry's number.
        """
        entry: dict[str, Any] = {
            "seq": 0,
            "at": time.time() if at is None else at,
            "target": target,
        }
        entry.update(fields, status=status)
        with self._lock:
            self._last_seq += 1
            entry["seq"] = self._last_seq
            self._entries.append(entry)
            if len(self._entries) > self._capacity:
                del self._entries[: max(1, self._capacity // 10)]
            self._requests[target]["no answer" if status is None else str(status)] += 1
            self._delivered += delivered
            return self._last_seq

    def count_limit_break(self, limit: str) -> None:
        """Count a request which went over a documented limit.

        :param limit: which one, such as ``chat`` or ``text_length``.
        """
        with self._lock:
            self._limit_breaks[limit] += 1

    def read(
        self, after: int = 0, limit: int | None = None, target: str | None = None
    ) -> list[dict[str, Any]]:
        """Return entries numbered above ``after``, oldest first, at most ``limit`` of them.

        :param target: of which only; of all, when not given.
        """
        with self._lock:
            if not self._entries:
                return []
            start = max(0, after - self._entries[0]["seq"] + 1)
            found: Iterable[dict[str, Any]] = self._entries[start:]
        if target is not None:
            found = (entry for entry in found if entry["target"] == target)
        return list(islice(found, limit))

    def clear(self, until: int | None = None) -> None:
        """Forget the entries; the numbers and the counts go on.

        :param until: the number of the last one to forget; None: all of them.
        """
        with self._lock:
            if until is None:
                self._entries.clear()
            elif self._entries:
                del self._entries[: max(0, until - self._entries[0]["seq"] + 1)]

    def counters(self) -> dict[str, Any]:
        """Return requests by target and status, delivered messages, and broken limits."""
        with self._lock:
            return {
                "requests": {target: dict(counts) for target, counts in self._requests.items()},
                "delivered": self._delivered,
                "limit_breaks": dict(self._limit_breaks),
            }
