"""When a broadcast is to be looked at next. Pure.

Fifty are looked at for the price of one, over all channels, so what costs is the number of
moments at which any is due, and the last minutes are cheap once one of many is near its start.
"""

from datetime import datetime, timedelta

from stargazer.models import Broadcast, BroadcastState

#: What may still change.
FOLLOWED = (BroadcastState.UPCOMING, BroadcastState.LIVE, BroadcastState.UNKNOWN)
#: Around the start, and while it is doubted whether it is still there.
HOT = timedelta(seconds=15)
LIVE = timedelta(minutes=1)
#: A broadcast that is missing is looked for again so soon.
DOUBTED = timedelta(seconds=30)
#: Nobody knows when it starts.
TIMELESS = timedelta(minutes=15)
#: Nobody knows what it is: the Data API could not be asked.
UNKNOWN = timedelta(minutes=2)
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

#: Until the start at least so long, looked at every so long; the first that fits.
_BEFORE = (
    (7 * _DAY, _DAY),
    (_DAY, 6 * _HOUR),
    (2 * _HOUR, _HOUR),
    (15 * _MINUTE, 15 * _MINUTE),
    (5 * _MINUTE, 3 * _MINUTE),
)
#: Since the scheduled start at most so long, looked at every so long; the first that fits.
_AFTER = (
    (_HOUR, HOT),
    (3 * _HOUR, _MINUTE),
    (12 * _HOUR, 5 * _MINUTE),
    (2 * _DAY, _HOUR),
)
#: A waiting room that nobody has closed.
_FORGOTTEN = 6 * _HOUR


def next_look(known: Broadcast, now: datetime) -> datetime | None:
    """Give when to look again; None when there is nothing left to see."""
    if known.state not in FOLLOWED:
        return None
    if known.misses:
        return now + DOUBTED
    if known.state == BroadcastState.LIVE:
        return now + LIVE
    if known.state == BroadcastState.UNKNOWN:
        return now + UNKNOWN
    if known.scheduled_at is None:
        return now + TIMELESS
    left = known.scheduled_at - now
    if left > timedelta():
        for least, span in _BEFORE:
            if left > least:
                # Not beyond the moment from which on it is looked at more often.
                return min(now + span, known.scheduled_at - least)
        return now + HOT
    return now + next((span for most, span in _AFTER if -left <= most), _FORGOTTEN)
