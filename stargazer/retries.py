"""When a Delivery is tried again after passing trouble, and when no more. All pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from stargazer.ledger import get_news_end
from stargazer.models import Reason, StoredEvent

FIRST_PAUSE = timedelta(seconds=2)
_SHORTEST_LIMIT, _LONGEST_LIMIT = timedelta(seconds=10), timedelta(hours=1)
_UNKNOWN_LIMIT = timedelta(minutes=10)
#: No pause takes more than this part of the time for which something is news.
_PART = 20
_MOST_DOUBLINGS = 30
#: Who has to wait longer than this after trouble of its own lets those behind it go first.
LONGEST_HOLD = timedelta(minutes=2)


def plan_retry(
    event: StoredEvent,
    attempts: int,
    most: int,
    now: datetime,
    spans: Mapping[str, timedelta],
    jitter: float,
) -> timedelta | Reason:
    """Give the pause until the next attempt, or why there is none.

    Pauses double, up to a part of the time for which that kind of Event is news: what is over in
    an hour is tried again every few minutes, what is news for days once an hour.

    :param attempts: how many have been made.
    :param most: how many may be made.
    :param spans: by kind, how old news may be, as :func:`stargazer.ledger.is_stale` takes it.
    :param jitter: what the pause is multiplied with.
    """
    if attempts >= most:
        return Reason.ATTEMPTS
    doublings = min(attempts - 1, _MOST_DOUBLINGS)
    end = get_news_end(event, spans)
    pause = min(FIRST_PAUSE * 2**doublings, _get_limit(event, end)) * jitter
    return Reason.STALE if end is not None and now + pause > end else pause


def _get_limit(event: StoredEvent, end: datetime | None) -> timedelta:
    if end is None:
        return _UNKNOWN_LIMIT
    return min(max((end - event.happened_at) / _PART, _SHORTEST_LIMIT), _LONGEST_LIMIT)
