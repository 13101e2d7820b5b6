"""When which broadcast is looked at next, in a Redis sorted set, which may be wiped."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import redis

from stargazer.broadcasts import next_look
from stargazer.models import Broadcast

_KEY = "stargazer:youtube:looks"
_LAST = "stargazer:youtube:looked_at"
_MOST = 5000


class Looks:
    """The moments at which broadcasts are due."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def plan(self, broadcasts: Iterable[Broadcast], now: datetime) -> None:
        """Write down when each is to be looked at next, or that it is no more."""
        due: dict[str, float] = {}
        over: list[str] = []
        for each in broadcasts:
            at = next_look(each, now)
            if at is None:
                over.append(_name(each))
            else:
                due[_name(each)] = at.timestamp()
        if due:
            self._client.zadd(_KEY, due)
        if over:
            self._client.zrem(_KEY, *over)

    def add_missing(self, broadcasts: Iterable[Broadcast], now: datetime) -> None:
        """Make those due at once that nobody has planned."""
        missing = {_name(each): now.timestamp() for each in broadcasts}
        if missing:
            self._client.zadd(_KEY, missing, nx=True)

    def is_empty(self) -> bool:
        """Tell whether there is nothing to look at, or nobody knows what."""
        return not self._client.exists(_KEY)

    def list_due(self, now: datetime, ahead: timedelta) -> list[tuple[UUID, str]]:
        """Give the Task and the video of each that is due, longest due first.

        :param ahead: if any is, also those that are due so soon.
        """
        at = (now + ahead).timestamp()
        found = cast(
            "list[tuple[bytes, float]]",
            self._client.zrangebyscore(_KEY, "-inf", at, start=0, num=_MOST, withscores=True),
        )
        if not found or found[0][1] > now.timestamp():
            return []
        return [_read(name.decode()) for name, _ in found]

    def take_turn(self, now: datetime, span: timedelta) -> bool:
        """Tell whether the last look was so long ago, and then take this one for the last."""
        last = self._client.get(_LAST)
        if last is not None and 0 <= now.timestamp() - float(last) < span.total_seconds():
            return False
        self._client.set(_LAST, now.timestamp())
        return True

    def forget(self, task: UUID, video_id: str) -> None:
        """Look at a broadcast no more."""
        self._client.zrem(_KEY, f"{task}:{video_id}")


def _name(broadcast: Broadcast) -> str:
    return f"{broadcast.task}:{broadcast.source_id}"


def _read(name: str) -> tuple[UUID, str]:
    task, _, video_id = name.partition(":")
    return UUID(task), video_id
