"""Twitch's token and Helix URLs.

Source: https://dev.twitch.tv/docs/api/reference
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from pydantic import ValidationError

from stargazer.simulator.exchange import Exchange, Note, phrase_of
from stargazer.simulator.simulation import Simulation
from stargazer.simulator.twitch.eventsub import EventSub
from stargazer.simulator.twitch.world import (
    CLIENT_ID,
    CLIENT_SECRET,
    MOST_COST,
    POINTS_PER_MINUTE,
    Account,
    Subscription,
    show_time,
)

MOST_NAMES = 100
USUAL_PAGE = 20
_TYPES = {"stream.online", "stream.offline", "channel.update"}

Json = dict[str, Any]


class Helix:
    """One method per URL; each gives the status and what is sent as JSON."""

    def __init__(self, simulation: Simulation, eventsub: EventSub) -> None:
        self._world = simulation.twitch
        self._eventsub = eventsub

    def token(self) -> tuple[int, Json]:
        """Give a token to who knows the app's secret."""
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _say(HTTPStatus.FORBIDDEN, "invalid client secret")
        if form.get("grant_type") != "client_credentials":
            return _say(HTTPStatus.BAD_REQUEST, "invalid grant type")
        token = self._world.give_token()
        return 200, {"access_token": token, "expires_in": 5_000_000, "token_type": "bearer"}

    def users(self) -> tuple[int, Json]:
        """Give the accounts of some ids and logins."""
        ids, logins = request.args.getlist("id"), request.args.getlist("login")
        if not 0 < len(ids) + len(logins) <= MOST_NAMES:
            return _say(HTTPStatus.BAD_REQUEST, "The number of ids and logins must be 1 to 100")
        found = [self._world.accounts.get(each) for each in ids]
        found += [self._world.find_by_login(each.lower()) for each in logins]
        data = [
            {"id": each.id, "login": each.login, "display_name": each.name or each.login}
            for each in found
            if each
        ]
        return 200, {"data": data}

    def streams(self) -> tuple[int, Json]:
        """Give the streams of some accounts that are on."""
        ids = request.args.getlist("user_id")
        first = request.args.get("first", default=USUAL_PAGE, type=int)
        if len(ids) > MOST_NAMES or not 0 < first <= MOST_NAMES:
            return _say(HTTPStatus.BAD_REQUEST, "at most 100 ids and 100 at once")
        shown = []
        for key in ids:
            stream, account = self._world.streams.get(key), self._world.accounts.get(key)
            if stream and account and stream.listed:
                shown.append(
                    {
                        "id": stream.id,
                        "user_id": account.id,
                        "user_login": account.login,
                        "user_name": account.name or account.login,
                        "game_id": "1",
                        "game_name": account.game,
                        "type": stream.type,
                        "title": account.title,
                        "tags": [],
                        "viewer_count": 1,
                        "started_at": show_time(stream.started_at),
                        "language": account.language,
                        "thumbnail_url": f"https://pictures.invalid/{account.login}"
                        "-{width}x{height}.jpg",
                        "tag_ids": [],
                        "is_mature": False,
                    }
                )
        return 200, {"data": shown[:first], "pagination": {}}

    def channels(self) -> tuple[int, Json]:
        """Give what channels say of themselves."""
        ids = request.args.getlist("broadcaster_id")
        if not 0 < len(ids) <= MOST_NAMES:
            return _say(HTTPStatus.BAD_REQUEST, "at most 100 ids")
        found = [self._world.accounts[each] for each in ids if each in self._world.accounts]
        return 200, {"data": [_show_channel(each) for each in found]}

    def list_subscriptions(self) -> tuple[int, Json]:
        """Give a page of the subscriptions."""
        start = request.args.get("after", default=0, type=int)
        every = self._world.list_subscriptions()
        page = every[start : start + MOST_NAMES]
        more = start + MOST_NAMES < len(every)
        return 200, {
            "total": len(every),
            "data": [each.to_json() for each in page],
            "total_cost": len(every),
            "max_total_cost": MOST_COST,
            "pagination": {"cursor": str(start + MOST_NAMES)} if more else {},
        }

    def subscribe(self) -> tuple[int, Json]:
        """Take a wish, and verify it in the background."""
        try:
            wish = json.loads(request.get_data())
            transport = wish["transport"]
            subscription = Subscription(
                type=wish["type"],
                account=wish["condition"]["broadcaster_user_id"],
                callback=transport["callback"],
                secret=transport["secret"],
            )
        except (ValueError, KeyError, TypeError, ValidationError):
            return _say(HTTPStatus.BAD_REQUEST, "missing or invalid parameter")
        parts = urlsplit(subscription.callback)
        # As `https` alone is allowed there; no test has a certificate for this machine.
        if parts.scheme != "https" and parts.hostname != "127.0.0.1":
            return _say(HTTPStatus.BAD_REQUEST, "callback must be https")
        if subscription.type not in _TYPES or subscription.account not in self._world.accounts:
            return _say(HTTPStatus.BAD_REQUEST, "no such type or account")
        with self._world.lock:
            every = self._world.list_subscriptions()
            if any(_is_same(each, subscription) for each in every):
                return _say(HTTPStatus.CONFLICT, "subscription already exists")
            if len(every) >= MOST_COST:
                return _say(HTTPStatus.TOO_MANY_REQUESTS, "number of subscriptions exceeded")
            self._world.subscriptions[subscription.id] = subscription
        self._eventsub.verify(subscription)
        return 202, {"data": [subscription.to_json()], "total": len(every) + 1}

    def unsubscribe(self) -> tuple[int, Json]:
        """Forget a subscription."""
        with self._world.lock:
            found = self._world.subscriptions.pop(request.args.get("id", ""), None)
        return (204, {}) if found else _say(HTTPStatus.NOT_FOUND, "subscription not found")


