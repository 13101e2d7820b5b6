"""What an adapter posts to us, as far as it matters. All pure.

Sources: https://github.com/botuniverse/onebot-11/tree/master/event
and https://github.com/botuniverse/onebot-11/blob/master/message/string.md
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict

from stargazer.addresses.qq import Chat
from stargazer.errors import PayloadError
from stargazer.models import Time

#: Where events are posted to, below our address.
CALLBACK = "/push/qq"
_CODE = re.compile(r"\[CQ:(\w+)((?:,[\w-]+=[^,\[\]]*)*)\]")
_ESCAPES = (("&#91;", "["), ("&#93;", "]"), ("&#44;", ","), ("&amp;", "&"))
_LEADERS = {"owner", "admin"}
_FRIEND = "friend"


class Said(BaseModel):
    """Somebody said something.

    :ivar said_at: by QQ's clock.
    :ivar text: without what it mentions or shows.
    :ivar name: what the chat where it was said is called, where the adapter says so.
    :ivar is_to_us: whether it was said to us alone, or with our name.
    :ivar is_leader: whether that person may change what the chat hears.
    :ivar is_stranger: whether it was said in private by somebody who is no friend.
    :ivar by_group: the group by which a stranger is reached, if any.
    """

    model_config = ConfigDict(frozen=True)

    chat: Chat
    said_at: Time
    user: int
    text: str
    name: str = ""
    is_to_us: bool
    is_leader: bool
    is_stranger: bool = False
    by_group: int | None = None


class What(StrEnum):
    """What may happen to us in a chat."""

    REMOVED = "removed"
    ADDED = "added"
    MUTED = "muted"
    UNMUTED = "unmuted"


class Happened(BaseModel):
    """Something happened to us in a chat.

    :ivar seconds: for how long we are muted.
    """

    model_config = ConfigDict(frozen=True)

    chat: Chat
    what: What
    seconds: int = 0


class Beat(BaseModel):
    """The adapter says how it is."""

    model_config = ConfigDict(frozen=True)

    online: bool


class _Sender(BaseModel):
    nickname: str | None = None
    role: str | None = None
    group_id: int | None = None


class _Status(BaseModel):
    online: bool | None = None


class _Event(BaseModel):
    """The fields that we read; numbers may come as strings, and each may be missing."""

    self_id: int
    time: Time
    post_type: str
    message_type: str = ""
    notice_type: str = ""
    sub_type: str = ""
    user_id: int = 0
    group_id: int | None = None
    group_name: str | None = None
    duration: int = 0
    message: str | list[dict[str, Any]] = ""
    sender: _Sender = _Sender()
    status: _Status = _Status()


def is_signed(secret: str, signature: str, body: bytes) -> bool:
    """Tell whether a post comes from the adapter that knows our secret.

    :param signature: the header ``X-Signature``.
    """
    digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return hmac.compare_digest(f"sha1={digest}".encode(), signature.encode())


def read_event(body: bytes) -> Said | Happened | Beat | None:
    """Read what was posted.

    :returns: None for what is none of our business, such as what people in a group say to others.
    :raises PayloadError: when it is no event.
    """
    try:
        event = _Event.model_validate(_drop_nulls(json.loads(body)))
    except ValueError as exc:
        raise PayloadError(f"no event of OneBot: {type(exc).__name__}") from None
    match event.post_type:
        case "message":
            return _read_message(event)
        case "notice":
            return _read_notice(event)
        case "meta_event" if event.status.online is not None:
            return Beat(online=event.status.online)
    return None


def _drop_nulls(event: Any) -> Any:
    """Leave out what an adapter does not know, and says so."""
    if not isinstance(event, dict):
        return event
    return {name: value for name, value in event.items() if value is not None}


def _read_message(event: _Event) -> Said | None:
    # What we say ourselves may be posted, too.
    if event.user_id in (0, event.self_id):
        return None
    segments = list(_split(event.message))
    text = "".join(data.get("text", "") for kind, data in segments if kind == "text").strip()
    if event.message_type == "group" and event.group_id:
        mentions = {data.get("qq") for kind, data in segments if kind == "at"}
        is_to_us = str(event.self_id) in mentions
        if not (is_to_us or normalize("NFKC", text).startswith("/")):
            return None
        return Said(
            chat=Chat(is_group=True, number=event.group_id),
            said_at=event.time,
            user=event.user_id,
            text=text,
            name=event.group_name or "",
            is_to_us=is_to_us,
            is_leader=event.sender.role in _LEADERS,
        )
    if event.message_type != "private" or not text:
        return None
    return Said(
        chat=Chat(is_group=False, number=event.user_id),
        said_at=event.time,
        user=event.user_id,
        text=text,
        name=event.sender.nickname or "",
        is_to_us=True,
        is_leader=True,
        is_stranger=event.sub_type != _FRIEND,
        by_group=event.group_id or event.sender.group_id,
    )


def _read_notice(event: _Event) -> Happened | Beat | None:
    """Read what happened; only what happened to us is ours, but for new friends."""
    if event.notice_type == "bot_offline":
        return Beat(online=False)
    if event.notice_type == "friend_add" and event.user_id:
        return Happened(chat=Chat(is_group=False, number=event.user_id), what=What.ADDED)
    if event.user_id != event.self_id or not event.group_id:
        return None
    chat = Chat(is_group=True, number=event.group_id)
    match event.notice_type, event.sub_type:
        case "group_decrease", _:
            return Happened(chat=chat, what=What.REMOVED)
        case "group_increase", _:
            return Happened(chat=chat, what=What.ADDED)
        case "group_ban", "lift_ban":
            return Happened(chat=chat, what=What.UNMUTED)
        case "group_ban", "ban":
            return Happened(chat=chat, what=What.MUTED, seconds=max(event.duration, 0))
    return None


def _split(message: str | list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Give type and data of each segment, whichever form they came in."""
    if isinstance(message, str):
        yield from _split_codes(message)
        return
    for segment in message:
        data = segment.get("data")
        if isinstance(data, dict):
            yield str(segment.get("type")), {name: str(value) for name, value in data.items()}


def _split_codes(message: str) -> Iterator[tuple[str, dict[str, str]]]:
    end = 0
    for match in _CODE.finditer(message):
        yield "text", {"text": _unescape(message[end : match.start()])}
        pairs = (pair.partition("=") for pair in match[2].split(",") if pair)
        yield match[1], {name: _unescape(value) for name, _, value in pairs}
        end = match.end()
    yield "text", {"text": _unescape(message[end:])}


def _unescape(text: str) -> str:
    for code, sign in _ESCAPES:
        text = text.replace(code, sign)
    return text
