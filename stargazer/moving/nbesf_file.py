"""The shapes of NBESF, nonebot-bison's own format, in its versions 1 to 3."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from stargazer.errors import explain
from stargazer.moving.contents import FileError


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Target(_Read):
    """What is subscribed to.

    :ivar target: the account, as the platform names it.
    """

    target_name: str
    target: str
    platform_name: str


class Subscription(_Read):
    """What is wanted of it.

    :ivar categories: numbers of kinds of posts; empty: all.
    :ivar tags: words, of which those with ``~`` before them are not wanted.
    """

    categories: tuple[int, ...]
    tags: tuple[str, ...]
    target: Target


Subscriptions = tuple[Subscription, ...]


class _Chat(_Read):
    type: str
    uid: int


class _Pack1(_Read):
    user: _Chat
    subs: Subscriptions


class _Pack2(_Read):
    user_target: dict[str, Any]
    subs: Subscriptions


class _File1(_Read):
    version: Literal[1]
    groups: tuple[_Pack1, ...] = ()


class _File2(_Read):
    version: Literal[2, 3]
    groups: tuple[_Pack2, ...] = ()
    cookies: tuple[Any, ...] = ()


def parse(body: bytes) -> tuple[list[tuple[Mapping[str, Any], Subscriptions]], bool]:
    """Give each chat with its subscriptions, and whether there are cookies.

    :returns: chats as the library ``nonebot-plugin-saa`` names them, in version 1 as well.
    :raises FileError: when it is no such file, with the paths of all that is wrong.
    """
    try:
        parsed = from_json(body.removeprefix(BOM_UTF8), allow_inf_nan=False)
    except ValueError as exc:
        raise FileError(f"this is no JSON: {exc}") from None
    version = parsed.get("version") if isinstance(parsed, dict) else None
    if version not in (1, 2, 3):
        raise FileError(f"`version`: expected 1, 2 or 3, and found {version!r}")
    try:
        if version == 1:
            first = _File1.model_validate(parsed)
            return [(_name_qq(pack.user), pack.subs) for pack in first.groups], False
        later = _File2.model_validate(parsed)
        return [(pack.user_target, pack.subs) for pack in later.groups], bool(later.cookies)
    except ValidationError as exc:
        raise FileError("\n".join(explain(exc))) from None


def _name_qq(chat: _Chat) -> dict[str, Any]:
    if chat.type == "group":
        return {"platform_type": "QQ Group", "group_id": chat.uid}
    if chat.type == "private":
        return {"platform_type": "QQ Private", "user_id": chat.uid}
    return {"platform_type": f"QQ {chat.type}"}
