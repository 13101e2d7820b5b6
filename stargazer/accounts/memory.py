"""What need not be found out again for a minute."""

import time
from typing import Generic, TypeVar

_KEPT_FOR = 60.0
_AT_MOST = 1000

K = TypeVar("K")
V = TypeVar("V")


class Memory(Generic[K, V]):
    """Remembers values for a minute; where there are too many, it does not take another one."""

    def __init__(self) -> None:
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
            self._kept[key] = value, now + _KEPT_FOR
