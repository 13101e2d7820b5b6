"""Quiet hours: when a User is not to be disturbed, and until when. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stargazer.models import QuietHours, UserSettings

_DAY = timedelta(days=1)


def find_quiet_end(settings: UserSettings, kind: str, now: datetime) -> datetime | None:
    """Give until when an Event of this kind is not told to a User; None: it may be told now.

    Whoever is muted hears of nothing until then, and not even of what may wake in quiet hours.
    """
    if settings.muted_until is not None and now < settings.muted_until:
        return settings.muted_until
    if settings.quiet_hours is None or kind in settings.waking_kinds:
        return None
    return _find_end(settings.quiet_hours, get_zone(settings.timezone), now)


def is_quiet(settings: UserSettings, now: datetime) -> bool:
    """Tell whether a User is not to be called aloud, not even by what may wake it."""
    nothing_wakes = settings.model_copy(update={"waking_kinds": frozenset()})
    return find_quiet_end(nothing_wakes, "", now) is not None


def get_zone(name: str) -> ZoneInfo:
    """Give a time zone; UTC for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _find_end(hours: QuietHours, zone: ZoneInfo, now: datetime) -> datetime | None:
    today = now.astimezone(zone).date()
    # Those that began yesterday may go on today.
    for day in (today - _DAY, today):
        last = day if hours.start < hours.end else day + _DAY
        start = datetime.combine(day, hours.start, zone)
        end = datetime.combine(last, hours.end, zone)
        # Compared as moments, not as what clocks show: a night may have an hour more or less.
        if start.timestamp() <= now.timestamp() < end.timestamp():
            return end
    return None
