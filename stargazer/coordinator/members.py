"""The workers that are there: each says so again and again, and is gone when it does not."""

from datetime import timedelta
from typing import NamedTuple

import redis

from stargazer.coordinator.clock import NOW
from stargazer.models import Model, Time

_LAPSES = "stargazer:members"
_DETAILS = "stargazer:members:details"

# ARGV: node, instance, details, time to live, and the instance that may be replaced.
_ANNOUNCE = f"""
{NOW}
local held = redis.call('HGET', KEYS[2], ARGV[1])
if held then
    local holder = cjson.decode(held).instance
    local lapse = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0)
    if holder ~= ARGV[2] and holder ~= ARGV[5] and lapse > now then return held end
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[1], string.format('%.6f', now + ARGV[4]), ARGV[1])
return false
"""

_WITHDRAW = f"""
{NOW}
local held = redis.call('HGET', KEYS[2], ARGV[1])
if held and cjson.decode(held).instance == ARGV[2] then
    redis.call('ZADD', KEYS[1], string.format('%.6f', now), ARGV[1])
end
"""

_LIST = f"""
{NOW}
local found = {{}}
local lapses = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #lapses, 2 do
    local details = redis.call('HGET', KEYS[2], lapses[i])
    if details then
        table.insert(found, details)
        table.insert(found, string.format('%.6f', tonumber(lapses[i + 1]) - now))
    end
end
return found
"""


class Member(Model):
    """A worker.

    :ivar node: its name, such as ``sources@host``.
    :ivar instance: another one at each start, which tells a restart from a second worker.
    :ivar kinds: the kinds of Tasks that it serves.
    :ivar weight: how many Tasks it should get, compared with others: its processes or threads.
    """

    node: str
    instance: str
    kinds: frozenset[str]
    weight: int = 1
    version: str
    host: str
    pid: int
    started_at: Time


class Presence(NamedTuple):
    """A worker, and for how many seconds it still counts as there; negative: it is gone."""

    member: Member
    left: float

    @property
    def is_there(self) -> bool:
        """Whether it may be given Tasks."""
        return self.left > 0


def announce(
    client: redis.Redis, member: Member, lifetime: timedelta, instead_of: str = ""
) -> Member | None:
    """Say that a worker is there, for so long.

    :param instead_of: an instance of the same name that is known to be dead.
    :returns: who has this name, if it is somebody else; then nothing is said.
    """
    details = member.model_dump_json()
    arguments = (member.node, member.instance, details, lifetime.total_seconds(), instead_of)
    holder = client.eval(_ANNOUNCE, 2, _LAPSES, _DETAILS, *arguments)
    return None if holder is None else Member.model_validate_json(holder)


def withdraw(client: redis.Redis, member: Member) -> None:
    """Say that a worker leaves."""
    client.eval(_WITHDRAW, 2, _LAPSES, _DETAILS, member.node, member.instance)


def list_members(client: redis.Redis) -> list[Presence]:
    """Give the workers that are there, and those that were until recently, by name."""
    found = client.eval(_LIST, 2, _LAPSES, _DETAILS)
    pairs = zip(found[::2], found[1::2], strict=True)
    members = [
        Presence(Member.model_validate_json(details), float(left)) for details, left in pairs
    ]
    return sorted(members, key=lambda presence: presence.member.node)


def forget_member(client: redis.Redis, node: str) -> None:
    """Remember nothing more of a worker that is gone."""
    client.zrem(_LAPSES, node)
    client.hdel(_DETAILS, node)
