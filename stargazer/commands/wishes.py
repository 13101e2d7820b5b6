"""What is wanted when somebody is followed, and when they are no more. All pure."""

from collections.abc import Iterable
from uuid import UUID

from stargazer.commands.targets import Target
from stargazer.kinds import USUAL_KINDS
from stargazer.models import EventFilter


def is_followed(wish: EventFilter, target: Target) -> bool:
    """Tell whether somebody is followed, by themselves or with their agency."""
    return target.id in wish.groups if target.is_group else wish.wants(target.id, target.group)


def add(wish: EventFilter, target: Target, targets: Iterable[Target]) -> EventFilter:
    """Give what is wanted when somebody is followed, too.

    :param targets: among them the members of the agency, if it is one.
    """
    kinds = wish.kinds or USUAL_KINDS
    if target.is_group:
        # All of them are wanted now, also who was not before.
        return wish.model_copy(
            update={
                "kinds": kinds,
                "groups": wish.groups | {target.id},
                "without_entities": wish.without_entities - _list_members(target, targets),
            }
        )
    # Whoever follows somebody anew wants to hear something of them.
    own = {
        entity: kinds
        for entity, kinds in wish.kinds_by_entity.items()
        if kinds or entity != target.id
    }
    return wish.model_copy(
        update={
            "kinds": kinds,
            "entities": wish.entities | {target.id},
            "without_entities": wish.without_entities - {target.id},
            "kinds_by_entity": own,
        }
    )


def remove(wish: EventFilter, target: Target, targets: Iterable[Target]) -> EventFilter:
    """Give what is wanted when somebody is followed no more.

    :param targets: among them the members of the agency, if it is one.
    """
    if target.is_group:
        return wish.model_copy(
            update={
                "groups": wish.groups - {target.id},
                "without_entities": wish.without_entities - _list_members(target, targets),
            }
        )
    own = {entity: kinds for entity, kinds in wish.kinds_by_entity.items() if entity != target.id}
    # The others of the agency are still wanted.
    taken_out = {target.id} if target.group in wish.groups else frozenset[UUID]()
    return wish.model_copy(
        update={
            "entities": wish.entities - {target.id},
            "without_entities": wish.without_entities | taken_out,
            "kinds_by_entity": own,
        }
    )


def _list_members(group: Target, targets: Iterable[Target]) -> frozenset[UUID]:
    return frozenset(each.id for each in targets if each.group == group.id)
