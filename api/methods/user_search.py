"""Finding chats, for an operator."""

import re
from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID

from pydantic import Field, StringConstraints

from api.auth import needs
from api.methods.users import Address, Im
from api.paging import Page, Paged
from api.rpc import Call, Result, method
from stargazer.errors import InvalidError
from stargazer.models import User
from stargazer.store.user_pages import Query

_USUAL = 50
_CURSOR = re.compile(r"[0-9a-f]{1,8}(-[0-9a-f-]{27})?")


class GetUsers(Page):
    """Which Users; what is left out does not matter.

    :ivar name: those with this in their name, in any spelling.
    :ivar im: those on this chat app.
    :ivar im_payload: the one with this address there; for ``discord``, ``webhook`` and ``apprise``
        its URL, or the name that stands for it.
    :ivar paused: those that are paused (true), or are not (false).
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    im: Annotated[Im, Field(examples=["telegram"])] | None = None
    im_payload: Address | None = None
    paused: bool | None = None


class FoundUser(Result):
    """A User, without all that it has chosen.

    :ivar id: its id.
    :ivar im: the chat app.
    :ivar im_payload: the chat's id there, or a name that stands for its URL.
    :ivar name: what it is called.
    :ivar language: the language of its messages.
    :ivar entities: how many Entities it has chosen by themselves.
    :ivar groups: how many Groups it follows.
    :ivar paused: why nothing is sent to it; null where it is not paused.
    :ivar paused_at: since when.
    :ivar created_at: when it was added.
    """

    id: UUID
    im: str
    im_payload: str
    name: str
    language: str
    entities: int
    groups: int
    paused: str | None
    paused_at: datetime | None
    created_at: datetime


class UsersResult(Paged):
    """Users, in the order of their ids.

    :ivar users: those of this page, which may hold fewer than its limit, even none, while there
        is a next one.
    """

    users: tuple[FoundUser, ...]


@method("getUsers", needs("admin:ro"))
def get_users(call: Call, params: GetUsers) -> UsersResult:
    """Find chats by name, chat app or address, or those that are paused.

    By its address a chat is found at once. Otherwise each page looks at some two thousand Users at
    most, so that a rare name among many thousands takes some pages without anybody in them.
    """
    query = Query(name=params.name, im=params.im, paused=params.paused)
    if params.im_payload is not None:
        found = _find_by_address(call, params.im, params.im_payload)
        return UsersResult(users=tuple(_show(user) for user in found if query.wants(user)))
    after = params.cursor
    if after is not None and not _CURSOR.fullmatch(after):
        raise InvalidError("invalid_parameters", "`cursor`: it is none that a page gave")
    users, cursor = call.store.users.list_page(query, after or "", params.limit or _USUAL)
    return UsersResult(users=tuple(map(_show, users)), next_cursor=cursor)


def _find_by_address(call: Call, im: str | None, address: str) -> list[User]:
    ims = get_args(Im) if im is None else (im,)
    found = (call.store.users.find_by_address(each, address) for each in ims)
    return [user for user in found if user is not None]


def _show(user: User) -> FoundUser:
    return FoundUser(
        id=user.id,
        im=user.im,
        im_payload=user.im_payload,
        name=user.name,
        language=user.settings.language,
        entities=len(user.event_filter.entities),
        groups=len(user.event_filter.groups),
        paused=user.paused,
        paused_at=user.paused_at,
        created_at=user.created_at,
    )
