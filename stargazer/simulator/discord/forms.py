"""What a webhook of Discord takes: every documented limit of a message and its embeds.

Sources: https://docs.discord.com/developers/resources/webhook#execute-webhook
and https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from collections.abc import Iterator
from typing import Any

MOST_TOGETHER = 6000
_MESSAGE = {"content", "username", "avatar_url", "tts", "embeds", "allowed_mentions", "flags"}
_EMBED = {
    *("title", "type", "description", "url", "timestamp", "color", "footer", "image"),
    *("thumbnail", "video", "provider", "author", "fields"),
}
_MOST = {"title": 256, "description": 4096}
_MOST_EMBEDS, _MOST_FIELDS, _MOST_CONTENT, _MOST_NAME, _MOST_URL = 10, 25, 2000, 80, 2048
_LARGEST_COLOR = 0xFFFFFF


def find_problems(message: object) -> Iterator[tuple[str, str]]:
    """Name each problem of a message: where it is, with dots between, and which limit it breaks."""
    if not isinstance(message, dict):
        yield "_", "form"
        return
    embeds = message.get("embeds") or []
    content = message.get("content") or ""
    if not (content or embeds):
        yield "content", "empty"
    if unknown := message.keys() - _MESSAGE:
        yield min(unknown), "unknown"
    if len(content) > _MOST_CONTENT:
        yield "content", "content_length"
    if not 0 < len(message.get("username", "x")) <= _MOST_NAME:
        yield "username", "username_length"
    if len(embeds) > _MOST_EMBEDS:
        yield "embeds", "embeds"
    for place, embed in enumerate(embeds):
        for where, what in _find_in_embed(embed):
            yield f"embeds.{place}.{where}", what
    if sum(map(_measure, embeds)) > MOST_TOGETHER:
        yield "embeds", "embeds_length"


def _find_in_embed(embed: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if unknown := embed.keys() - _EMBED:
        yield min(unknown), "unknown"
    for name, most in _MOST.items():
        if len(embed.get(name) or "") > most:
            yield name, f"{name}_length"
    if not any(embed.get(name) for name in ("title", "description", "image", "fields")):
        yield "description", "empty"
    if len(embed.get("fields") or ()) > _MOST_FIELDS:
        yield "fields", "fields"
    if not 0 <= (embed.get("color") or 0) <= _LARGEST_COLOR:
        yield "color", "color"
    links = {"url": embed.get("url"), "image.url": (embed.get("image") or {}).get("url")}
    for where, link in links.items():
        if link is not None and not _is_link(link):
            yield where, "url"


def _measure(embed: dict[str, Any]) -> int:
    fields = embed.get("fields") or ()
    return (
        sum(len(embed.get(name) or "") for name in _MOST)
        + len((embed.get("footer") or {}).get("text", ""))
        + len((embed.get("author") or {}).get("name", ""))
        + sum(len(field["name"]) + len(field["value"]) for field in fields)
    )


def _is_link(link: str) -> bool:
    return link.startswith(("http://", "https://")) and len(link) <= _MOST_URL
