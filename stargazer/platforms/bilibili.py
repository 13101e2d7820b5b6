"""How bilibili names accounts: by the same number for posts and for the live room."""

import re
from typing import Annotated

from pydantic import StringConstraints

from stargazer.bilibili import find_room_owner
from stargazer.context import Context
from stargazer.errors import GoneError
from stargazer.platforms import AccountParams, Platform, split_address
from stargazer.settings import Settings

_UID = re.compile(r"[1-9]\d{0,19}")
_SPACES = {"space.bilibili.com", "m.bilibili.com", "www.bilibili.com", "bilibili.com"}
_ROOM = "room/"


class BilibiliParams(AccountParams):
    """An account, by its number."""

    uid: Annotated[str, StringConstraints(pattern=rf"^{_UID.pattern}$")]


def recognise(address: str) -> str | None:
    """Read the number out of the address of somebody's space."""
    host, path = split_address(address)
    if host not in _SPACES:
        return None
    if host != "space.bilibili.com":
        if path[:1] != ["space"]:
            return None
        path = path[1:]
    return path[0] if path else None


def recognise_live(address: str) -> str | None:
    """Read the number of a live room, or of an account, out of an address."""
    host, path = split_address(address)
    if host != "live.bilibili.com":
        return recognise(address)
    numbers = [part for part in path if _UID.fullmatch(part)]
    return f"{_ROOM}{numbers[0]}" if numbers else None


def resolve(_context: Context, name: str) -> BilibiliParams:
    """Take an account's number.

    :raises GoneError: when it is none.
    """
    uid = name.removeprefix("UID:").removeprefix("uid:").strip()
    if not _UID.fullmatch(uid):
        raise GoneError(f"{name[:100]!r} is no number of an account (UID)")
    return BilibiliParams(uid=uid)


def resolve_live(context: Context, name: str) -> BilibiliParams:
    """Take an account's number, or find out whose a live room is.

    :raises GoneError: when there is no such account or room.
    :raises PlatformError: when bilibili could not be asked.
    """
    if not name.startswith(_ROOM):
        return resolve(context, name)
    url = context.settings.bililive_api_url
    return BilibiliParams(uid=find_room_owner(context.http, url, name.removeprefix(_ROOM)))


def find_missing(settings: Settings) -> str | None:
    """Name what is needed to read posts: an account that follows them, or feeds of theirs."""
    if settings.bilibili_cookie.get_secret_value() or settings.bilibili_feed:
        return None
    return "neither STARGAZER_BILIBILI_COOKIE nor STARGAZER_BILIBILI_FEED is set"


BILIBILI = Platform(
    kind="bilibili",
    params=BilibiliParams,
    example={"uid": "286700005"},
    recognise=recognise,
    resolve=resolve,
    find_missing=find_missing,
)
BILILIVE = Platform(
    kind="bililive",
    params=BilibiliParams,
    example={"uid": "286700005"},
    recognise=recognise_live,
    resolve=resolve_live,
)
