"""Markdown, for services that take it: the part of it that all of them understand.

Source: https://spec.commonmark.org/0.31.2/#backslash-escapes
"""

import re
from functools import lru_cache

from stargazer.rendering.fitting import fit
from stargazer.rendering.forms.plain import join_quote, write_part
from stargazer.rendering.message import Message, Part, Quote, Translation

_URL = re.compile(r"https?://[^\s<>\"`|*]+")
# Converters agree on the escapes of these only; what else means something becomes an entity.
_SPECIAL = re.compile(r"[\\`*_\[\]]|[&<>~|]")
_AT_THE_START = re.compile(r"^([#+=-]|\d+(?=[.)]))", re.MULTILINE)
_INDENTED = re.compile(r"^[^\S\n]+", re.MULTILINE)
_BREAK = "  \n"
_BOLD = len("****")


@lru_cache(maxsize=256)
def to_markdown(message: Message, limit: int | None = None) -> str:
    """Give a message as Markdown, the link in the last line.

    :param limit: in characters, markup included; None: as long as it is.
    """
    if limit is not None:
        most = limit - _BOLD - len("<>") - (len(message.body) + 1) * len("\n\n")
        message = fit(message, most, lambda part: len(_write(part)))
    headline = f"**{escape(message.headline)}**" if message.headline else ""
    url = f"<{_write_url(message.url)}>" if message.url else ""
    return "\n\n".join(filter(None, (headline, *map(_write, message.body), url)))


def escape(text: str) -> str:
    """Take the meaning off what Markdown would take for markup; links stay links."""
    text = _INDENTED.sub("", text)
    pieces: list[str] = []
    end = 0
    for url in _URL.finditer(text):
        pieces += (_escape_words(text[end : url.start()]), f"<{url.group()}>")
        end = url.end()
    return "".join((*pieces, _escape_words(text[end:])))


def _escape_words(text: str) -> str:
    text = _SPECIAL.sub(lambda found: _escape_sign(found.group()), text)
    return _AT_THE_START.sub(_escape_start, text)


def _escape_sign(sign: str) -> str:
    return f"&#{ord(sign)};" if sign in "&<>~|=" else f"\\{sign}"


def _escape_start(found: re.Match[str]) -> str:
    sign = found.group()
    # Of a number it is the dot behind it that makes it one of a list.
    return f"{sign}\\" if sign.isdecimal() else _escape_sign(sign)


def _write(part: Part) -> str:
    match part:
        case Translation(text, original):
            return f"{_break(escape(text))}\n\n{_quote(escape(original))}"
        case Quote(author, text, original):
            escaped = Quote("", escape(text), escape(original))
            headline = f"**{escape(author)}**\n" if author else ""
            return _quote(f"{headline}{join_quote(escaped)}")
    return _break(escape(write_part(part)))


def _write_url(url: str) -> str:
    return url.replace("<", "%3C").replace(">", "%3E")


def _break(text: str) -> str:
    return text.replace("\n", _BREAK)


def _quote(text: str) -> str:
    return "\n".join(f"> {line}  " if line else ">" for line in text.split("\n"))
