"""Who can be followed, and whom somebody means."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from stargazer.commands.wording import say
from stargazer.models import Name
from stargazer.search import Rank, search
from stargazer.store import Store


class Target(NamedTuple):
    """Somebody who can be followed, or a whole agency.

    :ivar group: the id of the Group that they belong to, if any.
    :ivar accounts: ids of the Tasks that watch them.
    :ivar is_group: whether it is the Group itself.
    """

    id: UUID
    name: Name
    group: UUID | None = None
    accounts: tuple[UUID, ...] = ()
    is_group: bool = False

    def call(self, language: str) -> str:
        """Give the name in a language."""
        return self._write(language, self.name.get_in(language))

    def label(self, language: str) -> str:
        """Give the name, and how they write it themselves where that differs."""
        name, own = self.name.get_in(language), self.name.name[self.name.default_language]
        return self._write(language, name if own == name else f"{name} ({own})")

    def _write(self, language: str, name: str) -> str:
        return say(language, "all_of", name=name) if self.is_group else name


def list_targets(store: Store) -> list[Target]:
    """Give all who can be followed, agencies too, in no order."""
    groups = [Target(group.id, group.name, is_group=True) for group in store.groups.list_all()]
    return groups + [
        Target(entity.id, entity.meta.name, entity.meta.group, entity.tasks)
        for entity in store.entities.list_all()
    ]


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
