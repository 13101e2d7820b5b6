"""When each Task is looked at next: due times per kind in a Redis sorted set."""

import random
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import cast
from uuid import UUID

import redis

from stargazer.coordinator.clock import NOW, read_clock
from stargazer.store.tasks import LastLook

#: After a standstill all is late: within so many seconds it is made up for.
_LATE_SPREAD = 30.0

_SET = f"""
{NOW}
local at = string.format('%.6f', now + ARGV[2])
if ARGV[3] == '' then return redis.call('ZADD', KEYS[1], at, ARGV[1]) end
if ARGV[3] == 'XX' then return redis.call('ZADD', KEYS[1], 'XX', at, ARGV[1]) end
return redis.call('ZADD', KEYS[1], 'XX', 'LT', at, ARGV[1])
"""

# ARGV: limit, ahead.
_LIST_DUE = f"""
{NOW}
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
if #due == 0 or ARGV[2] == '0' then return due end
local soon = string.format('%.6f', now + ARGV[2])
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', soon, 'LIMIT', 0, ARGV[1])
"""


def get_due_key(kind: str) -> str:
    """Give the key of a kind's due times."""
    return f"stargazer:due:{kind}"


def schedule_now(client: redis.Redis, kind: str, task: UUID) -> None:
    """Make a Task due at once, whether it is on the schedule or not."""
    _set(client, kind, task, timedelta(), "")


def schedule_soon(client: redis.Redis, kind: str, tasks: Iterable[UUID]) -> None:
    """Make many Tasks due within half a minute, and not all in one second."""
    for task in tasks:
        delay = random.uniform(0, _LATE_SPREAD)  # noqa: S311 - not a secret
        _set(client, kind, task, timedelta(seconds=delay), "")


def hasten(client: redis.Redis, kind: str, task: UUID, delay: timedelta) -> None:
    """Make a Task due so long from now, if it was due later; one that was removed stays so."""
    _set(client, kind, task, delay, "LT")


def postpone(client: redis.Redis, kind: str, task: UUID, delay: timedelta) -> None:
    """Make a Task due so long from now, and not before; one that was removed stays so."""
    _set(client, kind, task, delay, "XX")


def forget(client: redis.Redis, kind: str, task: UUID) -> None:
    """Take a Task off the schedule."""
    client.zrem(get_due_key(kind), str(task))


def list_due(
    client: redis.Redis, kind: str, limit: int, ahead: timedelta = timedelta()
) -> list[UUID]:
    """Give the Tasks that are due, longest due first.

    :param ahead: if any is, also those that are due so soon.
    """
    due = client.eval(_LIST_DUE, 1, get_due_key(kind), limit, f"{ahead.total_seconds():g}")
    return [UUID(each.decode()) for each in due]


def list_all(client: redis.Redis, kind: str) -> list[UUID]:
    """Give all Tasks on the schedule."""
    listed = cast("list[bytes]", client.zrange(get_due_key(kind), 0, -1))
    return [UUID(each.decode()) for each in listed]


def count_scheduled(client: redis.Redis, kind: str) -> int:
    """Count the Tasks on the schedule."""
    return int(client.zcard(get_due_key(kind)))


def list_due_times(client: redis.Redis, kind: str, tasks: list[UUID]) -> list[float | None]:
    """Give in how many seconds each is due; None for one that is not on the schedule."""
    if not tasks:
        return []
    now = read_clock(client)
    times = client.zmscore(get_due_key(kind), [str(task) for task in tasks])
    return [None if at is None else float(at) - now for at in times]


def get_backlog(client: redis.Redis, kind: str) -> tuple[int, float]:
    """Tell how many Tasks are on the schedule, and for how many seconds the oldest is due."""
    oldest = client.zrange(get_due_key(kind), 0, 0, withscores=True)
    overdue = read_clock(client) - float(oldest[0][1]) if oldest else 0.0
    return count_scheduled(client, kind), max(overdue, 0.0)


def reconcile(
    client: redis.Redis, kind: str, tasks: Mapping[UUID, LastLook], span: timedelta
) -> tuple[int, int]:
    """Make the schedule of a kind hold exactly these Tasks.

    What is missing is due one ``span`` after it was last looked at. What never was is spread over
    one span, and what is late over a little less, so that thousands do not become due in one
    second.

    :returns: how many were added and removed.
    """
    key = get_due_key(kind)
    present = set(list_all(client, kind))
    now = read_clock(client)
    new = {
        str(task): now + _get_first_wait(tasks[task], span.total_seconds())
        for task in tasks.keys() - present
    }
    gone = [str(task) for task in present - tasks.keys()]
    if new:
        client.zadd(key, new, nx=True)
    if gone:
        client.zrem(key, *gone)
    return len(new), len(gone)


def _get_first_wait(look: LastLook, span: float) -> float:
    left = 0.0 if look.ago is None else span - look.ago
    if left <= 0:
        spread = span if look.ago is None else min(span, _LATE_SPREAD)
        left = random.uniform(0, spread)  # noqa: S311 - not a secret
    return max(left, look.pause)


def _set(client: redis.Redis, kind: str, task: UUID, delay: timedelta, how: str) -> None:
    client.eval(_SET, 1, get_due_key(kind), str(task), delay.total_seconds(), how)
