"""Pace, shared by all workers: at most so many messages within so long, by Redis's own clock."""

import json
from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import redis

# Each limit remembers its latest `count` slots; the next one is at least a `period` after the
# earliest of them, wherever the others are. So no window of that length, wherever it begins, holds
# more than `count`, and a chat whose slots are far ahead takes those from the others, not the time.
# A message of some weight takes so many slots at one moment: it waits until all of them are free.
_RESERVE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local horizon = tonumber(ARGV[2])
local waits = {}
for i, limits in ipairs(cjson.decode(ARGV[1])) do
    local at = now
    for _, limit in ipairs(limits) do
        local blocked = redis.call('GET', KEYS[limit[1]] .. ':blocked')
        if blocked then at = math.max(at, tonumber(blocked)) end
        local place = limit[2] - limit[4]
        local earliest = redis.call('ZREVRANGE', KEYS[limit[1]], place, place, 'WITHSCORES')[2]
        if earliest then at = math.max(at, tonumber(earliest) + limit[3]) end
    end
    if at - now <= horizon then
        for _, limit in ipairs(limits) do
            local key = KEYS[limit[1]]
            local name = time[1] .. '.' .. time[2] .. ':' .. i
            redis.call('ZADD', key, string.format('%.6f', at), name)
            for more = 2, limit[4] do
                redis.call('ZADD', key, string.format('%.6f', at), name .. ':' .. more)
            end
            redis.call('ZREMRANGEBYRANK', key, 0, -limit[2] - 1)
            local last = tonumber(redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2])
            redis.call('PEXPIRE', key, math.ceil((last - now + limit[3]) * 1000) + 1000)
        end
    end
    waits[i] = string.format('%.6f', at - now)
end
return waits
"""

_BLOCK = """
local time = redis.call('TIME')
local until_ = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ARGV[1])
local before = redis.call('GET', KEYS[1])
if not before or tonumber(before) < until_ then
    redis.call('SET', KEYS[1], string.format('%.6f', until_), 'PX', math.ceil(ARGV[1] * 1000) + 1)
end
"""

# Which slot is whose does not matter: the latest one that was due by then is the one that is late.
# When it is remembered no more, it is a new one.
_MOVE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
for i, key in ipairs(KEYS) do
    local due, used = now - ARGV[3 * i - 2], now - ARGV[3 * i - 1]
    local until_ = string.format('%.6f', due)
    local slot = redis.call('ZREVRANGEBYSCORE', key, until_, '-inf', 'LIMIT', 0, 1)[1]
    local name = slot or time[1] .. '.' .. time[2] .. ':late:' .. i
    redis.call('ZADD', key, string.format('%.6f', used), name)
    local last = tonumber(redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2])
    redis.call('PEXPIRE', key, math.ceil((last - now + ARGV[3 * i]) * 1000) + 1000)
end
"""

# Messages take a little longer or shorter on their way than the one before, so what left in
# time may arrive too early.
JITTER = 0.03
#: What leaves so many seconds after its slot comes together with those that are after it. Not
#: sooner, as threads that wait for answers are a little late as a matter of course.
LATE = 0.2
#: Above this a limit is none: remembering so many slots costs more than it protects.
MOST_SLOTS = 2000


class Limit(NamedTuple):
    """At most ``amount`` within ``period`` seconds, for all that share ``key``."""

    key: str
    amount: int
    period: float

    @classmethod
    def per(cls, key: str, rate: float, seconds: float) -> "Limit":
        """Make a Limit of a rate, which may be a fraction: 0.5 per second is 1 within 2 seconds."""
        amount = max(int(rate), 1)
        return cls(key, amount, seconds * amount / rate)


def reserve(
    client: redis.Redis,
    messages: Sequence[Sequence[Limit]],
    horizon: float,
    weights: Sequence[int] = (),
) -> list[float]:
    """Reserve a slot for each message, in the order given.

    :param messages: the limits that each must keep.
    :param horizon: seconds; a message whose slot would be later gets none.
    :param weights: for how many each counts, as an album does; one each, when not given. Of a
        limit that is lower, it takes all that there is.
    :returns: seconds until each message's slot; above ``horizon``: ask again then.
    """
    keys: dict[str, int] = {}
    wanted = [
        [
            (
                keys.setdefault(limit.key, len(keys) + 1),
                limit.amount,
                limit.period + JITTER,
                min(weight, limit.amount),
            )
            for limit in limits
            if limit.amount <= MOST_SLOTS
        ]
        for limits, weight in zip(messages, weights or repeat(1, len(messages)), strict=True)
    ]
    # An empty Lua table and an empty list are the same to cjson only on the way in.
    names = [f"stargazer:pace:{key}" for key in keys]
    waits = client.eval(_RESERVE, len(names), *names, json.dumps(wanted), horizon)
    return [float(wait) for wait in waits]


class Use(NamedTuple):
    """A slot that was used late.

    :ivar due: how many seconds ago it was due.
    :ivar used: how many seconds ago the message was there at last.
    """

    limit: Limit
    due: float
    used: float


def move_up(client: redis.Redis, uses: Sequence[Use]) -> None:
    """Let slots that were used late count from then on, so that the next ones keep away."""
    kept = [use for use in uses if use.limit.amount <= MOST_SLOTS]
    if kept:
        names = [f"stargazer:pace:{use.limit.key}" for use in kept]
        arguments = [
            each for use in kept for each in (use.due, use.used, use.limit.period + JITTER)
        ]
        client.eval(_MOVE, len(names), *names, *arguments)


def block(client: redis.Redis, key: str, seconds: float) -> None:
    """Let nothing that shares ``key`` pass for so long."""
    client.eval(_BLOCK, 1, f"stargazer:pace:{key}:blocked", seconds)


def unblock(client: redis.Redis, key: str) -> None:
    """Let what shares ``key`` pass again, before the time of its block is over."""
    client.delete(f"stargazer:pace:{key}:blocked")
