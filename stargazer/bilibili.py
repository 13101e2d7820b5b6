"""Asking bilibili: only what anybody can reach, or the operator's own account.

No request is signed, and no browser is pretended. Where bilibili does not want us it is left
alone, for longer each time.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from stargazer import __version__
from stargazer.errors import (
    BlockedError,
    CredentialsError,
    GoneError,
    PayloadError,
    PlatformError,
    RefusedError,
    TransientError,
)
from stargazer.http import HttpClient, Response

#: The most accounts that one request names.
BATCH = 100
_HOUR = 3600.0
#: Pauses in seconds, in a row without success.
_RISK = (300.0, 1200.0, 2700.0)
_BANNED = (1800.0, 3600.0, 7200.0)
_TOO_FAST = (60.0, 120.0, 240.0, 480.0, 960.0, 1920.0)
_GONE = range(88_000, 89_000)
_PRECONDITION_FAILED = HTTPStatus.PRECONDITION_FAILED
_USER_AGENT = f"Mozilla/5.0 (compatible; Stargazer/{__version__})"


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="ignore")

    code: int
    message: str = ""
    data: Any = None


class Room(BaseModel):
    """A live room.

    :ivar live_status: 0 off, 1 live, 2 showing old videos in turn.
    :ivar live_time: when the stream began, in UNIX seconds; 0: there is none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    uid: int
    room_id: int
    short_id: int = 0
    uname: str = ""
    title: str = ""
    live_status: int = 0
    live_time: int = 0
    cover_from_user: str = ""
    keyframe: str = ""
    area_v2_name: str = ""


class _RoomInfo(BaseModel):
    model_config = ConfigDict(extra="ignore")

    uid: int


def list_rooms(http: HttpClient, base_url: str, uids: Sequence[str]) -> dict[str, Room]:
    """Ask for the live rooms of these accounts, a hundred at a time.

    :returns: by uid; one that has no room is absent.
    """
    found: dict[str, Room] = {}
    for start in range(0, len(uids), BATCH):
        names = [("uids[]", uid) for uid in uids[start : start + BATCH]]
        url = f"{base_url}/room/v1/Room/get_status_info_by_uids?{urlencode(names)}"
        data = get_data(http, url)
        # Without any room, it is an empty list.
        if not data:
            continue
        if not isinstance(data, dict):
            raise PayloadError("bilibili's answer holds no rooms")
        try:
            rooms = {key: Room.model_validate(room) for key, room in data.items()}
        except ValidationError as exc:
            raise PayloadError(f"bilibili's rooms are other ones: {exc.error_count()}") from None
        found |= rooms
    return found


def find_room_owner(http: HttpClient, base_url: str, room_id: str) -> str:
    """Tell whose a live room is, by its number or its short one.

    :raises GoneError: when there is no such room.
    """
    try:
        data = get_data(http, f"{base_url}/room/v1/Room/get_info?room_id={int(room_id)}")
    except PlatformError as exc:
        if isinstance(exc, TransientError | BlockedError):
            raise
        raise GoneError(f"bilibili knows no live room {room_id}: {exc.reason}") from None
    try:
        return str(_RoomInfo.model_validate(data).uid)
    except ValidationError:
        raise PayloadError("bilibili's room has no owner") from None


def get_feed(http: HttpClient, base_url: str, cookie: str, offset: str = "") -> Mapping[str, Any]:
    """Read a page of what those post whom the cookie's account follows.

    :param offset: where the page before said that it ends.
    """
    query = urlencode({"type": "all", "offset": offset})
    url = f"{base_url}/x/polymer/web-dynamic/v1/feed/all?{query}"
    data = get_data(http, url, cookie)
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise PayloadError("bilibili's answer holds no posts")
    return data


def list_followed(http: HttpClient, base_url: str, cookie: str, uids: Sequence[str]) -> set[str]:
    """Tell which of these the cookie's account follows."""
    query = urlencode({"fids": ",".join(uids)})
    data = get_data(http, f"{base_url}/x/relation/relations?{query}", cookie)
    if not isinstance(data, dict):
        raise PayloadError("bilibili's answer holds no relations")
    # 2: followed; 6: each other.
    return {
        uid
        for uid, relation in data.items()
        if isinstance(relation, dict) and relation.get("attribute") in (2, 6)
    }


def get_data(http: HttpClient, url: str, cookie: str = "") -> Any:
    """Ask once.

    :raises PlatformError: of the class that says how to react.
    :raises PayloadError: when the answer is none of bilibili's.
    """
    headers = {"User-Agent": _USER_AGENT}
    if cookie:
        headers["Cookie"] = f"SESSDATA={cookie}"
    answer = http.get(url, headers=headers, redirects=False)
    if answer.status == _PRECONDITION_FAILED:
        raise BlockedError("HTTP 412", _BANNED)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise BlockedError("HTTP 429", _at_least(_TOO_FAST, answer))
    if answer.status == HTTPStatus.NOT_FOUND:
        raise GoneError("HTTP 404")
    answer.raise_for_status()
    try:
        envelope = _Envelope.model_validate_json(answer.body)
    except ValidationError:
        raise PayloadError("not an answer of bilibili's") from None
    if envelope.code:
        raise read_error(envelope.code, envelope.message)
    return envelope.data


def read_error(code: int, message: str) -> PlatformError:
    """Tell what a number of bilibili's means."""
    said = f"code {code} {message[:80]}".strip()
    match code:
        case -352:
            return BlockedError(said, _RISK)
        case -412:
            return BlockedError(said, _BANNED)
        case -799 | -509:
            return BlockedError(said, _TOO_FAST)
        case -101:
            return CredentialsError(f"{said}: the cookie is dead, log in anew", _HOUR)
        case -400:
            return RefusedError(said)
        case -404:
            return GoneError(said)
    return GoneError(said) if code in _GONE else TransientError(said)


def _at_least(steps: Sequence[float], answer: Response) -> Sequence[float]:
    pause = answer.retry_after or 0.0
    return tuple(max(step, pause) for step in steps)
