"""How many units each key of the Data API has spent on the day of the Pacific coast.

Source: https://developers.google.com/youtube/v3/determine_quota_cost
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from stargazer.budgets import Budget
from stargazer.settings import Settings
from stargazer.store import Store

_PACIFIC = ZoneInfo("America/Los_Angeles")


class Purpose(Enum):
    """What a unit is spent for; the value is the share of the day's units that may go to it.

    Nothing that is announced late is worth more than a start that is missed, so the last units
    are for looking whether streams have begun.
    """

    LIVE = 1.0
    NEW = 0.9
    FALLBACK = 0.6


def list_keys(settings: Settings) -> list[str]:
    """Give the keys that the operator has."""
    given = settings.youtube_api_key.get_secret_value()
    return list(dict.fromkeys(filter(None, map(str.strip, given.split(",")))))


def fingerprint(key: str) -> str:
    """Name a key without telling it."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def until_reset(now: datetime) -> timedelta:
    """Tell how long the day of the quota goes on."""
    local = now.astimezone(_PACIFIC)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(UTC) - now


class Quota:
    """Counts units, key by key and day by day, for all processes together."""

    def __init__(self, store: Store, limit: int) -> None:
        self._meters = store.meters
        self._limit = limit

    def spend(self, key: str, purpose: Purpose, now: datetime) -> bool:
        """Take one unit; False when none is left for this purpose."""
        share = int(self._limit * purpose.value)
        return share > 0 and (self._meters.spend(_name(key), _day(now), 1, share) is not None)

    def may_spend(self, key: str, purpose: Purpose, now: datetime) -> bool:
        """Tell whether there is one left for this purpose."""
        return self._meters.count(_name(key), _day(now)) < int(self._limit * purpose.value)

    def exhaust(self, key: str, now: datetime) -> None:
        """Take all that is left, because YouTube says that nothing is."""
        self._meters.correct(_name(key), _day(now), self._limit)

    def count_left(self, keys: Iterable[str], now: datetime) -> int:
        """Count the units of today that are left for live checks."""
        spent = (self._meters.count(_name(key), _day(now)) for key in keys)
        return sum(max(self._limit - each, 0) for each in spent)

    def describe(self, key: str, now: datetime) -> Budget:
        """Show what is spent."""
        return Budget(
            name=f"youtube key {fingerprint(key)}",
            unit="units",
            spent=min(self._meters.count(_name(key), _day(now)), self._limit),
            limit=self._limit,
            resets_at=now + until_reset(now),
        )


def _name(key: str) -> str:
    return f"youtube:{fingerprint(key)}"


def _day(now: datetime) -> str:
    return f"{now.astimezone(_PACIFIC):%Y-%m-%d}"
