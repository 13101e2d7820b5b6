"""When each Task is looked at next: due times per kind in a Redis sorted set.

MongoDB has the truth, which Tasks there are; Redis only when. A wiped Redis is filled again by
:func:`reconcile`, and all that is lost is the time until then.
"""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import redis

# Takes what is due and moves it one interval on, in one step, so that two coordinators can never
# hand out the same Task twice.
_TAKE_DUE = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(due) do
    redis.call('ZADD', KEYS[1], ARGV[2], id)
end
return due
"""


def _due_key(kind: str) -> str:
    return f"stargazer:due:{kind}"


def take_tick(client: redis.Redis, name: str, span: timedelta, now: datetime) -> bool:
    """Take a beat's tick; False when another beat's tick of this slot has been here."""
    seconds = span.total_seconds()
    slot = int(now.timestamp() // seconds)
    lifetime = max(int(3 * seconds), 10)
    return bool(client.set(f"stargazer:tick:{name}:{slot}", 1, nx=True, ex=lifetime))


def schedule_now(client: redis.Redis, kind: str, task: UUID, now: datetime) -> None:
    """Make a Task due at once."""
    client.zadd(_due_key(kind), {str(task): now.timestamp()})


def postpone(client: redis.Redis, kind: str, task: UUID, until: datetime) -> None:
    """Make a Task due at that time; one that was removed meanwhile stays removed."""
    client.zadd(_due_key(kind), {str(task): until.timestamp()}, xx=True)


def forget(client: redis.Redis, kind: str, task: UUID) -> None:
    """Take a Task off the schedule."""
    client.zrem(_due_key(kind), str(task))


def take_due(
    client: redis.Redis, kind: str, now: datetime, span: timedelta, limit: int
) -> list[UUID]:
    """Take the Tasks that are due, longest due first; each is due again one ``span`` later."""
    again = (now + span).timestamp()
    due = client.eval(_TAKE_DUE, 1, _due_key(kind), now.timestamp(), again, limit)
    return [UUID(each.decode()) for each in due]


def reconcile(
    client: redis.Redis,
    kind: str,
    tasks: Iterable[UUID],
    now: datetime,
    span: timedelta,
) -> tuple[int, int]:
    """Make the schedule of a kind hold exactly these Tasks.

    New ones are spread over one ``span``, so that thousands do not become due in one second.

    :returns: how many were added and removed.
    """
    key = _due_key(kind)
    wanted = {str(task) for task in tasks}
    listed = cast("list[bytes]", client.zrange(key, 0, -1))
    present = {each.decode() for each in listed}
    new = {
        task: now.timestamp() + random.uniform(0, span.total_seconds())  # noqa: S311 - not a secret
        for task in wanted - present
    }
    gone = present - wanted
    if new:
        client.zadd(key, new, nx=True)
    if gone:
        client.zrem(key, *gone)
    return len(new), len(gone)
