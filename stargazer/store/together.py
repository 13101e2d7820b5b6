"""One read for all who want the same at the same time."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

#: Any key may be asked for, so there are not as many lanes as keys.
_LANES = 64

K = TypeVar("K")
V = TypeVar("V")


class Together(Generic[K, V]):
    """Reads, so that nobody gets what was read before it asked.

    Those who ask while a read is under way wait for its end, and share the next one. A read that
    fails is shared by nobody; how long each may wait is bounded by a deadline of its own.

    :param read: gives what has this key.
    """

    def __init__(self, read: Callable[[K], V]) -> None:
        self._read = read
        self._lanes = [_Lane[K, V]() for _ in range(_LANES)]

    def get(self, key: K) -> V:
        """Give what has this key, as it is now or will be in a moment."""
        lane = self._lanes[hash(key) % _LANES]
        begun = lane.begun
        with lane.lock:
            if lane.begun > begun and lane.last is not None and lane.last[0] == key:
                return lane.last[1]
            lane.last = None
            lane.begun += 1
            value = self._read(key)
            lane.last = key, value
            return value


class _Lane(Generic[K, V]):
    """One read at a time.

    :ivar begun: how many reads have begun.
    :ivar last: the key and value of the last of them, when it is over.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.begun = 0
        self.last: tuple[K, V] | None = None
