"""Times on the wire."""

import calendar
from datetime import datetime


def to_unix(at: datetime) -> int:
    """Give whole UNIX seconds, as the envelope and all that is valid until some time have them."""
    return calendar.timegm(at.utctimetuple())
