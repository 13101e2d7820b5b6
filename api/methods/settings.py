"""What a subscriber wants to hear, and how."""

from collections.abc import Iterable
from datetime import time
from functools import cache
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api.auth import ANY_SESSION
from api.rpc import Call, Params, Result, method
from stargazer.choosing import MOST_ENTITIES, save_choices
from stargazer.errors import InvalidError
from stargazer.interest import LONGEST_WORD, MOST_RULES, MOST_WORDS, check_word
from stargazer.kinds import KINDS
from stargazer.mentions import check_mention
from stargazer.models import WAKING_KINDS, EventFilter, Language, User, UserSettings
from stargazer.store import Store

MOST_GROUPS = 1000
#: What null ends, and does not leave as it is.
_CAN_END = {"quiet_hours", "muted_until", "silent_kinds"}


def _check_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}, only {', '.join(KINDS)}")
    return kind


_list_timezones = cache(available_timezones)


def _check_timezone(name: str) -> str:
    if name not in _list_timezones():
        raise ValueError(f"there is no time zone {name!r}; names are like 'Asia/Tokyo'")
    return name


def _check_clock(at: time) -> time:
    if at.tzinfo is not None or at.second or at.microsecond:
        raise ValueError("expected hours and minutes, such as 23:00")
    return at


# No enumeration: kinds are added, and whoever was generated from one would not know them.
EventKind = Annotated[str, AfterValidator(_check_kind), Field(examples=["youtube/live_start"])]
Kinds = frozenset[EventKind]
Entities = Annotated[frozenset[UUID], Field(max_length=MOST_ENTITIES)]
Groups = Annotated[frozenset[UUID], Field(max_length=MOST_GROUPS)]
Word = Annotated[str, StringConstraints(max_length=LONGEST_WORD), AfterValidator(check_word)]
Words = Annotated[tuple[Word, ...], Field(max_length=MOST_WORDS)]
Clock = Annotated[
    time, AfterValidator(_check_clock), Field(json_schema_extra={"examples": ["23:00"]})
]
Timezone = Annotated[str, AfterValidator(_check_timezone), Field(examples=["Asia/Tokyo"])]
Mention = Annotated[
    str,
    StringConstraints(pattern=r"^(all|[0-9]{15,20})?$"),
    Field(examples=["165511591545143296"]),
]


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


