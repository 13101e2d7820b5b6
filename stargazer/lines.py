"""Lines: what waits for each chat, in the order in which it entered the ledger.

Two Events for one chat are sent in that order, whichever workers have them in hand, however often
one of them has to be tried again, and whoever dies meanwhile. A Delivery stands in the line of its
chat until it is finished, and only the one at the head is sent. Whoever finishes one takes it off
and goes on with the next; whoever comes with one that is not at the head leaves it to them.

Lines are in Redis, where looking at a hundred of them is one call. They are a copy: what is true is
the ledger, and that nothing is sent twice rests on its claims alone. Whoever is held up by a head
asks the ledger whether it is pending at all, so one that a dead worker left behind holds up nobody.
One that the ledger does not know is about to enter it: only when that takes too long it was left
behind, too. After a wipe the order is as good as chance has it, until the sweeper has rebuilt the
lines of all that is pending, within seconds.

A head that has to wait does not hold up the others for ever: one whose next attempt is further
away than :data:`stargazer.retries.LONGEST_HOLD`, because of passing trouble of its own, gets a new
place, as if it had entered the ledger at that moment; so does one that waits for the end of quiet
hours. One that waits for the chat app's pace keeps
its place, for all that is behind it has to wait as well. What is ``unknown`` is finished.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import redis

from stargazer.models import Delivery

Key = tuple[UUID, UUID]

#: Longer than anything is news; who waits longer takes its place again when it is tried.
_KEPT = timedelta(days=14)
_AT_ONCE = 500
#: After every place.
_LAST = 2**53

_ENTER = """
local places = {}
for i, key in ipairs(KEYS) do
    redis.call('ZADD', key, 'NX', ARGV[2 * i], ARGV[2 * i + 1])
    redis.call('PEXPIRE', key, ARGV[1])
    places[i] = redis.call('ZSCORE', key, ARGV[2 * i + 1])
end
return places
"""

_HEADS = """
local heads = {}
for i, key in ipairs(KEYS) do heads[i] = redis.call('ZRANGE', key, 0, 0)[1] or '' end
return heads
"""

_LEAVE = """
local heads = {}
for i, key in ipairs(KEYS) do
    local place = redis.call('ZSCORE', key, ARGV[i + 1])
    if place and tonumber(place) <= tonumber(ARGV[1]) then redis.call('ZREM', key, ARGV[i + 1]) end
    heads[i] = redis.call('ZRANGE', key, 0, 0)[1] or ''
end
return heads
"""


class Place(NamedTuple):
    """A place in the line of a chat.

    :ivar at: what orders them; of two at the same millisecond the ids of the Events decide.
    """

    event: UUID
    user: UUID
    at: datetime


class Lines:
    """The lines of all chats, by User."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client

    def enter(self, places: Iterable[Place]) -> list[datetime]:
        """Take places; who has one in that line keeps it.

        :returns: where each stands now.
        """
        rest = iter(places)
        taken: list[datetime] = []
        while some := list(islice(rest, _AT_ONCE)):
            names = [_name(place.user) for place in some]
            arguments: list[bytes | int] = [int(_KEPT.total_seconds() * 1000)]
            for place in some:
                arguments += [_score(place.at), place.event.bytes]
            scores = self._client.eval(_ENTER, len(names), *names, *arguments)
            taken += [datetime.fromtimestamp(int(score) / 1000, UTC) for score in scores]
        return taken

    def step_back(self, places: Sequence[Place]) -> None:
        """Give places up for later ones."""
        if places:
            self.leave([(place.event, place.user) for place in places])
            self.enter(places)

    def get_heads(self, users: Sequence[UUID]) -> list[UUID | None]:
        """Give the Event at the head of each line; None for an empty one."""
        if not users:
            return []
        return _read(self._client.eval(_HEADS, len(users), *map(_name, users)))

    def leave(self, keys: Sequence[Key], until: datetime | None = None) -> list[Key]:
        """Take Deliveries off their lines.

        :param until: only those whose places are not after this moment; None: all of them.
        :returns: the heads of those lines from then on; those that are empty, or have the same head
            as before, are left out.
        """
        if not keys:
            return []
        names = [_name(user) for _, user in keys]
        members = [event.bytes for event, _ in keys]
        latest = _LAST if until is None else _score(until)
        heads = _read(self._client.eval(_LEAVE, len(names), *names, latest, *members))
        return [
            (head, user)
            for head, (event, user) in zip(heads, keys, strict=True)
            if head and head != event
        ]


def get_place(delivery: Delivery) -> Place:
    """Give the place that a pending Delivery has in its line."""
    return Place(delivery.event, delivery.user, delivery.place_at)


def _name(user: UUID) -> str:
    return f"stargazer:line:{user}"


def _score(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _read(heads: Sequence[bytes]) -> list[UUID | None]:
    return [UUID(bytes=head) if head else None for head in heads]
