"""Discord's embeds.

Source: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
"""

import re
from typing import Any

from stargazer.rendering.cleaning import encode_url
from stargazer.rendering.fitting import count_units, cut_text, fit
from stargazer.rendering.forms.plain import join_quote, write_part
from stargazer.rendering.message import Message, Moment, Part, Quote, Times, Translation

MOST_TITLE = 256
MOST_AUTHOR = 256
MOST_DESCRIPTION = 4096
#: Over title, author and description of all embeds of a message.
MOST_ALTOGETHER = 6000
MOST_EMBEDS = 10
#: Discord shows the pictures of embeds with one URL as a gallery, of so many.
MOST_PICTURES = 4

_URL = re.compile(r"https?://[^\s<>\"`|*]+")
_SPECIAL = re.compile(r"[\\*_~|`<>\[\]@]")
_AT_THE_START = re.compile(r"^([^\S\n]*)([#+-]|\d+(?=\.))", re.MULTILINE)

Embed = dict[str, Any]


def to_embeds(message: Message, most_pictures: int = MOST_PICTURES) -> list[Embed]:
    """Give a message as embeds: the first with all its text, each other with one more picture.

    Only the first has the URL, as Discord shows but one embed of each URL.
    """
    # The link is the title's.
    body = fit(message._replace(headline="", url=""), MOST_DESCRIPTION, _measure).body
    headline = cut_text(message.headline, MOST_TITLE, lambda text: count_units(escape(text)))
    first: Embed = {"type": "rich", "title": escape(headline or ""), "color": message.colour}
    if body:
        first["description"] = "\n".join(map(_write, body))
    if url := encode_url(message.url):
        first["url"] = url
    if message.author:
        first["author"] = {"name": cut_text(message.author, MOST_AUTHOR, count_units)}
    if message.at:
        first["timestamp"] = message.at.isoformat()
    pictures = list(filter(None, map(encode_url, message.pictures)))
    if not pictures and message.video_preview:
        pictures = list(filter(None, [encode_url(message.video_preview)]))
    if pictures:
        first["image"] = {"url": pictures[0]}
    more = pictures[1 : min(most_pictures, MOST_EMBEDS)]
    return [first, *({"type": "rich", "image": {"url": url}} for url in more)]


def escape(text: str) -> str:
    """Take the meaning off what Discord would take for markup or a mention; links stay links."""
    pieces: list[str] = []
    end = 0
    for url in _URL.finditer(text):
        # In brackets, so that what follows is no part of it; nothing in them is markup.
        pieces += (_escape_words(text[end : url.start()]), f"<{url.group()}>")
        end = url.end()
    return "".join((*pieces, _escape_words(text[end:])))


def _escape_words(text: str) -> str:
    text = _SPECIAL.sub(lambda found: f"\\{found.group()}", text)
    return _AT_THE_START.sub(_escape_start, text)


def _escape_start(found: re.Match[str]) -> str:
    blank, sign = found.groups()
    # Of a number it is the dot behind it that makes it one of a list.
    return f"{blank}{sign}\\" if sign.isdecimal() else f"{blank}\\{sign}"


def _measure(part: Part) -> int:
    return count_units(_write(part))


def _write(part: Part) -> str:
    match part:
        case Times(pieces):
            return "".join(_write_moment(x) if isinstance(x, Moment) else escape(x) for x in pieces)
        case Translation(text, original):
            return f"{escape(text)}\n{_quote(escape(original))}"
        case Quote(author, text, original):
            quoted = _quote(join_quote(Quote("", escape(text), escape(original))))
            return f"**{escape(author)}**\n{quoted}" if author else quoted
    return escape(write_part(part))


def _write_moment(moment: Moment) -> str:
    """Write a time so that each reader of the channel sees it in their own zone."""
    seconds = int(moment.at.timestamp())
    return f"<t:{seconds}:f> (<t:{seconds}:R>)" if moment.is_relative else f"<t:{seconds}:f>"


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))