def add_rules(blueprint: Blueprint, simulation: Simulation, eventsub: EventSub) -> None:
    """Put the URLs on a blueprint."""
    helix = Helix(simulation, eventsub)
    exchange = Exchange("twitch", simulation.faults, simulation.journal, _refuse)

    def add(rule: str, verb: str, act: Callable[[], tuple[int, Json]], *, is_open: bool) -> None:
        def answer() -> Response:
            note = Note({"method": act.__name__})
            names = sum(len(values) for _, values in request.args.lists())
            note.fields["names"] = names
            return exchange.answer(note, lambda: _to_response(_guard(act, is_open=is_open)))

        blueprint.add_url_rule(rule, act.__name__, answer, methods=[verb])

    def _guard(act: Callable[[], tuple[int, Json]], *, is_open: bool) -> tuple[int, Json]:
        if is_open:
            return act()
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if request.headers.get("Client-Id") != CLIENT_ID or scheme != "Bearer":
            return _say(HTTPStatus.UNAUTHORIZED, "Client ID and OAuth token do not match")
        if not simulation.twitch.is_token(token):
            return _say(HTTPStatus.UNAUTHORIZED, "Invalid OAuth token")
        if simulation.twitch.spend_point() > 0:
            simulation.journal.count_limit_break("twitch_points")
            return _say(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests")
        return act()

    add("/oauth2/token", "POST", helix.token, is_open=True)
    add("/helix/users", "GET", helix.users, is_open=False)
    add("/helix/streams", "GET", helix.streams, is_open=False)
    add("/helix/channels", "GET", helix.channels, is_open=False)
    add("/helix/eventsub/subscriptions", "GET", helix.list_subscriptions, is_open=False)
    add("/helix/eventsub/subscriptions", "POST", helix.subscribe, is_open=False)
    add("/helix/eventsub/subscriptions", "DELETE", helix.unsubscribe, is_open=False)


def _show_channel(account: Account) -> Json:
    return {
        "broadcaster_id": account.id,
        "broadcaster_login": account.login,
        "broadcaster_name": account.name or account.login,
        "broadcaster_language": account.language,
        "game_name": account.game,
        "title": account.title,
    }


def _is_same(one: Subscription, other: Subscription) -> bool:
    return (one.type, one.account, one.callback) == (other.type, other.account, other.callback)


def _to_response(answer: tuple[int, Json]) -> Response:
    status, body = answer
    if status == HTTPStatus.NO_CONTENT:
        return Response(status=status)
    headers = {"Ratelimit-Limit": str(POINTS_PER_MINUTE)}
    return Response(json.dumps(body), status, headers, mimetype="application/json")


def _say(status: int, message: str) -> tuple[int, Json]:
    return status, {"error": phrase_of(status), "status": int(status), "message": message}


def _refuse(status: int, _retry_after: float | None) -> Response:
    return _to_response(_say(status, "simulated"))
