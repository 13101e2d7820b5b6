"""What need not be found out again for a minute."""

import time
from typing import Generic, TypeVar

_AT_MOST = 1000

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """Remembers values for a while; where there are too many, it does not take another one.

    :param kept_for: how many seconds.
    """

    def __init__(self, kept_for: float = 60.0) -> None:
        self._kept_for = kept_for
        self._kept: dict[K, tuple[V, float]] = {}

    def find(self, key: K) -> V | None:
        """Give the value; None when it is not known any more."""
        kept = self._kept.get(key)
        return kept[0] if kept and kept[1] > time.monotonic() else None

    def add(self, key: K, value: V) -> None:
        """Remember a value, unless there is no room for it."""
        now = time.monotonic()
        if len(self._kept) >= _AT_MOST:
            self._kept = {each: kept for each, kept in self._kept.copy().items() if kept[1] > now}
        if len(self._kept) < _AT_MOST:
            self._kept[key] = value, now + self._kept_for
