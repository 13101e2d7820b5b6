"""The chats that subscribe, and what they choose."""

from functools import cache
from typing import Annotated, Literal
from uuid import UUID, uuid4, uuid5
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from api.auth import Access
from api.rpc import Call, Params, Result, method
from stargazer.accounts import Permission
from stargazer.errors import ConflictError, InvalidError
from stargazer.kinds import KINDS
from stargazer.models import EventFilter, Language, User, UserSettings
from stargazer.store import Store

USER_NAMESPACE = UUID("2f3c2f0a-8a52-5a39-9d2c-7f4a5c1b2e90")

Im = Literal["telegram", "web"]
Address = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]


def _check_kind(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}, only {', '.join(KINDS)}")
    return kind


_list_timezones = cache(available_timezones)


def _check_timezone(name: str) -> str:
    if name not in _list_timezones():
        raise ValueError(f"there is no time zone {name!r}; names are like 'Asia/Tokyo'")
    return name


EventKind = Annotated[str, AfterValidator(_check_kind)]
Timezone = Annotated[str, AfterValidator(_check_timezone)]


class Filter(Params):
    """What to hear: these kinds of these Entities."""

    entities: Annotated[frozenset[UUID], Field(max_length=10_000)] = frozenset()
    kinds: frozenset[EventKind] = frozenset()


class Settings(Params):
    """How to hear it."""

    language: Language = "en"
    timezone: Timezone = "UTC"


class AddUser(Params):
    """A chat: its app and its id there, what it is called, and what it wants to hear."""

    im: Im
    im_payload: Address
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    avatar: Annotated[str, StringConstraints(max_length=2000)] = ""
    event_filter: Filter = Filter()
    settings: Settings = Settings()


class UpdateSetting(Params):
    """What is to change; what is left out stays.

    ``token`` is the Session's, for those who cannot send it as a header.
    """

    token: str | None = None
    event_filter: Filter | None = None
    language: Language | None = None
    timezone: Timezone | None = None


class UserResult(Result):
    """A User."""

    id: UUID
    im: str
    im_payload: str
    name: str
    avatar: str
    event_filter: EventFilter
    settings: UserSettings


@method("addUser", Permission("api", "rw"), "newUser")
def add_user(call: Call, params: AddUser) -> UserResult:
    """Add a chat that subscribes."""
    store = call.state.context.store
    _check_entities(store, params.event_filter)
    user = User(
        # An id that follows from the address keeps two calls at the same time from adding it twice.
        id=uuid5(USER_NAMESPACE, f"{params.im} {params.im_payload}"),
        created_at=call.now,
        **params.model_dump(),
    )
    added = _insert(store, user)
    if added is None:
        raise ConflictError(
            "user_exists", f"There is a user with `{user.im}` address `{user.im_payload}` already"
        )
    store.subscriptions.save_filter(added)
    return _show(added)


@method("updateSetting", Access.SESSION, "updateSettings")
def update_setting(call: Call, params: UpdateSetting) -> UserResult:
    """Change what the session's own user wants to hear, and how."""
    store = call.state.context.store
    user = call.user
    if user is None:
        raise TypeError("a method for sessions was called without one")
    changes = params.model_dump(exclude_none=True, exclude={"token", "event_filter"})
    settings = user.settings.model_copy(update=changes)
    event_filter = user.event_filter
    if params.event_filter is not None:
        _check_entities(store, params.event_filter)
        event_filter = EventFilter(**params.event_filter.model_dump())
    user = user.model_copy(update={"event_filter": event_filter, "settings": settings})
    store.users.save_choices(user)
    store.subscriptions.save_filter(user)
    return _show(user)


def _insert(store: Store, user: User) -> User | None:
    if store.users.find_by_address(user.im, user.im_payload):
        return None
    if store.users.insert(user):
        return user
    holder = store.users.find(user.id)
    if holder is None or (holder.im, holder.im_payload) == (user.im, user.im_payload):
        return None
    # Who had this address first has moved to another one, and keeps its id.
    moved_in = user.model_copy(update={"id": uuid4()})
    return moved_in if store.users.insert(moved_in) else None


def _check_entities(store: Store, event_filter: Filter) -> None:
    missing = store.entities.find_missing(event_filter.entities)
    if missing:
        raise InvalidError(
            "invalid_parameters",
            *(
                f"`event_filter.entities`: Cannot find entity with ID `{entity}`"
                for entity in sorted(missing)
            ),
        )


def _show(user: User) -> UserResult:
    return UserResult(**user.model_dump(include=set(UserResult.model_fields)))
