"""The table of who is watched, with what a subscriber has chosen."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from api.auth import ANY_SESSION
from api.methods.settings import (
    Kinds,
    Own,
    check_entities,
    get_own_user,
)
from api.paging import Page, Paged, take_page
from api.rpc import Call, Params, Result, method
from stargazer.choosing import MOST_ENTITIES, save_choices
from stargazer.models import EventFilter, Meta, User


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

    :ivar replace: all that is to be heard of; not together with ``add`` and ``remove``.
    :ivar add: what is to be heard of, too; what is there already gets these kinds.
    :ivar remove: ids of Entities that are not to be heard of any more.
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
    kinds: Kinds | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.replace is not None and (self.add or self.remove):
            raise ValueError("expected either `replace`, or `add` and `remove`")
        return self


class SubscriptionRow(Result):
    """An Entity, and what is chosen of it.

    :ivar entity_id: its id.
    :ivar meta: its names, and its Group if there is one.
    :ivar chosen: whether it is to be heard of.
    :ivar kinds: the kinds of Events that are told.
    :ivar own_kinds: whether these are its own, and not those that hold for all.
    """

    entity_id: UUID
    meta: Meta
    chosen: bool
    kinds: frozenset[str]
    own_kinds: bool


class SubscriptionResult(Paged):
    """The table of who is watched, in the order of the Entities' ids.

    :ivar kinds: the kinds that hold for each Entity without kinds of its own.
    :ivar entities: the Entities of this page.
    """

    kinds: frozenset[str]
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
            chosen=entity.id in wish.entities,
            kinds=wish.get_kinds(entity.id),
            own_kinds=entity.id in wish.kinds_by_entity,
        )
        for entity in entities
    )
    return SubscriptionResult(kinds=wish.kinds, entities=rows, next_cursor=cursor)


@method("updateSubscription", ANY_SESSION, "updateSubscriptions")
def update_subscription(call: Call, params: UpdateSubscription) -> ChosenResult:
    """Change what the session's own user wants to hear of."""
    user = get_own_user(call)
    named = params.add if params.replace is None else params.replace
    path = "add" if params.replace is None else "replace"
    check_entities(call.store, (choice.entity_id for choice in named), path)
    wish = _choose(user, params, named)
    return ChosenResult(
        event_filter=save_choices(call.store, user, wish, user.settings).event_filter
    )


def _choose(user: User, params: UpdateSubscription, named: tuple[Choice, ...]) -> EventFilter:
    before = user.event_filter
    chosen = {choice.entity_id: choice.kinds for choice in named}
    if params.replace is None:
        kept = before.entities - params.remove
        chosen = {entity: before.kinds_by_entity.get(entity) for entity in kept} | chosen
    return EventFilter(
        entities=frozenset(chosen),
        kinds=before.kinds if params.kinds is None else params.kinds,
        kinds_by_entity={entity: own for entity, own in chosen.items() if own is not None},
    )
