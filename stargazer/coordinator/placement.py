"""Whose a Task is: rendezvous hashing, a pure function of the Task and the workers.

Each worker draws a number for each Task, and the highest has it. So when a worker comes it takes
only those for which it draws the highest, and when one leaves only its own go elsewhere: nobody
else's move. Nothing is remembered, hence nothing is lost, and whoever asks gets the same answer.

Source: Thaler, Ravishankar: Using name-based mappings to increase hit rates (1998); the weights
by Schindelhauer, Schomaker: Weighted distributed hash tables (2005).
"""

import math
from collections.abc import Collection, Iterable
from functools import partial
from hashlib import blake2b, sha256
from uuid import UUID

from stargazer.coordinator.members import Member

_STEPS = 2**64


class Placement:
    """Places the Tasks of one kind on its workers.

    :param members: those that are there and may be given Tasks.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self._drawers = [
            (member.node, member.weight, partial(blake2b, digest_size=8, key=_key(member.node)))
            for member in sorted(members, key=lambda member: member.node)
        ]
        self._owners: dict[UUID, str] = {}

    def find_owner(self, task: UUID) -> str | None:
        """Give the node whose it is; None while there is no worker."""
        if not self._drawers:
            return None
        owner = self._owners.get(task)
        if owner is None:
            owner = self._owners[task] = self._draw(task)
        return owner

    def count(self, tasks: Collection[UUID]) -> dict[str, int]:
        """Count how many of these each node has."""
        counts = dict.fromkeys((node for node, _, _ in self._drawers), 0)
        for task in tasks:
            owner = self.find_owner(task)
            if owner is not None:
                counts[owner] += 1
        return counts

    def _draw(self, task: UUID) -> str:
        # A smaller share of the numbers between 0 and 1 has the higher value for a larger weight.
        best, owner = -1.0, ""
        for node, weight, draw in self._drawers:
            drawn = (int.from_bytes(draw(task.bytes).digest()) + 0.5) / _STEPS
            value = -weight / math.log(drawn)
            if value > best:
                best, owner = value, node
        return owner


def _key(node: str) -> bytes:
    return sha256(node.encode()).digest()
