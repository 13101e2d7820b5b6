"""What a webhook of Discord takes: every documented limit of a message and its embeds.

Source: https://docs.discord.com/developers/resources/webhook#execute-webhook
"""

from collections.abc import Iterator
from typing import Any

from stargazer.simulator.discord.embeds import Problem, find_in_embed, is_link, measure
from stargazer.simulator.discord.mentions import find_in_mentions

MOST_TOGETHER = 6000
_KNOWN = {"content", "username", "avatar_url", "tts", "embeds", "allowed_mentions", "flags"}
_MOST_EMBEDS, _MOST_CONTENT, _MOST_NAME = 10, 2000, 80


def find_problems(message: object) -> Iterator[Problem]:
    """Name each problem of a message: where it is, with dots between, and which limit it breaks."""
    if not isinstance(message, dict):
        yield "_", "form"
        return
    if not (message.get("content") or message.get("embeds")):
        yield "content", "empty"
    if unknown := message.keys() - _KNOWN:
        yield min(unknown), "unknown"
    yield from _find_in_head(message)
    yield from find_in_mentions(message.get("allowed_mentions"))
    yield from _find_in_embeds(message.get("embeds") or [])


def _find_in_head(message: dict[str, Any]) -> Iterator[Problem]:
    if len(message.get("content") or "") > _MOST_CONTENT:
        yield "content", "content_length"
    if not 0 < len(message.get("username", "x")) <= _MOST_NAME:
        yield "username", "username_length"
    link = message.get("avatar_url")
    if link is not None and not is_link(link):
        yield "avatar_url", "url"


def _find_in_embeds(embeds: list[dict[str, Any]]) -> Iterator[Problem]:
    if len(embeds) > _MOST_EMBEDS:
        yield "embeds", "embeds"
    for place, embed in enumerate(embeds):
        for where, what in find_in_embed(embed):
            yield f"embeds.{place}.{where}", what
    if sum(map(measure, embeds)) > MOST_TOGETHER:
        yield "embeds", "embeds_length"
