"""What a subscriber may say it wants to hear, checked more strictly than what is stored."""

from collections.abc import Iterable
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.rpc import Params
from stargazer.choosing import MOST_ENTITIES
from stargazer.errors import InvalidError
from stargazer.interest import LONGEST_WORD, MOST_RULES, MOST_WORDS, check_word
from stargazer.kinds import KINDS
from stargazer.models import EventFilter, Language
from stargazer.store import Store

MOST_GROUPS = 1000


def _check_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}, only {', '.join(KINDS)}")
    return kind


# No enumeration: kinds are added, and whoever was generated from one would not know them.
EventKind = Annotated[str, AfterValidator(_check_kind), Field(examples=["youtube/live_start"])]
Kinds = frozenset[EventKind]
Entities = Annotated[frozenset[UUID], Field(max_length=MOST_ENTITIES)]
Groups = Annotated[frozenset[UUID], Field(max_length=MOST_GROUPS)]
Word = Annotated[str, StringConstraints(max_length=LONGEST_WORD), AfterValidator(check_word)]
Words = Annotated[tuple[Word, ...], Field(max_length=MOST_WORDS)]


class FilterRule(Params):
    """What keeps out some of the Events that are wanted by their kind and Entity.

    :ivar kinds: of which kinds of Events it decides; empty: of all.
    :ivar entities: of which Entities it decides; empty: of all.
    :ivar any_of: one of these words has to be somewhere in the texts, whatever its case and width;
        between slashes, as in ``/sing(ing)?/``, it is a pattern of RE2; empty: none has to.
    :ivar none_of: none of these words may be in the texts.
    :ivar languages: the texts have to be in one of these, as far as one can tell; empty: in any.
    :ivar media: whether pictures or videos have to be there (true) or must not be (false).
    :ivar shorts: whether it has to be a short video (true) or must not be one (false).
    """

    kinds: Kinds = frozenset()
    entities: Entities = frozenset()
    any_of: Words = ()
    none_of: Words = ()
    languages: Annotated[frozenset[Language], Field(max_length=20)] = frozenset()
    media: bool | None = None
    shorts: bool | None = None

    @model_validator(mode="after")
    def _decides(self) -> Self:
        looked_at = (self.any_of, self.none_of, self.languages)
        if not any(looked_at) and self.media is None and self.shorts is None:
            raise ValueError("a rule needs one of any_of, none_of, languages, media, shorts")
        return self


class Filter(Params):
    """What to hear: these kinds of these Entities, and of some of them their own kinds instead.

    :ivar entities: ids of Entities.
    :ivar groups: ids of Groups: whoever belongs to one is to be heard of, as long as it does.
    :ivar without_entities: ids of Entities that are not to be heard of though their Group is.
    :ivar kinds: kinds of Events, of those that ``getEventKinds`` lists.
    :ivar kinds_by_entity: for some of the Entities, their own kinds in place of ``kinds``.
    :ivar rules: what keeps out some of these Events; each of them has to let one pass.
    """

    entities: Entities = frozenset()
    groups: Groups = frozenset()
    without_entities: Entities = frozenset()
    kinds: Kinds = frozenset()
    kinds_by_entity: Annotated[dict[UUID, Kinds], Field(max_length=MOST_ENTITIES)] = Field(
        default_factory=dict
    )
    rules: Annotated[tuple[FilterRule, ...], Field(max_length=MOST_RULES)] = ()


def read_filter(store: Store, sent: Filter) -> EventFilter:
    """Give what somebody wants to hear.

    :raises InvalidError: naming each Entity and Group that does not exist.
    """
    check_entities(store, sent.entities, "event_filter.entities")
    check_groups(store, sent.groups, "event_filter.groups")
    return EventFilter.model_validate(sent.model_dump())


def check_entities(store: Store, entities: Iterable[UUID], path: str) -> None:
    """See to it that these Entities exist.

    :param path: where they stand in what was sent.
    :raises InvalidError: naming each that does not.
    """
    missing = store.entities.find_missing(frozenset(entities))
    if missing:
        raise InvalidError(
            "invalid_parameters",
            *(f"`{path}`: Cannot find entity with ID `{entity}`" for entity in sorted(missing)),
        )


def check_groups(store: Store, groups: Iterable[UUID], path: str) -> None:
    """See to it that these Groups exist.

    :param path: where they stand in what was sent.
    :raises InvalidError: naming each that does not.
    """
    wanted = set(groups)
    missing = wanted - {group.id for group in store.groups.list_by_ids(list(wanted))}
    if missing:
        raise InvalidError(
            "invalid_parameters",
            *(f"`{path}`: Cannot find group with ID `{group}`" for group in sorted(missing)),
        )
