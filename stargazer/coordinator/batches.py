"""What the workers have in hand: one batch of Tasks per message, until it is done or lost.

A Task's due time moves on when it is handed out. If its batch comes to nothing (the worker died,
or did not even begin before the next tick) the batch is given back: its Tasks are due again, and
whoever still finds the message finds no batch to it.
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import redis
from pydantic import Field

from stargazer.coordinator.clock import NOW
from stargazer.coordinator.leader import FENCE
from stargazer.coordinator.schedule import get_due_key
from stargazer.models import Model

_BATCHES = "stargazer:batches"
_STARTS = "stargazer:batches:starts"
_SENT = "stargazer:batches:sent"
SPREAD = 0.05

# ARGV: fence, id, batch, span, seed, spread, Tasks. Each is due again a little before or after one
# span, so that what was once handed out together does not stay together.
_REGISTER = f"""
{NOW}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
math.randomseed(tonumber(ARGV[5]))
for i = 7, #ARGV do
    local again = now + tonumber(ARGV[4]) * (1 + tonumber(ARGV[6]) * (2 * math.random() - 1))
    redis.call('ZADD', KEYS[5], 'XX', string.format('%.6f', again), ARGV[i])
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[4], ARGV[2], string.format('%.6f', now))
return 1
"""

_START = f"""
{NOW}
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSETNX', KEYS[2], ARGV[1], string.format('%.6f', now))
return 1
"""

_FINISH = """
for i = 1, 3 do redis.call('HDEL', KEYS[i], ARGV[1]) end
"""

_GIVE_BACK = f"""
{NOW}
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
for i = 2, #ARGV do
    redis.call('ZADD', KEYS[4], 'XX', 'LT', string.format('%.6f', now), ARGV[i])
end
return 1
"""

_LIST = f"""
{NOW}
return {{string.format('%.6f', now), redis.call('HGETALL', KEYS[1]),
         redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3])}}
"""


class Batch(Model):
    """Tasks of one kind for one worker."""

    id: UUID = Field(default_factory=uuid4)
    node: str
    kind: str
    tasks: tuple[UUID, ...]


class Pending(NamedTuple):
    """A batch that is not done.

    :ivar waits: seconds since it was handed out.
    :ivar runs: seconds since the worker began; None: it has not.
    """

    batch: Batch
    waits: float
    runs: float | None


def register(
    client: redis.Redis, fence: int, batch: Batch, span: timedelta, spread: float = SPREAD
) -> bool:
    """Write down a batch that is about to be sent; its Tasks are due again one ``span`` later.

    :param fence: the number of the leader who hands it out.
    :param spread: by which part of the span each is earlier or later at most.
    :returns: False when there is a newer leader, and nothing is written.
    """
    return bool(
        client.eval(
            _REGISTER,
            5,
            FENCE,
            _BATCHES,
            _STARTS,
            _SENT,
            get_due_key(batch.kind),
            fence,
            str(batch.id),
            batch.model_dump_json(),
            span.total_seconds(),
            random.getrandbits(31),
            spread,
            *map(str, batch.tasks),
        )
    )


def start(client: redis.Redis, batch: UUID) -> bool:
    """Begin with a batch; False when it was given back meanwhile, and is not to be begun."""
    return bool(client.eval(_START, 2, _BATCHES, _STARTS, str(batch)))


def finish(client: redis.Redis, batch: UUID) -> None:
    """Say that a batch is done."""
    client.eval(_FINISH, 3, _BATCHES, _STARTS, _SENT, str(batch))


def give_back(client: redis.Redis, batch: Batch) -> bool:
    """Let a batch come to nothing: its Tasks are due at once; False when it was done already."""
    keys = (_BATCHES, _STARTS, _SENT, get_due_key(batch.kind))
    return bool(client.eval(_GIVE_BACK, 4, *keys, str(batch.id), *map(str, batch.tasks)))


def find(client: redis.Redis, batch: UUID) -> Batch | None:
    """Read a batch; None when it is done, or was given back."""
    found = client.hget(_BATCHES, str(batch))
    return None if found is None else Batch.model_validate_json(found)


def list_pending(client: redis.Redis) -> list[Pending]:
    """Give all batches that are not done."""
    now, batches, starts, sent = client.eval(_LIST, 3, _BATCHES, _STARTS, _SENT)
    began = _pair(starts)
    handed_out = _pair(sent)
    return [
        Pending(
            batch=Batch.model_validate_json(body),
            waits=float(now) - float(handed_out.get(key, now)),
            runs=float(now) - float(began[key]) if key in began else None,
        )
        for key, body in _pair(batches).items()
    ]


def _pair(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
