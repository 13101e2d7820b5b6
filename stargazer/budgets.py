"""What may be used of something in a period, and how much of it is used up."""

from datetime import datetime
from typing import NamedTuple


class Budget(NamedTuple):
    """One budget, as an operator sees it.

    :ivar name: whose, such as a key's fingerprint, and of what.
    :ivar limit: 0 is no limit.
    :ivar resets_at: when the next period begins.
    """

    name: str
    unit: str
    spent: int
    limit: int
    resets_at: datetime
