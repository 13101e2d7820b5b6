"""Two wishes of one User made one: nothing of either is lost. All pure."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from stargazer.interest import MOST_RULES
from stargazer.models import EventFilter, Rule


class United(NamedTuple):
    """What follows from two wishes.

    :ivar remarks: what of the second could not be had without taking from the first.
    """

    wish: EventFilter
    remarks: tuple[str, ...] = ()


def leave_out(
    wish: EventFilter, entities: Collection[UUID], groups: Collection[UUID]
) -> EventFilter:
    """Give what is left of a wish without these Entities and Groups."""
    for entity in entities:
        wish = wish.without(entity)
    return wish.model_copy(update={"groups": wish.groups - frozenset(groups)})


def rename(wish: EventFilter, names: Mapping[UUID, UUID]) -> EventFilter:
    """Give a wish in which some Entities and Groups have other ids."""
    if not names:
        return wish
    own: dict[UUID, frozenset[str]] = {}
    for each, kinds in wish.kinds_by_entity.items():
        # Two may have become one, of whom all is wanted.
        own[names.get(each, each)] = own.get(names.get(each, each), frozenset()) | kinds
    changes = {
        "entities": _rename(wish.entities, names),
        "groups": _rename(wish.groups, names),
        "without_entities": _rename(wish.without_entities, names),
        "kinds_by_entity": own,
        "rules": tuple(
            rule.model_copy(update={"entities": _rename(rule.entities, names)})
            for rule in wish.rules
        ),
    }
    return wish.model_copy(update=changes)


def list_named(wish: EventFilter) -> frozenset[UUID]:
    """Give every Entity that a wish names."""
    in_rules = (entity for rule in wish.rules for entity in rule.entities)
    return frozenset((*wish.entities, *wish.without_entities, *wish.kinds_by_entity, *in_rules))


def unite(
    present: EventFilter, more: EventFilter, get_group: Callable[[UUID], UUID | None]
) -> United:
    """Let a User hear what it hears, and more; done twice, it is as done once.

    :param get_group: gives the Group of an Entity; None where there is none, or nobody knows.
    """
    if not (more.entities or more.groups):
        return United(present)
    if not (present.entities or present.groups):
        rules = present.rules + tuple(rule for rule in more.rules if rule not in present.rules)
        return United(more.model_copy(update={"rules": rules[:MOST_RULES]}))
    added = more.groups - present.groups
    kinds, own, remark = _unite_group_kinds(present, more)
    for entity in present.kinds_by_entity:
        # What was chosen of one who is not heard says nothing once it is heard with its Group.
        if not present.wants(entity, get_group(entity)) and get_group(entity) in added:
            own.pop(entity)
    for entity in more.entities | more.kinds_by_entity.keys():
        group = get_group(entity)
        wanted = more.get_kinds(entity, group)
        if more.wants(entity, group):
            wanted |= present.get_kinds(entity, group)
            if own.get(entity, kinds) != wanted:
                own[entity] = wanted
    without = {each for each in more.without_entities if get_group(each) in added}
    rules, dropped = _choose_rules(present, more, get_group)
    wish = EventFilter(
        entities=present.entities | more.entities,
        groups=present.groups | more.groups,
        without_entities=present.without_entities | (without - present.entities),
        kinds=kinds,
        kinds_by_entity=own,
        rules=present.rules + rules,
    )
    return United(wish, tuple(filter(None, (remark, dropped))))


def _unite_group_kinds(
    present: EventFilter, more: EventFilter
) -> tuple[frozenset[str], dict[UUID, frozenset[str]], str]:
    """Give the kinds that hold for Groups, and what then has to be said of single Entities."""
    own = dict(present.kinds_by_entity)
    if not more.groups or more.kinds == present.kinds:
        return present.kinds, own, ""
    if present.groups:
        names = ", ".join(sorted(more.kinds - present.kinds))
        remark = f"of its groups it does not hear {names}, as until now" if names else ""
        return present.kinds, own, remark
    for entity in present.entities:
        own.setdefault(entity, present.kinds)
    return more.kinds, own, ""


def _choose_rules(
    present: EventFilter, more: EventFilter, get_group: Callable[[UUID], UUID | None]
) -> tuple[tuple[Rule, ...], str]:
    """Give the rules that keep out nothing of what was heard until now."""
    fresh = {each for each in more.entities if not present.wants(each, get_group(each))}
    left = MOST_RULES - len(present.rules)
    chosen: list[Rule] = []
    is_lost = False
    for rule in more.rules:
        about = (rule.entities or more.entities) & fresh
        if about and len(chosen) < left:
            chosen.append(rule.model_copy(update={"entities": about}))
        elif (about or more.groups - present.groups) and rule not in present.rules:
            is_lost = True
    why = "a rule is left out, which would keep out what is heard until now" if is_lost else ""
    return tuple(chosen), why


def _rename(ids: frozenset[UUID], names: Mapping[UUID, UUID]) -> frozenset[UUID]:
    return frozenset(names.get(each, each) for each in ids)
