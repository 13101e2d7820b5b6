"""How YouTube names channels."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import StringConstraints

from stargazer.context import Context
from stargazer.errors import CredentialsError, GoneError, PayloadError, PlatformError
from stargazer.platforms import AccountParams, Platform, split_address
from stargazer.youtube import YouTubeApi, list_budgets
from stargazer.youtube.channels import find_channel, find_channel_of_video

_CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
#: Handles have letters of many scripts.
_WORD = re.compile(r"@?[\w.·-]{1,100}")
#: First parts of the paths of pages that are nobody's.
_PAGES = {"feed", "playlist", "results", "hashtag", "premium", "gaming", "account", "t", "about"}
_MOST_SHOWN = 100


class YouTubeParams(AccountParams):
    """A channel."""

    channel_id: Annotated[str, StringConstraints(pattern=rf"^{_CHANNEL_ID.pattern}$")]


def recognise(address: str) -> str | None:
    """Read what names a channel out of an address: its id, handle, or a video of its."""
    host, path = split_address(address)
    if host == "youtu.be" and path:
        return f"video/{path[0]}"
    if host.removeprefix("www.").removeprefix("m.").removeprefix("music.") != "youtube.com":
        return None
    match path:
        case ["channel", key, *_]:
            return key
        case ["c" | "user" as form, name, *_]:
            return f"{form}/{unquote(name)}"
        case ["live" | "shorts" | "embed", video_id, *_]:
            return f"video/{video_id}"
        case ["watch", *_]:
            video_ids = parse_qs(urlsplit(address).query).get("v")
            return f"video/{video_ids[0]}" if video_ids else None
        case [name, *_] if name not in _PAGES:
            # A handle, or an address of the old kind that is often the same word.
            return unquote(name) if name.startswith(("@", "%40")) else f"c/{unquote(name)}"
    return None


def resolve(context: Context, name: str) -> YouTubeParams:
    """Find a channel by its id, its handle, the name in its address, or a video of its.

    :raises GoneError: when there is none, with what was tried.
    :raises CredentialsError: when only the Data API would know, and there is no key.
    :raises PlatformError: when YouTube could not be asked.
    """
    api = YouTubeApi(context, datetime.now(UTC))
    if _CHANNEL_ID.fullmatch(name):
        return YouTubeParams(channel_id=_check(api, name))
    if not api.has_keys:
        raise CredentialsError(
            f"{_show(name)}: without STARGAZER_YOUTUBE_API_KEY only a channel's id can be taken,"
            " which is UC and 22 letters: on the channel's page it is behind the description, at"
            " Share channel, Copy channel ID",
            0,
        )
    form, slash, rest = name.partition("/")
    if slash and form == "video":
        return _find_by_video(api, rest)
    word = rest if slash and form in ("c", "user") else name
    if not _WORD.fullmatch(word):
        raise GoneError(f"{_show(name)} is no id, handle or address of a channel")
    handle = f"@{word.removeprefix('@')}"
    tries: list[tuple[Literal["forHandle", "forUsername"], str]] = [("forHandle", handle)]
    if not name.startswith("@"):
        tries.insert(0 if form == "user" else 1, ("forUsername", word))
    for by, value in tries:
        found = find_channel(api, by, value)
        if found is not None:
            return YouTubeParams(channel_id=found.id)
    tried = " and ".join(
        f"the handle {value}" if by == "forHandle" else f"the user name {value}"
        for by, value in tries
    )
    raise GoneError(f"YouTube knows no such channel; tried {tried}")


def _check(api: YouTubeApi, channel_id: str) -> str:
    """See whether there is such a channel; where nobody can tell, it is believed."""
    try:
        found = find_channel(api, "id", channel_id) is not None
    except (PlatformError, PayloadError):
        return channel_id
    if not found:
        raise GoneError(f"YouTube knows no channel with the id {channel_id}")
    return channel_id


def _find_by_video(api: YouTubeApi, video_id: str) -> YouTubeParams:
    if not _VIDEO_ID.fullmatch(video_id):
        raise GoneError(f"{_show(video_id)} is no id of a video")
    channel_id = find_channel_of_video(api, video_id)
    if channel_id is None:
        raise GoneError(f"YouTube knows no video with the id {video_id}")
    return YouTubeParams(channel_id=channel_id)


def _show(name: str) -> str:
    return repr(name if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]}…")


YOUTUBE = Platform(
    kind="youtube",
    params=YouTubeParams,
    example={"channel_id": "UC5CwaMl1eIgY8h02uZw7u8A"},
    recognise=recognise,
    resolve=resolve,
    list_budgets=list_budgets,
    has_hubs=True,
)
