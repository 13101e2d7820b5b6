"""The one clock that all hosts share."""

import redis

#: Begins a script that needs the time: ``now``, in UNIX seconds.
NOW = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
"""


def read_clock(client: redis.Redis) -> float:
    """Give Redis's time, in UNIX seconds."""
    seconds, micros = client.time()
    return float(seconds) + micros / 1_000_000
