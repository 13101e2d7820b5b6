"""Times as a reader reads them: in their language, their zone, and from now."""

import sys
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_timedelta

from stargazer.rendering.message import Moment

_FALLBACK = Locale("en")
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
#: A unit is used from so many of it on: 100 minutes are not "2 hours".
_THRESHOLD = 2
#: These put no space between a number and its unit.
_JOINED = frozenset({"ja", "zh"})


class Clock:
    """Writes times for one reader.

    :param language: also of the words around the times.
    :param timezone: such as ``Asia/Tokyo``; UTC stands in for one that is none.
    """

    def __init__(self, language: str, timezone: str, now: datetime) -> None:
        self._locale = _get_locale(language)
        self._zone = _get_zone(timezone)
        self._now = now

    def read_time(self, value: object) -> datetime | None:
        """Read an RFC 3339 time; None when it is none, or one that no calendar has."""
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            return at.astimezone(self._zone)
        except (ValueError, OverflowError):
            return None

    def tell(self, at: datetime, *, is_relative: bool = True) -> Moment:
        """Write down a moment: the time of day, the day when it is not today, and how far away.

        :param at: as :meth:`read_time` gives it.
        """
        text = f"{at:%H:%M} {_name_zone(at)}"
        today = self._now.astimezone(self._zone).date()
        if at.date() != today:
            skeleton = "MMMEd" if at.year == today.year else "yMMMEd"
            day = format_skeleton(skeleton, at, tzinfo=self._zone, locale=self._locale)
            text = f"{day} {text}"
        away = at - self._now
        if is_relative and abs(away) >= _MINUTE / 2:
            minutes = max(round(abs(away) / _MINUTE), 1) * _MINUTE
            written = format_timedelta(
                minutes if away > timedelta() else -minutes,
                granularity="minute",
                threshold=_THRESHOLD,
                add_direction=True,
                locale=self._locale,
            )
            text = f"{text} ({self._join(written)})"
        return Moment(at, text, is_relative)

    def measure(self, start: datetime, end: datetime) -> str:
        """Write down how long something took, such as ``2 hours 13 minutes``; empty for no time."""
        hours, minutes = divmod(max(round((end - start) / _MINUTE), 0), 60)
        units: tuple[tuple[timedelta, Literal["hour", "minute"]], ...] = (
            (hours * _HOUR, "hour"),
            (minutes * _MINUTE, "minute"),
        )
        written = [
            # A threshold out of reach, so that it is written in this unit.
            format_timedelta(span, granularity=unit, threshold=sys.maxsize, locale=self._locale)
            for span, unit in units
            if span
        ]
        return self._join(" ".join(written))

    def count_minutes_since(self, at: datetime) -> int:
        """Give the whole minutes since a moment, 0 for one to come."""
        return max((self._now - at) // _MINUTE, 0)

    def _join(self, text: str) -> str:
        return text.replace(" ", "") if self._locale.language in _JOINED else text


@lru_cache(maxsize=256)
def _get_locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return _FALLBACK


@lru_cache(maxsize=1024)
def _get_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # An OSError for the name of a folder, python/cpython#85702.
        return UTC


def _name_zone(at: datetime) -> str:
    name = at.tzname() or ""
    # Where people have no name for their zone, its offset stands in the database.
    return name if name.isalpha() else f"UTC{at.isoformat()[-6:]}"
