"""Who is given what at a tick. All pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from stargazer.coordinator.batches import Batch, Pending
from stargazer.coordinator.placement import Placement

#: A batch that runs for so long does not run any more, whatever its worker says of itself.
LONGEST_RUN = timedelta(minutes=5)


def find_lost(pending: Sequence[Pending], nodes: Collection[str], tick: timedelta) -> list[Batch]:
    """Find the batches that come to nothing.

    :param nodes: the workers that are there.
    :param tick: a worker that has not begun by the next one is not waited for.
    """
    return [
        each.batch
        for each in pending
        if each.batch.node not in nodes
        or (each.runs is None and each.waits >= tick.total_seconds() / 2)
        or (each.runs is not None and each.runs >= LONGEST_RUN.total_seconds())
    ]


def plan_batches(
    kind: str,
    due: Sequence[UUID],
    placement: Placement,
    slots: Mapping[str, int],
    in_hand: Collection[UUID],
    most: int,
) -> list[Batch]:
    """Group the Tasks that are due by their owners, one batch for each.

    :param due: longest due first; what finds no place in a batch stays due.
    :param slots: how many more batches of this kind each worker may have; none for one that is
        still busy with those before.
    :param in_hand: Tasks that a worker is busy with.
    :param most: how many Tasks one batch may have.
    """
    tasks: dict[str, list[UUID]] = {}
    for task in due:
        owner = None if task in in_hand else placement.find_owner(task)
        if owner is not None and slots.get(owner, 0) > 0:
            mine = tasks.setdefault(owner, [])
            if len(mine) < most:
                mine.append(task)
    return [Batch(node=node, kind=kind, tasks=tuple(mine)) for node, mine in sorted(tasks.items())]
