"""What a subscriber wants to hear, and how."""

from collections.abc import Iterable
from functools import cache
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field

from api.auth import ANY_SESSION
from api.rpc import Call, Params, Result, method
from stargazer.errors import InvalidError
from stargazer.kinds import KINDS
from stargazer.models import EventFilter, Language, User, UserSettings
from stargazer.store import Store

MOST_ENTITIES = 10_000
#: Choices that null takes back; of the others, it leaves them as they are.
_CAN_END = {"silent_kinds"}


def _check_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}, only {', '.join(KINDS)}")
    return kind


_list_timezones = cache(available_timezones)


def _check_timezone(name: str) -> str:
    if name not in _list_timezones():
        raise ValueError(f"there is no time zone {name!r}; names are like 'Asia/Tokyo'")
    return name


# No enumeration: kinds are added, and whoever was generated from one would not know them.
EventKind = Annotated[str, AfterValidator(_check_kind), Field(examples=["youtube/live_start"])]
Kinds = frozenset[EventKind]
Entities = Annotated[frozenset[UUID], Field(max_length=MOST_ENTITIES)]
Timezone = Annotated[str, AfterValidator(_check_timezone), Field(examples=["Asia/Tokyo"])]


class Filter(Params):
    """What to hear: these kinds of these Entities, and of some of them their own kinds instead.

    :ivar entities: ids of Entities.
    :ivar kinds: kinds of Events, of those that ``getEventKinds`` lists.
    :ivar kinds_by_entity: for some of the Entities, their own kinds in place of ``kinds``.
    """

    entities: Entities = frozenset()
    kinds: Kinds = frozenset()
    kinds_by_entity: Annotated[dict[UUID, Kinds], Field(max_length=MOST_ENTITIES)] = Field(
        default_factory=dict
    )


class Settings(Params):
    """How to hear it.

    :ivar language: the language of the messages: ``en``, ``ja``, ``zh``, or what is nearest.
    :ivar timezone: the time zone of the times in them.
    :ivar translate: whether texts in other languages are wanted in this one, too.
    :ivar silent_kinds: kinds of Events that are to make no sound, where the chat app can do that;
        null: those that ``getEventKinds`` calls silent.
    :ivar edit_live: whether the message that a stream is live is to become the one that it has
        ended, where the chat app can do that.
    """

    language: Language = "en"
    timezone: Timezone = "UTC"
    translate: bool = False
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
                }
            ]
        }
    )

    event_filter: Filter | None = None
    language: Language | None = None
    timezone: Timezone | None = None
    translate: bool | None = None
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
    given = params.model_dump(exclude_unset=True, exclude={"token", "event_filter"})
    changes = {
        name: value for name, value in given.items() if value is not None or name in _CAN_END
    }
    settings = user.settings.model_copy(update=changes)
    event_filter = user.event_filter
    if params.event_filter is not None:
        check_entities(call.store, params.event_filter.entities, "event_filter.entities")
        event_filter = EventFilter(**params.event_filter.model_dump())
    return _show(save_choices(call.store, user, event_filter, settings))


def get_own_user(call: Call) -> User:
    """Give the User in whose Session a method is called."""
    if call.caller.user is None:
        raise TypeError("a method for sessions was called without one")
    return call.caller.user


def save_choices(
    store: Store, user: User, event_filter: EventFilter, settings: UserSettings
) -> User:
    """Write down what a User chose, where it is kept and where fan-out reads it."""
    user = user.model_copy(update={"event_filter": event_filter, "settings": settings})
    store.users.save_choices(user)
    store.subscriptions.save_filter(user)
    return user


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


def _show(user: User) -> SettingsResult:
    return SettingsResult(user_id=user.id, event_filter=user.event_filter, settings=user.settings)
