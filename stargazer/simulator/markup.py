"""Telegram's HTML: what it refuses, in its own words, and how long a text is to it.

Source: https://core.telegram.org/bots/api#html-style and parse_html of
https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp
"""

import html
import re

TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre"}
) | frozenset({"blockquote", "span", "tg-spoiler", "tg-emoji"})
# Only these names are entities to Telegram; any other ampersand is just that.
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTES = re.compile(r"""(?:\s+[^\s=>"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))?)*\s*>""")


class MarkupError(ValueError):
    """A text is not Telegram's HTML; the message is what Telegram says after the colon."""


def parse_html(text: str) -> str:
    """Take the markup off.

    :returns: the text that people see.
    :raises MarkupError: for tags that are unknown, not closed, or closed in the wrong order.
    """
    plain: list[str] = []
    is_open: list[str] = []
    position = 0
    while (start := text.find("<", position)) >= 0:
        plain.append(text[position:start])
        if text.startswith("/", start + 1):
            position = _close(text, start, is_open)
        else:
            position = _open(text, start, is_open)
    if is_open:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{is_open[-1]}"')
    plain.append(text[position:])
    return "".join(_ENTITY.sub(_unescape, part) for part in plain)


def utf16_length(text: str) -> int:
    """Count as Telegram does, where most emoji are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _open(text: str, start: int, is_open: list[str]) -> int:
    name = _name_at(text, start + 1)
    end = start + 1 + len(name)
    if end == len(text):
        raise MarkupError(f"Unclosed start tag at byte offset {_bytes(text, start)}")
    if name.lower() not in TAGS:
        raise MarkupError(
            f'Unsupported start tag "{name.lower()}" at byte offset {_bytes(text, start)}'
        )
    attributes = _ATTRIBUTES.match(text, end)
    if attributes is None:
        raise MarkupError(f"Unclosed start tag at byte offset {_bytes(text, start)}")
    is_open.append(name.lower())
    return attributes.end()


def _close(text: str, start: int, is_open: list[str]) -> int:
    offset = _bytes(text, start)
    if not is_open:
        raise MarkupError(f"Unexpected end tag at byte offset {offset}")
    name = _name_at(text, start + 2)
    end = text.find(">", start)
    if end < 0 or text[start + 2 + len(name) : end].strip():
        raise MarkupError(f"Unclosed end tag at byte offset {offset}")
    expected = is_open.pop()
    if name and name.lower() != expected:
        raise MarkupError(
            f"Unmatched end tag at byte offset {offset}, "
            f'expected "</{expected}>", found "</{name.lower()}>"'
        )
    return end + 1


def _name_at(text: str, position: int) -> str:
    found = _NAME.match(text, position)
    return found.group() if found else ""


def _bytes(text: str, position: int) -> int:
    return len(text[:position].encode("utf-8", "surrogatepass"))


def _unescape(entity: re.Match[str]) -> str:
    return html.unescape(entity.group())
