"""Work that only one may do at a time, whichever process it is in."""

from datetime import timedelta
from secrets import token_hex

import redis

_GIVE_BACK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Turn:
    """Leave to do something, until it is done or its time is over.

    ``with Turn(…) as is_ours`` tells whether nobody else is at it. Who is killed meanwhile is
    replaced when the time is over. After Redis was wiped two may be at it at once, so what they do
    must bear that.

    :param name: of the work.
    :param lifetime: longer than the work takes.
    """

    def __init__(self, client: redis.Redis, name: str, lifetime: timedelta) -> None:
        self._client = client
        self._key = f"stargazer:turn:{name}"
        self._lifetime = lifetime
        self._token = token_hex(16)

    def __enter__(self) -> bool:
        """Take the turn, if nobody has it."""
        milliseconds = int(self._lifetime.total_seconds() * 1000)
        return bool(self._client.set(self._key, self._token, nx=True, px=milliseconds))

    def __exit__(self, *_: object) -> None:
        """Give it back, if it is still ours."""
        self._client.eval(_GIVE_BACK, 1, self._key, self._token)
