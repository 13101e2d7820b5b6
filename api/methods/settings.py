"""What a subscriber wants to hear, and how."""

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
from api.methods.wishes import Filter, Kinds, read_filter
from api.rpc import Call, Params, Result, method
from stargazer.choosing import save_choices
from stargazer.errors import InvalidError
from stargazer.mentions import check_mention
from stargazer.models import WAKING_KINDS, EventFilter, Language, User, UserSettings

#: What null ends, and does not leave as it is.
_CAN_END = {"quiet_hours", "muted_until", "silent_kinds"}


_list_timezones = cache(available_timezones)


def _check_timezone(name: str) -> str:
    if name not in _list_timezones():
        raise ValueError(f"there is no time zone {name!r}; names are like 'Asia/Tokyo'")
    return name


def _check_clock(at: time) -> time:
    if at.tzinfo is not None or at.second or at.microsecond:
        raise ValueError("expected hours and minutes, such as 23:00")
    return at


Clock = Annotated[
    time, AfterValidator(_check_clock), Field(json_schema_extra={"examples": ["23:00"]})
]
Timezone = Annotated[str, AfterValidator(_check_timezone), Field(examples=["Asia/Tokyo"])]
Mention = Annotated[
    str,
    StringConstraints(pattern=r"^(all|[0-9]{15,20})?$"),
    Field(examples=["165511591545143296"]),
]


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


def _show(user: User) -> SettingsResult:
    return SettingsResult(user_id=user.id, event_filter=user.event_filter, settings=user.settings)
