"""One coordinator at a time, however many beats tick and workers could run it."""

from datetime import timedelta
from secrets import token_hex

import redis

from stargazer.coordinator.clock import NOW

LEADER = "stargazer:leader"
#: The number of the latest leader; what an earlier one still wants to write is refused.
FENCE = "stargazer:leader:fence"

_TAKE_TICK = f"""
{NOW}
local span = tonumber(ARGV[1])
local slot = string.format('%.0f', math.floor(now / span))
local lifetime = math.ceil(math.max(3 * span, 10))
return redis.call('SET', KEYS[1] .. ':' .. slot, 1, 'NX', 'EX', lifetime)
"""

_LEAD = """
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
return redis.call('INCR', KEYS[2])
"""

_RESIGN = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


def take_tick(client: redis.Redis, name: str, span: timedelta) -> bool:
    """Take a beat's tick; False when another beat's tick of this slot has been here."""
    key = f"stargazer:tick:{name}"
    return bool(client.eval(_TAKE_TICK, 1, key, span.total_seconds()))


class Leadership:
    """Leave to decide, for as long as the work takes or until its time is over.

    ``with Leadership(…) as fence`` gives the fencing number, or None when another one leads. Who
    is killed while it leads is replaced when the time is over.
    """

    def __init__(self, client: redis.Redis, lifetime: timedelta) -> None:
        self._client = client
        self._lifetime = lifetime
        self._token = token_hex(16)

    def __enter__(self) -> int | None:
        """Lead, if nobody does."""
        milliseconds = int(self._lifetime.total_seconds() * 1000)
        fence = self._client.eval(_LEAD, 2, LEADER, FENCE, self._token, milliseconds)
        return None if fence is None else int(fence)

    def __exit__(self, *_: object) -> None:
        """Let another one lead."""
        self._client.eval(_RESIGN, 1, LEADER, self._token)
