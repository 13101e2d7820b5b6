"""What a message on QQ may be made of.

Source: https://github.com/botuniverse/onebot-11/blob/master/message/segment.md
"""

from collections.abc import Iterator
from typing import Any

from stargazer.simulator.onebot.world import Group

MOST_PICTURES = 9
_DATA = {"text": "text", "image": "file", "at": "qq", "reply": "id"}
_FILES = ("http://", "https://", "file:///", "base64://")


def find_problems(message: object) -> Iterator[str]:
    """Name what is wrong with a message in the array form."""
    if not isinstance(message, list) or not message:
        yield "form"
        return
    wrong = list(filter(None, map(_find_in_segment, message)))
    yield from wrong
    if wrong:
        return
    if count_pictures(message) > MOST_PICTURES:
        yield "pictures"
    if not any(map(_is_content, message)):
        yield "empty"


def count_pictures(message: object) -> int:
    """Count the pictures in a message."""
    return len(_list(message, "image"))


def calls_all(message: object) -> bool:
    """Whether a message calls everybody in the group."""
    return any(segment["data"].get("qq") == "all" for segment in _list(message, "at"))


def may_call_all(group: Group) -> bool:
    """Whether the account may call everybody in the group once more."""
    return group.role != "member" and group.calls > 0


def _list(message: object, kind: str) -> list[dict[str, Any]]:
    segments = message if isinstance(message, list) else []
    return [each for each in segments if isinstance(each, dict) and each.get("type") == kind]


def _find_in_segment(segment: object) -> str | None:
    if not isinstance(segment, dict) or segment.keys() != {"type", "data"}:
        return "segment"
    kind, data = segment["type"], segment["data"]
    name = _DATA.get(kind)
    if name is None or not isinstance(data, dict) or not isinstance(data.get(name), str):
        return "segment"
    if kind == "image" and not data["file"].startswith(_FILES):
        return "file"
    return None


def _is_content(segment: dict[str, Any]) -> bool:
    return segment["type"] == "image" or bool(segment["data"].get("text", "").strip())
