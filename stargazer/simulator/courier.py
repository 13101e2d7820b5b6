"""Threads that do errands later, and again when they fail."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

PATIENCE = 60.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0

Errand = Callable[[int], bool]


def pauses() -> Iterator[float]:
    """Yield the seconds between attempts, growing, until the hub's patience has run out."""
    spent, pause = 0.0, FIRST_PAUSE
    while spent + pause <= PATIENCE:
        yield pause
        spent += pause
        pause = min(2 * pause, LONGEST_PAUSE)


class Courier:
    """Runs errands in the background.

    An errand is called with the number of the attempt, 1 first, and tells whether it is done. One
    that is not is called again after the next of :func:`pauses`. The threads start with the first
    errand, so that a server may fork before.

    :param threads: how many errands run at once.
    """

    def __init__(self, threads: int = 32) -> None:
        self._threads = threads
        self._wakeup = threading.Condition()
        self._order = itertools.count()
        self._due: list[tuple[float, int, int, Errand, Iterator[float]]] = []
        self._started = False

    def send(self, errand: Errand, *, after: float = 0.0, retry: bool = True) -> None:
        """Have an errand run.

        :param after: seconds before its first attempt.
        :param retry: whether to try again when it says that it is not done.
        """
        self._start()
        self._put(after, 1, errand, pauses() if retry else iter(()))

    def _put(self, after: float, attempt: int, errand: Errand, rest: Iterator[float]) -> None:
        with self._wakeup:
            job = (time.monotonic() + after, next(self._order), attempt, errand, rest)
            heapq.heappush(self._due, job)
            self._wakeup.notify()

    def _start(self) -> None:
        with self._wakeup:
            if self._started:
                return
            self._started = True
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"courier-{number}", daemon=True).start()

    def _work(self) -> None:
        while True:
            attempt, errand, rest = self._take()
            try:
                done = errand(attempt)
            except Exception:
                # The outermost loop: one broken errand must not cost a thread.
                log.exception("errand_failed")
                continue
            pause = None if done else next(rest, None)
            if pause is not None:
                self._put(pause, attempt + 1, errand, rest)

    def _take(self) -> tuple[int, Errand, Iterator[float]]:
        with self._wakeup:
            while True:
                now = time.monotonic()
                if self._due and self._due[0][0] <= now:
                    _, _, attempt, errand, rest = heapq.heappop(self._due)
                    return attempt, errand, rest
                self._wakeup.wait(self._due[0][0] - now if self._due else None)
