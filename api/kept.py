"""What takes a while to find out, found out once for all who ask within a moment."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """What was found out a moment ago.

    :param make: finds it out, once at a time.
    :param seconds: so long it is as good as new.
    """

    def __init__(self, make: Callable[[], T], seconds: float) -> None:
        self._make = make
        self._seconds = seconds
        self._lock = Lock()
        self._kept: tuple[T, float] | None = None

    def get(self) -> T:
        """Give it; those who come while it is found out wait for the same."""
        with self._lock:
            if self._kept is None or time.monotonic() > self._kept[1]:
                self._kept = self._make(), time.monotonic() + self._seconds
            return self._kept[0]

    def forget(self) -> None:
        """Find it out anew next time."""
        with self._lock:
            self._kept = None
