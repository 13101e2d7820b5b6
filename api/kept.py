"""What takes a while to find out, found out once for all who ask within a moment."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")
_PEACE = 9


class Kept(Generic[T]):
    """What was found out a moment ago.

    :param make: finds it out, once at a time.
    :param seconds: so long it is as good as new; longer, when it takes long to find out: no more
        than a tenth of all time goes into that.
    """

    def __init__(self, make: Callable[[], T], seconds: float) -> None:
        self._make = make
        self._seconds = seconds
        self._lock = Lock()
        self._kept: tuple[T, float] | None = None

    def get(self) -> T:
        """Give it; those who come while it is found out wait for the same."""
        with self._lock:
            start = time.monotonic()
            if self._kept is None or start > self._kept[1]:
                made, end = self._make(), time.monotonic()
                self._kept = made, end + max(self._seconds, _PEACE * (end - start))
            return self._kept[0]

    def forget(self) -> None:
        """Find it out anew next time."""
        with self._lock:
            self._kept = None
