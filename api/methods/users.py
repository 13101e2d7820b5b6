"""The chats that subscribe."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from api.auth import needs
from api.methods.settings import Settings, check_settings
from api.methods.wishes import Filter, read_filter
from api.rpc import Call, Done, Params, Result, method
from stargazer import addresses, chats, registration
from stargazer.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from stargazer.keyring import Keyring
from stargazer.models import EventFilter, User, UserSettings
from stargazer.store import Store
from stargazer.store.documents import to_value

UNKNOWN_USER = {"user_not_found": 404}

Im = Literal["telegram", "discord", "webhook", "apprise", "qq", "web"]
Address = Annotated[
    str,
    StringConstraints(pattern=r"^[!-~]{1,1000}$"),
    Field(examples=["-1001234567890"]),
]


class UserRef(Params):
    """Which User: by its id, or by its address.

    :ivar user_id: its id.
    :ivar im: its chat app, together with ``im_payload``.
    :ivar im_payload: its id there.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"im": "telegram", "im_payload": "-1001234567890"}]}
    )

    user_id: UUID | None = None
    im: Im | None = None
    im_payload: Address | None = None

    @model_validator(mode="after")
    def _names_one_user(self) -> Self:
        by_address = (self.im is not None) + (self.im_payload is not None)
        if by_address != (2 if self.user_id is None else 0):
            raise ValueError("expected either `user_id`, or both `im` and `im_payload`")
        return self

    def get(self, store: Store) -> User:
        """Read it.

        :raises NotFoundError: when there is none.
        """
        if self.user_id is not None:
            user, named = store.users.find(self.user_id), f"ID `{self.user_id}`"
        else:
            user = store.users.find_by_address(str(self.im), str(self.im_payload))
            named = f"this `{self.im}` address"
            if not addresses.is_secret(str(self.im)):
                named = f"`{self.im}` address `{self.im_payload}`"
        if user is None:
            raise NotFoundError("user_not_found", f"Cannot find user with {named}")
        return user


class AddUser(Params):
    """A chat.

    :ivar im: the chat app.
    :ivar im_payload: the chat's id there, on `qq` with `private:` or `group:` before it; for
        `discord`, `webhook` and `apprise` its URL, which is kept encrypted and never answered.
    :ivar name: what it is called.
    :ivar avatar: the URL of its picture.
    :ivar event_filter: what it wants to hear.
    :ivar settings: how it wants to hear it.
    """

    im: Im
    im_payload: Address
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    avatar: Annotated[str, StringConstraints(max_length=2000)] = ""
    event_filter: Filter = Filter()
    settings: Settings = Field(default_factory=Settings)


class UserResult(Result):
    """A User: a chat that subscribes.

    :ivar id: its id.
    :ivar im: the chat app.
    :ivar im_payload: the chat's id there, or a name that stands for its URL.
    :ivar name: what it is called.
    :ivar avatar: the URL of its picture.
    :ivar event_filter: what it wants to hear.
    :ivar settings: how it wants to hear it.
    :ivar paused: why nothing is sent to it; null where it is not paused.
    :ivar paused_at: since when.
    :ivar created_at: when it was added.
    """

    id: UUID
    im: str
    im_payload: str
    name: str
    avatar: str
    event_filter: EventFilter
    settings: UserSettings
    paused: str | None
    paused_at: datetime | None
    created_at: datetime


class PauseUser(UserRef):
    """Which User is to be paused, and why.

    :ivar reason: why.
    """

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)] = chats.BY_AN_OPERATOR


class ResumedResult(Result):
    """What a User missed while it was paused.

    :ivar missed: how many messages; the chat is told so.
    """

    missed: int


@method("getUser", needs("api:ro", "admin:ro"), errors=UNKNOWN_USER)
def get_user(call: Call, params: UserRef) -> UserResult:
    """Look a chat up."""
    return show_user(params.get(call.store))


@method(
    "addUser", needs("api:rw"), "newUser", errors={"user_exists": 409, "secret_key_missing": 400}
)
def add_user(call: Call, params: AddUser) -> UserResult:
    """Add a chat that subscribes."""
    wish = read_filter(call.store, params.event_filter)
    check_settings(params.im, params.settings.mention, "settings.mention")
    address = _seal(call, params)
    if call.store.users.find_by_address(params.im, params.im_payload):
        raise _exists(params.im, address)
    user = User(
        id=registration.name_user(params.im, address.name),
        # As it will be read, which is without microseconds.
        created_at=to_value(call.now),
        **params.model_dump(exclude={"im_payload", "event_filter"}),
        event_filter=wish,
        im_payload=address.name,
        sealed=address.sealed,
    )
    added = registration.add_user(call.store, user)
    if added is None:
        raise _exists(params.im, address)
    return show_user(added)


@method("delUser", needs("api:rw", or_session=True), errors={**UNKNOWN_USER, "foreign_user": 403})
def delete_user(call: Call, params: UserRef) -> Done:
    """Forget a chat: its wishes, its sessions, and what was about to be sent to it."""
    store = call.store
    own = call.caller.user
    user = params.get(store) if own is None else own
    if own is not None and user != _find_named(store, params):
        raise ForbiddenError("foreign_user", "A session is good for its own user alone")
    registration.forget_user(store, user.id, call.now)
    return Done()


@method("pauseUser", needs("api:rw", "admin:rw"), errors=UNKNOWN_USER)
def pause_user(call: Call, params: PauseUser) -> UserResult:
    """Send nothing to a chat until it is resumed; one that is paused already stays as it is."""
    user = params.get(call.store)
    call.store.users.pause(user.id, params.reason, call.now)
    return show_user(call.store.users.find(user.id) or user)


@method("resumeUser", needs("api:rw", "admin:rw"), errors={**UNKNOWN_USER, "user_not_paused": 409})
def resume_user(call: Call, params: UserRef) -> ResumedResult:
    """Send to a chat again, and tell it how many messages it missed."""
    missed = chats.resume(call.store, params.get(call.store), call.now)
    if missed is None:
        raise ConflictError("user_not_paused", "The user is not paused")
    return ResumedResult(missed=missed)


def show_user(user: User) -> UserResult:
    """Give a User as it is answered."""
    return UserResult(**user.model_dump(include=set(UserResult.model_fields)))


def _seal(call: Call, params: AddUser) -> addresses.Address:
    try:
        keyring = Keyring(call.state.context.settings.secret_key)
        return addresses.seal(keyring, params.im, params.im_payload)
    except addresses.NoKeyError as exc:
        raise InvalidError("secret_key_missing", f"`im`: {exc}") from None
    except ValueError as exc:
        raise InvalidError("invalid_parameters", f"`im_payload`: {exc}") from None


def _exists(im: str, address: addresses.Address) -> ConflictError:
    return ConflictError(
        "user_exists", f"There is a user with `{im}` address `{address.name}` already"
    )


def _find_named(store: Store, params: UserRef) -> User | None:
    # Whether somebody else exists is none of a session's business.
    try:
        return params.get(store)
    except NotFoundError:
        return None
