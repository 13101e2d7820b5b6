"""Who can be followed, and whom somebody means."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from stargazer.models import Entity, Name
from stargazer.search import Rank, search
from stargazer.store import Store


class Target(NamedTuple):
    """Somebody who can be followed.

    :ivar accounts: ids of the Tasks that watch them.
    """

    id: UUID
    name: Name
    accounts: tuple[UUID, ...] = ()

    def label(self, language: str) -> str:
        """Give the name in a language, and how they write it themselves where that differs."""
        name, own = self.name.get_in(language), self.name.name[self.name.default_language]
        return name if own == name else f"{name} ({own})"


def list_targets(store: Store) -> list[Target]:
    """Give all who can be followed, in no order."""
    return [_from_entity(entity) for entity in store.entities.list_all()]


def list_by_ids(store: Store, entities: Iterable[UUID]) -> list[Target]:
    """Give those of these who are watched, in no order."""
    return [_from_entity(entity) for entity in store.entities.list_by_ids(list(entities))]


def find_meant(query: str, targets: Iterable[Target]) -> Sequence[Target]:
    """Find whom somebody means.

    :param query: a name, or the id that a button has.
    :returns: one, when it is clear; those whose name it is, or else all who have it in their name,
        the nearest first; empty: nobody.
    """
    key = _read_id(query)
    if key is not None:
        return [target for target in targets if target.id == key]
    named = ((target, target.name.name.values()) for target in targets)
    found = search(query, named)
    exact = [target for rank, target in found if rank is Rank.EXACT]
    return exact or [target for _, target in found]


def _read_id(query: str) -> UUID | None:
    try:
        return UUID(query)
    except ValueError:
        return None


def _from_entity(entity: Entity) -> Target:
    return Target(entity.id, entity.meta.name, entity.tasks)
