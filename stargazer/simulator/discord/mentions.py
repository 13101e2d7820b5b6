"""Whom a message calls: what its content names, as far as it allows that.

Embeds never call anybody, whatever is written in them.

Source: https://docs.discord.com/developers/resources/message#allowed-mentions-object
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_MOST = 100
_EVERYBODY = "everyone"
_KINDS = {
    "roles": re.compile(r"<@&(\d+)>", re.ASCII),
    "users": re.compile(r"<@!?(\d+)>", re.ASCII),
}
_ALL_CALLS = re.compile(r"@(everyone|here)\b")


def find_in_mentions(allowed: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Name each problem of what a message allows: where it is, and which limit it breaks."""
    parse = (allowed or {}).get("parse") or ()
    if set(parse) - {*_KINDS, _EVERYBODY}:
        yield "allowed_mentions.parse", "mentions_unknown"
    for kind in _KINDS:
        named = (allowed or {}).get(kind) or ()
        if len(named) > _MOST:
            yield f"allowed_mentions.{kind}", "mentions"
        if named and kind in parse:
            yield f"allowed_mentions.{kind}", "mentions_exclusive"


def list_called(message: Mapping[str, Any]) -> list[str]:
    """Name whom a message calls: ids of roles and users, ``everyone``, ``here``."""
    content = message.get("content") or ""
    allowed = message.get("allowed_mentions")
    # Who says nothing about it allows everything.
    parse = [*_KINDS, _EVERYBODY] if allowed is None else allowed.get("parse") or ()
    called: list[str] = []
    for kind, form in _KINDS.items():
        named = (allowed or {}).get(kind) or ()
        called += (each for each in form.findall(content) if kind in parse or each in named)
    if _EVERYBODY in parse:
        called += _ALL_CALLS.findall(content)
    return called
