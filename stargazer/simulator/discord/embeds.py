"""What an embed may hold: every documented limit of it.

Source: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

Problem = tuple[str, str]

_KNOWN = {
    *("title", "type", "description", "url", "timestamp", "color", "footer", "image"),
    *("thumbnail", "video", "provider", "author", "fields"),
}
_MOST = {"title": 256, "description": 4096}
#: Of what is within its parts: by part, what it holds and how long that may be.
_MOST_WITHIN = {"footer": ("text", 2048), "author": ("name", 256)}
_MOST_IN_FIELD = {"name": 256, "value": 1024}
_LINKED = (("image", "url"), ("thumbnail", "url"), ("author", "url"), ("author", "icon_url"))
_MOST_FIELDS, _MOST_URL = 25, 2048
_LARGEST_COLOR = 0xFFFFFF


def find_in_embed(embed: dict[str, Any]) -> Iterator[Problem]:
    """Name each problem of an embed: where in it, and which limit it breaks."""
    if unknown := embed.keys() - _KNOWN:
        yield min(unknown), "unknown"
    if not any(embed.get(name) for name in ("title", "description", "image", "fields")):
        yield "description", "empty"
    yield from _find_in_texts(embed)
    yield from _find_in_fields(embed.get("fields") or [])
    yield from _find_in_values(embed)


def measure(embed: dict[str, Any]) -> int:
    """Count the characters that count towards the limit of all embeds of a message."""
    within = (_get_part(embed, part, name) for part, (name, _) in _MOST_WITHIN.items())
    return (
        sum(len(embed.get(name) or "") for name in _MOST)
        + sum(len(text or "") for text in within)
        + sum(
            len(field.get(name) or "")
            for field in embed.get("fields") or ()
            for name in _MOST_IN_FIELD
        )
    )


def is_link(link: str) -> bool:
    """Tell whether Discord takes something for an address."""
    return link.startswith(("http://", "https://")) and len(link) <= _MOST_URL


def _find_in_texts(embed: dict[str, Any]) -> Iterator[Problem]:
    for name, most in _MOST.items():
        if len(embed.get(name) or "") > most:
            yield name, f"{name}_length"
    for part, (name, most) in _MOST_WITHIN.items():
        if len(_get_part(embed, part, name) or "") > most:
            yield f"{part}.{name}", f"{part}_length"


def _find_in_fields(fields: list[dict[str, Any]]) -> Iterator[Problem]:
    if len(fields) > _MOST_FIELDS:
        yield "fields", "fields"
    for place, field in enumerate(fields):
        for name, most in _MOST_IN_FIELD.items():
            if not 0 < len(field.get(name) or "") <= most:
                yield f"fields.{place}.{name}", f"field_{name}_length"


def _find_in_values(embed: dict[str, Any]) -> Iterator[Problem]:
    if not 0 <= (embed.get("color") or 0) <= _LARGEST_COLOR:
        yield "color", "color"
    if (at := embed.get("timestamp")) is not None and not _is_time(at):
        yield "timestamp", "timestamp"
    links = {f"{part}.{name}": _get_part(embed, part, name) for part, name in _LINKED}
    for where, link in {"url": embed.get("url"), **links}.items():
        if link is not None and not is_link(link):
            yield where, "url"


def _get_part(embed: dict[str, Any], part: str, name: str) -> Any:
    return (embed.get(part) or {}).get(name)


def _is_time(at: str) -> bool:
    try:
        datetime.fromisoformat(at)
    except ValueError:
        return False
    return True
