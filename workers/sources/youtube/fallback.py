"""What is read of a channel while its feed fails. All pure.

The feeds of living channels answer 404 or 500 for hours, and at times all of them do. So a feed
that fails says nothing of its channel. The list of uploads says what is new, for a unit of the
day's quota, of which there are not enough for every channel all day long.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from stargazer.models import Watch

#: So many times a feed has to fail before anybody else is asked.
ENOUGH_FAILURES = 2
#: How often it is asked whether a channel whose feed fails is there.
CONFIRM_SPAN = timedelta(hours=6)
SHORTEST_SPAN = timedelta(minutes=30)
#: The part of the day's units that may go to lists of uploads.
SHARE = 0.5
_OUTAGE_SHARE = 0.8
_OUTAGE_LEAST = 5


def is_outage(failing: int, total: int) -> bool:
    """Tell whether it is the platform that fails, and not some of all channels."""
    return total >= _OUTAGE_LEAST and failing >= _OUTAGE_SHARE * total


def choose_span(failing: int, units: int) -> timedelta:
    """Give how often each list of uploads may be read.

    :param failing: channels whose feeds fail.
    :param units: what all keys may spend in a day.
    """
    if units <= 0:
        return timedelta.max
    return max(SHORTEST_SPAN, timedelta(days=1) * failing / (units * SHARE))


def needs_uploads(watch: Watch, span: timedelta, now: datetime) -> bool:
    """Tell whether a channel's list of uploads is to be read."""
    if watch.failures < ENOUGH_FAILURES or watch.gone:
        return False
    return watch.fallback_at is None or now - watch.fallback_at >= span


def needs_confirmation(watch: Watch, now: datetime) -> bool:
    """Tell whether it is to be asked if the channel is there at all."""
    if watch.failures <= ENOUGH_FAILURES:
        return False
    # One that is gone is looked at once a day, and then it is asked whether it is back.
    return watch.gone or watch.confirmed_at is None or now - watch.confirmed_at >= CONFIRM_SPAN


def name_gone(asked: Collection[str], present: Collection[str]) -> set[str]:
    """Give the channels that the platform does not have any more."""
    return set(asked) - set(present)
