"""A Message as an embed of Discord, within its limits.

Source: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

import re
from typing import Any

from stargazer.rendering import Message

MOST_TITLE = 256
MOST_DESCRIPTION = 4096
#: Of title and description together; with an author, a footer or fields, of those as well.
MOST_TOGETHER = 6000
_LONGEST_URL = 2048
_COLOR = 0x6C5CE7
_LINK = re.compile(r"(https?://\S+)")
_MARKUP = re.compile(r"([\\*_~`|<>\[\]#])")


def make_embed(message: Message) -> dict[str, Any]:
    """Write a Message as an embed: its texts as they are, without a meaning in Markdown."""
    title = clip(escape(message.headline), MOST_TITLE)
    room = min(MOST_DESCRIPTION, MOST_TOGETHER - measure(title))
    embed: dict[str, Any] = {"title": title, "color": _COLOR}
    if description := clip("\n".join(map(escape, message.lines)), room):
        embed["description"] = description
    if _is_link(message.url):
        embed["url"] = message.url
    if message.picture and _is_link(message.picture):
        embed["image"] = {"url": message.picture}
    return embed


def escape(text: str) -> str:
    """Take from a text what Markdown would make of it; links stay as they are."""
    parts = _LINK.split(text)
    # Every other one is a link, in which a backslash would lead elsewhere.
    parts[::2] = [_MARKUP.sub(r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def clip(text: str, most: int) -> str:
    """Cut a text that is too long, with an ellipsis, and through no character or escape."""
    if measure(text) <= most:
        return text
    cut = text.encode("utf-16-le", "surrogatepass")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    backslashes = len(cut) - len(cut.rstrip("\\"))
    return f"{cut[:-1] if backslashes % 2 else cut}…"


def measure(text: str) -> int:
    """Count as JavaScript does, which is never less than as Discord does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_link(url: str) -> bool:
    return url.startswith(("http://", "https://")) and measure(url) <= _LONGEST_URL
