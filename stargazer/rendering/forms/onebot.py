"""The segments of OneBot v11, which QQ's adapters understand.

Source: https://github.com/botuniverse/onebot-11/blob/master/message/segment.md
"""

from collections.abc import Iterable
from typing import TypedDict

from stargazer.rendering.cleaning import encode_url
from stargazer.rendering.forms.plain import to_text
from stargazer.rendering.message import Message

#: What QQ itself takes is not documented; messages of this length are known to arrive.
MOST_TEXT = 3000
MOST_PICTURES = 4


class Segment(TypedDict):
    """One piece of a message.

    :ivar type: ``text``, ``image`` or ``at``.
    """

    type: str
    data: dict[str, str]


def to_segments(
    message: Message,
    limit: int = MOST_TEXT,
    most_pictures: int = MOST_PICTURES,
    *,
    mentions_all: bool = False,
) -> list[Segment]:
    """Give a message in the array form, in which nothing has to be escaped.

    :param limit: in characters.
    :param mentions_all: whether everybody in the group is called; whether that is allowed is for
        the caller to know.
    """
    call: list[Segment] = [{"type": "at", "data": {"qq": "all"}}] if mentions_all else []
    text = f"{' ' if call else ''}{to_text(message, limit)}"
    pictures = list(filter(None, map(encode_url, message.pictures)))
    if not pictures and message.video_preview:
        pictures = list(filter(None, [encode_url(message.video_preview)]))
    images: list[Segment] = [
        {"type": "image", "data": {"file": url}} for url in pictures[:most_pictures]
    ]
    return [*call, {"type": "text", "data": {"text": text}}, *images]


def to_text_segments(message: Message, limit: int = MOST_TEXT) -> list[Segment]:
    """Give a message without its pictures, as many of their addresses below it as there is room."""
    text = to_text(message, limit)
    for url in filter(None, map(encode_url, message.pictures)):
        if len(text) + 1 + len(url) <= limit:
            text += f"\n{url}"
    return [{"type": "text", "data": {"text": text}}]


def to_cq(segments: Iterable[Segment]) -> str:
    """Give segments in the string form, in which others' texts must not look like codes."""
    return "".join(_write(segment) for segment in segments)


def _write(segment: Segment) -> str:
    if segment["type"] == "text":
        return _escape(segment["data"]["text"])
    data = (f",{name}={_escape(value, ',')}" for name, value in segment["data"].items())
    return f"[CQ:{segment['type']}{''.join(data)}]"


def _escape(text: str, more: str = "") -> str:
    text = text.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")
    return text.replace(",", "&#44;") if more else text
