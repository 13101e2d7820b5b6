"""Discord's execution of webhooks: checks, buckets, and its own words for what is wrong."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from stargazer.simulator.discord.forms import find_problems
from stargazer.simulator.discord.mentions import list_called
from stargazer.simulator.discord.world import Bucket, DiscordWorld, Webhook
from stargazer.simulator.exchange import Exchange, Note, phrase_of
from stargazer.simulator.simulation import Simulation

_INVALID = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
_SHUT_OUT = "<!DOCTYPE html><title>Access denied | discord.com used Cloudflare</title>"
_INVALID_FORM = 50035
_EMPTY = 50006


def add_rules(platform: Blueprint, simulation: Simulation) -> None:
    """Add the URLs to a blueprint."""
    webhooks = _Webhooks(simulation)
    for rule in ("/api/webhooks", "/api/v10/webhooks"):
        platform.add_url_rule(
            f"{rule}/<key>/<token>", view_func=webhooks.execute, methods=["POST"], endpoint=rule[1:]
        )


class _Webhooks:
    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._world: DiscordWorld = simulation.discord
        self._journal = simulation.journal
        self._exchange = Exchange("discord", simulation.faults, simulation.journal, _refuse)

    def execute(self, key: str, token: str) -> Response:
        body = request.get_json(silent=True)
        note = Note(
            {
                "webhook": key,
                "thread_id": request.args.get("thread_id"),
                "message": body,
                "message_id": None,
                "called": [],
                "delivered": False,
            }
        )
        response = self._exchange.answer(note, lambda: self._act(key, token, body, note))
        if (
            response.status_code in _INVALID
            and response.headers.get("X-RateLimit-Scope") != "shared"
        ):
            self._world.count_invalid()
        return response

    def _act(self, key: str, token: str, body: object, note: Note) -> Response:
        limits = self._simulation.limits
        if self._world.is_banned(limits):
            self._journal.count_limit_break("discord_invalid")
            return Response(_SHUT_OUT, HTTPStatus.TOO_MANY_REQUESTS, mimetype="text/html")
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            self._journal.count_limit_break("discord_user_agent")
            return _error(HTTPStatus.FORBIDDEN, 40333, "internal network error")
        webhook = self._world.find(key)
        if webhook is None:
            return _error(HTTPStatus.NOT_FOUND, 10015, "Unknown Webhook")
        if token != webhook.token:
            return _error(HTTPStatus.UNAUTHORIZED, 50027, "Invalid Webhook Token")
        bucket = self._world.fill(key, webhook, limits)
        if bucket.wait > 0:
            limit = "discord_global" if bucket.is_global else "discord_webhook"
            self._journal.count_limit_break(limit)
            return _too_many(bucket.wait, is_global=bucket.is_global, headers=_show(bucket, key))
        response = self._take(webhook, body, note)
        response.headers.update(_show(bucket, key))
        return response

    def _take(self, webhook: Webhook, body: object, note: Note) -> Response:
        if webhook.refusal is not None:
            status, code = webhook.refusal
            return _error(status, code, phrase_of(status))
        thread = note.fields["thread_id"]
        if thread is not None and thread not in webhook.threads:
            return _error(HTTPStatus.BAD_REQUEST, 10003, "Unknown Channel")
        problems = list(find_problems(body))
        for _, limit in problems:
            self._journal.count_limit_break(f"discord_{limit}")
        if not problems and webhook.links_refused and isinstance(body, dict):
            problems = [
                (f"embeds.{place}.{name}", "url")
                for place, embed in enumerate(body.get("embeds") or ())
                for name in ("url", "image")
                if embed.get(name)
            ]
        if [what for _, what in problems] == ["empty"]:
            return _error(HTTPStatus.BAD_REQUEST, _EMPTY, "Cannot send an empty message")
        if problems:
            return _error(
                HTTPStatus.BAD_REQUEST, _INVALID_FORM, "Invalid Form Body", _nest(problems)
            )
        called = list_called(body) if isinstance(body, dict) else []
        note.fields |= {"message_id": self._world.make_id(), "called": called, "delivered": True}
        note.delivered = 1
        if request.args.get("wait") != "true":
            return Response(status=HTTPStatus.NO_CONTENT)
        return _json(HTTPStatus.OK, {"id": note.fields["message_id"], "type": 0})


def _show(bucket: Bucket, key: str) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(bucket.remaining),
        "X-RateLimit-Reset-After": f"{DiscordWorld.round_up(bucket.reset_after):.3f}",
        "X-RateLimit-Bucket": f"bucket{key}",
    }


def _too_many(
    wait: float, *, is_global: bool = False, headers: Mapping[str, str] | None = None
) -> Response:
    seconds = DiscordWorld.round_up(wait)
    body = {
        "message": "You are being rate limited.",
        "retry_after": seconds,
        "global": is_global,
    }
    response = _json(HTTPStatus.TOO_MANY_REQUESTS, body)
    response.headers.update(headers or {})
    # The header is in whole seconds, the body more exact.
    response.headers["Retry-After"] = str(int(seconds) + 1)
    response.headers["X-RateLimit-Scope"] = "global" if is_global else "user"
    if is_global:
        response.headers["X-RateLimit-Global"] = "true"
    return response


def _nest(problems: list[tuple[str, str]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for where, what in problems:
        node = tree
        for part in where.split("."):
            node = node.setdefault(part, {})
        node["_errors"] = [{"code": what.upper(), "message": what}]
    return tree


def _refuse(status: int, retry_after: float | None) -> Response:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(1 if retry_after is None else retry_after)
    return _error(status, 0, phrase_of(status))


def _error(status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> Response:
    body = {"message": message, "code": code} | ({"errors": errors} if errors else {})
    return _json(status, body)


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
