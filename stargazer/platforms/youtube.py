"""How YouTube names channels."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import StringConstraints

from stargazer.context import Context
from stargazer.errors import GoneError
from stargazer.platforms import AccountParams, Platform

_CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")


class YouTubeParams(AccountParams):
    """A channel."""

    channel_id: Annotated[str, StringConstraints(pattern=rf"^{_CHANNEL_ID.pattern}$")]


def recognise(address: str) -> str | None:
    """Read the id out of a channel's address."""
    parts = urlsplit(address)
    if (parts.hostname or "").removeprefix("www.").removeprefix("m.") != "youtube.com":
        return None
    return parts.path.removeprefix("/channel/").partition("/")[0]


def resolve(_context: Context, name: str) -> YouTubeParams:
    """Take a channel's id.

    :raises GoneError: when it is none.
    """
    if not _CHANNEL_ID.fullmatch(name):
        raise GoneError(f"{name[:100]!r} is no channel's id, which is UC and 22 letters")
    return YouTubeParams(channel_id=name)


YOUTUBE = Platform(
    kind="youtube",
    params=YouTubeParams,
    example={"channel_id": "UC5CwaMl1eIgY8h02uZw7u8A"},
    recognise=recognise,
    resolve=resolve,
)
