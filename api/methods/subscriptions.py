"""The table of who is watched, with what a subscriber has chosen."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from api.auth import ANY_SESSION
from api.methods.settings import Own, get_own_user
from api.methods.wishes import Groups, Kinds, check_entities, check_groups
from api.paging import Page, Paged, take_page
from api.rpc import Call, Params, Result, method
from stargazer.choosing import MOST_ENTITIES, save_choices
from stargazer.models import EventFilter, Ids, Meta, Names


class Choice(Params):
    """An Entity to hear of.

    :ivar entity_id: its id.
    :ivar kinds: its own kinds; left out, the kinds that hold for all.
    """

    entity_id: UUID
    kinds: Kinds | None = None


Choices = Annotated[tuple[Choice, ...], Field(max_length=MOST_ENTITIES)]


class GetSubscription(Page, Own):
    """Which part of the table."""


class UpdateSubscription(Own):
    """What to hear of: all anew, or what is added and removed.

    :ivar replace: all that is to be heard of, without any Group; not together with what is added
        and removed.
    :ivar add: what is to be heard of, too; what is there already gets these kinds.
    :ivar remove: ids of Entities that are not to be heard of any more, not with their Group either.
    :ivar add_groups: ids of Groups of which everybody is to be heard of, now and later; those that
        were taken out of it before are in again.
    :ivar remove_groups: ids of Groups that are not to be heard of any more; those of its members
        who were chosen by themselves are still.
    :ivar kinds: the kinds that hold for each Entity without kinds of its own.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "add": [{"entity_id": "5e0c6a7e-3f4b-4b52-9a70-2d1f6f0d8a11"}],
                    "kinds": ["youtube/live_start"],
                }
            ]
        }
    )

    replace: Choices | None = None
    add: Choices = ()
    remove: Annotated[frozenset[UUID], Field(max_length=MOST_ENTITIES)] = frozenset()
    add_groups: Groups = frozenset()
    remove_groups: Groups = frozenset()
    kinds: Kinds | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        changes = self.add or self.remove or self.add_groups or self.remove_groups
        if self.replace is not None and changes:
            raise ValueError("expected either `replace`, or what is added and removed")
        return self


class SubscriptionRow(Result):
    """An Entity, and what is chosen of it.

    :ivar entity_id: its id.
    :ivar meta: its names, and its Group if there is one.
    :ivar chosen: whether it is to be heard of, by itself or with its Group.
    :ivar with_group: whether its Group is to be heard of.
    :ivar kinds: the kinds of Events that are told.
    :ivar own_kinds: whether these are its own, and not those that hold for all.
    """

    entity_id: UUID
    meta: Meta
    chosen: bool
    with_group: bool
    kinds: Names
    own_kinds: bool


class SubscriptionResult(Paged):
    """The table of who is watched, in the order of the Entities' ids.

    :ivar kinds: the kinds that hold for each Entity without kinds of its own.
    :ivar groups: ids of the Groups of which everybody is to be heard of.
    :ivar entities: the Entities of this page.
    """

    kinds: Names
    groups: Ids
    entities: tuple[SubscriptionRow, ...]


class ChosenResult(Result):
    """What is chosen now.

    :ivar event_filter: all of it.
    """

    event_filter: EventFilter


@method("getSubscription", ANY_SESSION, "getSubscriptions")
def get_subscription(call: Call, params: GetSubscription) -> SubscriptionResult:
    """List who is watched, with what the session's own user has chosen."""
    wish = get_own_user(call).event_filter
    entities, cursor = take_page(
        call.store.entities.list_all(), lambda entity: str(entity.id), params
    )
    rows = tuple(
        SubscriptionRow(
            entity_id=entity.id,
            meta=entity.meta,
            chosen=wish.wants(entity.id, entity.meta.group),
            with_group=entity.meta.group in wish.groups,
            kinds=wish.get_kinds(entity.id, entity.meta.group),
            own_kinds=entity.id in wish.kinds_by_entity,
        )
        for entity in entities
    )
    return SubscriptionResult(
        kinds=wish.kinds, groups=wish.groups, entities=rows, next_cursor=cursor
    )


@method("updateSubscription", ANY_SESSION, "updateSubscriptions")
def update_subscription(call: Call, params: UpdateSubscription) -> ChosenResult:
    """Change what the session's own user wants to hear of."""
    user = get_own_user(call)
    named = params.add if params.replace is None else params.replace
    path = "add" if params.replace is None else "replace"
    check_entities(call.store, (choice.entity_id for choice in named), path)
    check_groups(call.store, params.add_groups, "add_groups")
    members = _list_members(call, params.add_groups)
    wish = _choose(user.event_filter, params, named, members)
    saved = save_choices(call.store, user, wish, user.settings, call.now)
    return ChosenResult(event_filter=saved.event_filter)


def _list_members(call: Call, groups: frozenset[UUID]) -> frozenset[UUID]:
    if not groups:
        return frozenset()
    return frozenset(
        each.id for each in call.store.entities.list_all() if each.meta.group in groups
    )


def _choose(
    before: EventFilter,
    params: UpdateSubscription,
    named: tuple[Choice, ...],
    members: frozenset[UUID],
) -> EventFilter:
    chosen = {choice.entity_id: choice.kinds for choice in named}
    own = {each: kinds for each, kinds in chosen.items() if kinds is not None}
    entities, groups, without = frozenset(chosen), frozenset[UUID](), frozenset[UUID]()
    if params.replace is None:
        entities |= before.entities - params.remove
        groups = (before.groups - params.remove_groups) | params.add_groups
        # Of somebody who is in no such Group it says nothing, and does no harm.
        without = before.without_entities - members - chosen.keys()
        without |= params.remove if groups else frozenset()
        gone = params.remove | chosen.keys()
        own = {e: kinds for e, kinds in before.kinds_by_entity.items() if e not in gone} | own
    return EventFilter(
        entities=entities,
        groups=groups,
        without_entities=frozenset(without),
        kinds=before.kinds if params.kinds is None else params.kinds,
        kinds_by_entity=own,
        rules=before.rules,
    )
