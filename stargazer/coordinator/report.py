"""How all is watched, for people and metrics: read from Redis by anybody."""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple, cast

import redis

from stargazer.coordinator import batches, schedule
from stargazer.coordinator.members import Member, list_members
from stargazer.models import Model

_PLACED = "stargazer:placed"


class Placed(Model):
    """How the Tasks of a kind are placed.

    :ivar shares: the workers that serve it, and how many Tasks each should have compared with
        the others; empty while there is none, and all Tasks are unassigned.
    :ivar scheduled: how many Tasks there are.
    :ivar by_node: how many each worker has.
    """

    shares: dict[str, int]
    scheduled: int
    by_node: dict[str, int]

    @property
    def unassigned(self) -> int:
        """How many nobody has."""
        return 0 if self.shares else self.scheduled


class WorkerReport(NamedTuple):
    """A worker.

    :ivar is_there: whether it was heard of within three heartbeats.
    :ivar tasks: how many Tasks it watches, by kind.
    :ivar in_hand: how many it is looking at right now.
    """

    member: Member
    is_there: bool
    is_drained: bool
    tasks: dict[str, int]
    in_hand: int


class KindReport(NamedTuple):
    """A kind of Tasks.

    :ivar unassigned: how many no worker watches.
    :ivar overdue: for how many seconds the latest has been due.
    """

    kind: str
    tasks: int
    unassigned: int
    overdue: float


class Report(NamedTuple):
    """The workers by name, and the kinds."""

    workers: tuple[WorkerReport, ...]
    kinds: tuple[KindReport, ...]


def save_placed(client: redis.Redis, kind: str, placed: Placed) -> None:
    """Remember how the Tasks of a kind are placed."""
    client.hset(_PLACED, kind, placed.model_dump_json())


def read_placed(client: redis.Redis) -> dict[str, Placed]:
    """Give how the Tasks are placed, kind by kind."""
    found = cast("dict[bytes, bytes]", client.hgetall(_PLACED))
    return {kind.decode(): Placed.model_validate_json(found[kind]) for kind in sorted(found)}


def read_report(client: redis.Redis, drained: Collection[str]) -> Report:
    """Give how all is watched, as of the last tick.

    :param drained: the workers that are to be given nothing.
    """
    placed = read_placed(client)
    in_hand: Counter[str] = Counter()
    for pending in batches.list_pending(client):
        in_hand[pending.batch.node] += len(pending.batch.tasks)
    workers = tuple(
        WorkerReport(
            member=presence.member,
            is_there=presence.is_there,
            is_drained=presence.member.node in drained,
            tasks={
                kind: of_kind.by_node[presence.member.node]
                for kind, of_kind in placed.items()
                if presence.member.node in of_kind.by_node
            },
            in_hand=in_hand[presence.member.node],
        )
        for presence in list_members(client)
    )
    kinds = tuple(
        KindReport(
            kind, of_kind.scheduled, of_kind.unassigned, schedule.get_backlog(client, kind)[1]
        )
        for kind, of_kind in placed.items()
    )
    return Report(workers, kinds)