class Quiet(Params):
    """The hours of each day in which nobody is to be disturbed, in the User's time zone.

    :ivar start: from then on, such as ``23:00``.
    :ivar end: until then, such as ``07:00``; of the next day, where it is before ``start``.
    """

    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _leaves_some(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours have to end at another time than they start")
        return self


class Settings(Params):
    """How to hear it.

    :ivar language: the language of the messages: ``en``, ``ja``, ``zh``, or what is nearest.
    :ivar timezone: the time zone of the times in them.
    :ivar translate: whether texts in other languages are wanted in this one, too.
    :ivar mention: who is called when a stream starts: empty for nobody, ``all`` for everybody in a
        group on QQ, a role's id on Discord.
    :ivar quiet_hours: what comes in them is told in one message when they are over.
    :ivar waking_kinds: kinds of Events that are told in them all the same.
    :ivar muted_until: until then nothing is told; then all of it in one message.
    :ivar silent_kinds: kinds of Events that are to make no sound, where the chat app can do that;
        null: those that ``getEventKinds`` calls silent.
    :ivar edit_live: whether the message that a stream is live is to become the one that it has
        ended, where the chat app can do that.
    """

    language: Language = "en"
    timezone: Timezone = "UTC"
    translate: bool = False
    mention: Mention = ""
    quiet_hours: Quiet | None = None
    waking_kinds: Kinds = Field(default_factory=lambda: WAKING_KINDS)
    muted_until: AwareDatetime | None = None
    silent_kinds: Kinds | None = None
    edit_live: bool = False


class Own(Params):
    """Nothing but the Session's token, for those who cannot send it as a header.

    :ivar token: the token, where it is not sent as ``Authorization: Bearer``.
    """

    token: str | None = None


class UpdateSetting(Own):
    """What is to change; what is left out stays.

    :ivar event_filter: what to hear, all of it.
    :ivar language: the language of the messages: ``en``, ``ja``, ``zh``, or what is nearest.
    :ivar timezone: the time zone of the times in them.
    :ivar translate: whether texts in other languages are wanted in this one, too.
    :ivar mention: who is called when a stream starts: empty for nobody, ``all`` for everybody in a
        group on QQ, a role's id on Discord.
    :ivar quiet_hours: what comes in them is told in one message when they are over; null: there
        are none any more.
    :ivar waking_kinds: kinds of Events that are told in them all the same.
    :ivar muted_until: until then nothing is told; then all of it in one message; null: it ends.
    :ivar silent_kinds: kinds of Events that are to make no sound, where the chat app can do that;
        null: those that ``getEventKinds`` calls silent.
    :ivar edit_live: whether the message that a stream is live is to become the one that it has
        ended, where the chat app can do that.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "event_filter": {
                        "entities": ["5e0c6a7e-3f4b-4b52-9a70-2d1f6f0d8a11"],
                        "kinds": ["youtube/live_start"],
                    },
                    "language": "ja",
                    "timezone": "Asia/Tokyo",
                    "quiet_hours": {"start": "23:00", "end": "07:00"},
                }
            ]
        }
    )

    event_filter: Filter | None = None
    language: Language | None = None
    timezone: Timezone | None = None
    translate: bool | None = None
    mention: Mention | None = None
    quiet_hours: Quiet | None = None
    waking_kinds: Kinds | None = None
    muted_until: AwareDatetime | None = None
    silent_kinds: Kinds | None = None
    edit_live: bool | None = None


class SettingsResult(Result):
    """What the Session's own User wants to hear, and how.

    :ivar user_id: the User.
    :ivar event_filter: what it wants to hear.
    :ivar settings: how it wants to hear it.
    """

    user_id: UUID
    event_filter: EventFilter
    settings: UserSettings


@method("getSettings", ANY_SESSION, "getSetting")
def get_settings(call: Call, params: Own) -> SettingsResult:  # noqa: ARG001 - there are none
    """Tell what the session's own user wants to hear, and how."""
    return _show(get_own_user(call))


@method("updateSetting", ANY_SESSION, "updateSettings")
def update_setting(call: Call, params: UpdateSetting) -> SettingsResult:
    """Change what the session's own user wants to hear, and how."""
    user = get_own_user(call)
    check_settings(user.im, params.mention or "", "mention")
    given = params.model_dump(exclude_unset=True, exclude={"token", "event_filter"})
    changes = {
        name: value for name, value in given.items() if value is not None or name in _CAN_END
    }
    settings = UserSettings.model_validate({**user.settings.model_dump(), **changes})
    event_filter = user.event_filter
    if params.event_filter is not None:
        event_filter = read_filter(call.store, params.event_filter)
    return _show(save_choices(call.store, user, event_filter, settings, call.now))


def read_filter(store: Store, sent: Filter) -> EventFilter:
    """Give what somebody wants to hear.

    :raises InvalidError: naming each Entity and Group that does not exist.
    """
    check_entities(store, sent.entities, "event_filter.entities")
    check_groups(store, sent.groups, "event_filter.groups")
    return EventFilter.model_validate(sent.model_dump())


def get_own_user(call: Call) -> User:
    """Give the User in whose Session a method is called."""
    if call.caller.user is None:
        raise TypeError("a method for sessions was called without one")
    return call.caller.user


def check_settings(im: str, mention: str, path: str) -> None:
    """See to it that a chat app can call whom a subscriber wants called.

    :param path: where that stands in what was sent.
    :raises InvalidError: when it cannot.
    """
    try:
        check_mention(im, mention)
    except ValueError as exc:
        raise InvalidError("invalid_parameters", f"`{path}`: {exc}") from None


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


def _show(user: User) -> SettingsResult:
    return SettingsResult(user_id=user.id, event_filter=user.event_filter, settings=user.settings)
