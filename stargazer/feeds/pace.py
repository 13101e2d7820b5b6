"""How long a feed need not be looked at. All pure."""

import re
from collections.abc import Mapping
from datetime import timedelta

#: However long a feed says that it may be kept.
LONGEST_SPAN = timedelta(days=1)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_JITTER = 0.1


def choose_span(
    setting: timedelta, ttl: timedelta, headers: Mapping[str, str], chance: float
) -> timedelta:
    """Give how long a feed is left alone after a look.

    :param setting: the least.
    :param ttl: how long the feed itself says that it may be kept.
    :param headers: of the answer, among which ``Cache-Control`` says so as well.
    :param chance: from 0 to 1: those that say the same do not all come back at the same time.
    """
    found = _MAX_AGE.search(headers.get("Cache-Control", ""))
    age = timedelta(seconds=int(found[1])) if found else timedelta()
    asked = min(max(ttl, age), LONGEST_SPAN)
    return setting if asked <= setting else asked * (1 + _JITTER * chance)
