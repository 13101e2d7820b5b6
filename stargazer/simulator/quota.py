"""The Data API's keys, and what each has spent today."""

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone

DEFAULT_KEY = "simulated-key"
# The day of the quota is that of the Pacific coast. Its summer time is left out, because the zone
# database is not on every machine and no test waits for midnight.
_PACIFIC = timezone(timedelta(hours=-8))


class Keys:
    """Which keys are right, and the units that each has spent on the current day."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known = frozenset({DEFAULT_KEY})
        self._spent: Counter[str] = Counter()
        self._day: date | None = None

    def replace(self, keys: Iterable[str]) -> None:
        """Make these the only right keys."""
        self._known = frozenset(keys)

    def is_known(self, key: str) -> bool:
        """Whether the key is right."""
        return key in self._known

    def spend(self, key: str, quota: int | None) -> bool:
        """Take one unit; false when none was left.

        :param quota: units per day; None is without end.
        """
        today = datetime.now(UTC).astimezone(_PACIFIC).date()
        with self._lock:
            if today != self._day:
                self._day = today
                self._spent.clear()
            if quota is not None and self._spent[key] >= quota:
                return False
            self._spent[key] += 1
            return True

    def refill(self) -> None:
        """Give back what was spent."""
        with self._lock:
            self._spent.clear()
