"""The URLs of the simulated X, and those by which tests say what happens there."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from stargazer.simulator.exchange import Exchange, Note, phrase_of
from stargazer.simulator.simulation import Simulation
from stargazer.simulator.twitter.world import TOKEN, Account, Tweet

MOST_NAMES = 100
LEAST, MOST = 5, 100
Json = dict[str, Any]
_PROBLEMS = "https://api.twitter.com/2/problems"
#: The names of the older dialect, and what they became.
_NEW_NAMES = {
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
}
_TROUBLE = {
    "payment": (402, "credits", "Payment Required"),
    "capped": (429, "usage-capped", "UsageCapExceeded"),
    "forbidden": (403, "client-forbidden", "Client Forbidden"),
}


class X:
    """One method per URL; each gives the status and what is sent as JSON."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._world = simulation.twitter

    def guard(
        self, note: Note, act: Callable[..., tuple[int, Json]], names: Json
    ) -> tuple[int, Json]:
        """Answer who may ask, as long as there are requests left."""
        world = self._world
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _say(401, "unauthorized", "Unauthorized")
        if world.problem:
            return _say(*_TROUBLE[world.problem])
        if world.remaining is not None and time.time() < world.reset:
            if world.remaining <= 0:
                self._simulation.journal.count_limit_break("twitter_rate")
                return _say(429, "rate-limits", "Too Many Requests")
            world.remaining -= 1
        return act(note, **names)

    def headers(self) -> dict[str, str]:
        """Say how many requests are left, if that is limited."""
        if self._world.remaining is None:
            return {}
        return {
            "x-rate-limit-remaining": str(max(self._world.remaining, 0)),
            "x-rate-limit-reset": str(int(self._world.reset)),
        }

    def users_by(self, note: Note) -> tuple[int, Json]:
        """Find accounts by their names."""
        names = [name for name in request.args.get("usernames", "").split(",") if name]
        by_name = {each.username.lower(): each for each in self._world.accounts.values()}
        return self._show_users(note, names, [by_name.get(name.lower()) for name in names])

    def users(self, note: Note) -> tuple[int, Json]:
        """Find accounts by their numbers."""
        ids = [key for key in request.args.get("ids", "").split(",") if key]
        return self._show_users(note, ids, [self._world.accounts.get(key) for key in ids])

    def timeline(self, note: Note, key: str) -> tuple[int, Json]:
        """Give what an account posted."""
        account = self._world.accounts.get(key)
        if account is None:
            return _say(404, "resource-not-found", "Not Found Error")
        if account.protected:
            return _say(403, "not-authorized-for-resource", "Authorization Error")
        tweets = self._world.list_tweets({key})
        if "replies" in request.args.get("exclude", ""):
            tweets = [tweet for tweet in tweets if not _refers(tweet, "replied_to")]
        if "retweets" in request.args.get("exclude", ""):
            tweets = [tweet for tweet in tweets if not _refers(tweet, "retweeted")]
        since_id, start = request.args.get("since_id"), request.args.get("start_time")
        if since_id:
            tweets = [tweet for tweet in tweets if int(tweet.id) > int(since_id)]
        elif start:
            at = datetime.fromisoformat(start).timestamp()
            tweets = [tweet for tweet in tweets if tweet.created_at >= at]
        return self._show_page(note, tweets, LEAST)

    def list_tweets(self, note: Note, key: str) -> tuple[int, Json]:
        """Give what the members of a list posted."""
        if key not in self._world.members:
            return _say(404, "resource-not-found", "Not Found Error")
        if "since_id" in request.args:
            return _say(400, "invalid-request", "Invalid Request")
        return self._show_page(note, self._world.list_tweets(self._world.members[key]), 1)

    def _show_users(
        self, note: Note, asked: Sequence[str], found: Sequence[Account | None]
    ) -> tuple[int, Json]:
        note.fields["names"] = len(asked)
        if not 0 < len(asked) <= MOST_NAMES:
            self._simulation.journal.count_limit_break("twitter_names")
            return _say(400, "invalid-request", "Invalid Request")
        shown, errors = [], []
        for name, account in zip(asked, found, strict=True):
            if account is None or account.problem:
                problem = account.problem if account else "Not Found Error"
                detail = f"User: [{name}]: {problem}"
                errors.append({"value": name, "title": problem, "detail": detail})
            else:
                shown.append(_show_user(account))
        return 200, ({"data": shown} if shown else {}) | ({"errors": errors} if errors else {})

    def _show_page(self, note: Note, tweets: Sequence[Tweet], least: int) -> tuple[int, Json]:
        count = request.args.get("max_results", default=10, type=int)
        if not least <= count <= MOST:
            self._simulation.journal.count_limit_break("twitter_results")
            return _say(400, "invalid-request", "Invalid Request")
        start = int(request.args.get("pagination_token") or 0)
        page = tweets[start : start + count]
        note.fields["posts"] = len(page)
        meta: Json = {"result_count": len(page)}
        if not page:
            return 200, {"meta": meta}
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if start + count < len(tweets):
            meta["next_token"] = str(start + count)
        others = [
            self._world.tweets[reference["id"]]
            for tweet in page
            for reference in tweet.references
            if reference["id"] in self._world.tweets
        ]
        every = [*page, *others]
        media = [
            self._world.media[key]
            for tweet in every
            for key in tweet.extra.get("attachments", {}).get("media_keys", ())
            if key in self._world.media
        ]
        authors = dict.fromkeys(tweet.author_id for tweet in every)
        users = [self._world.accounts[key] for key in authors if key in self._world.accounts]
        is_new = self._world.dialect == "new"
        includes = {
            "users": [_show_user(user) for user in users],
            "media": media,
            "posts" if is_new else "tweets": [_show_tweet(each, is_new=is_new) for each in others],
        }
        data = [_show_tweet(tweet, is_new=is_new) for tweet in page]
        return 200, {"data": data, "includes": includes, "meta": meta}


class Control:
    """One method per control URL."""

    def __init__(self, simulation: Simulation) -> None:
        self._world = simulation.twitter

    def put_account(self, key: str) -> Json:
        """Create or change an account."""
        with self._world.lock:
            known = self._world.accounts.get(key)
            fields = known.model_dump() if known else {"id": key, "username": f"name_{key}"}
            self._world.accounts[key] = Account.model_validate(fields | request.get_json())
        return {}

    def put_tweet(self, key: str) -> Json:
        """Create or change a tweet."""
        with self._world.lock:
            self._world.tweets[key] = Tweet.model_validate({"id": key, **request.get_json()})
        return {}

    def delete_tweet(self, key: str) -> Json:
        """Delete a tweet."""
        with self._world.lock:
            self._world.tweets.pop(key, None)
        return {}

    def put_media(self, key: str) -> Json:
        """Create a picture or a video."""
        self._world.media[key] = {"media_key": key, **request.get_json()}
        return {}

    def put_list(self, key: str) -> Json:
        """Say who is on a list."""
        self._world.members[key] = set(request.get_json()["members"])
        return {}

    def put_state(self) -> Json:
        """Change dialect, problem, and how many requests are left until when."""
        given = request.get_json()
        for name in ("dialect", "problem", "remaining", "reset"):
            if name in given:
                setattr(self._world, name, given[name])
        return {}


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return X's URLs, and those that control it."""
    blueprint = Blueprint("twitter", __name__)
    api, control = X(simulation), Control(simulation)
    exchange = Exchange("twitter", simulation.faults, simulation.journal, _refuse)

    def add(rule: str, act: Callable[..., tuple[int, Json]]) -> None:
        def answer(**names: str) -> Response:
            note = Note({"method": act.__name__})
            return exchange.answer(
                note, lambda: _to_response(api.guard(note, act, names), api.headers())
            )

        blueprint.add_url_rule(f"/twitter/2/{rule}", act.__name__, answer)

    add("users/by", api.users_by)
    add("users", api.users)
    add("users/<key>/tweets", api.timeline)
    add("lists/<key>/tweets", api.list_tweets)
    for rule, verb, act in (
        ("accounts/<key>", "PUT", control.put_account),
        ("tweets/<key>", "PUT", control.put_tweet),
        ("tweets/<key>", "DELETE", control.delete_tweet),
        ("media/<key>", "PUT", control.put_media),
        ("lists/<key>", "PUT", control.put_list),
        ("state", "PUT", control.put_state),
    ):
        name = f"control_{act.__name__}"
        blueprint.add_url_rule(
            f"/control/twitter/{rule}", view_func=act, methods=[verb], endpoint=name
        )
    return blueprint


def _refers(tweet: Tweet, how: str) -> bool:
    return any(reference["type"] == how for reference in tweet.references)


def _show_user(account: Account) -> Json:
    return {
        "id": account.id,
        "username": account.username,
        "name": account.name or account.username,
        "protected": account.protected,
    }


def _show_tweet(tweet: Tweet, *, is_new: bool) -> Json:
    at = datetime.fromtimestamp(tweet.created_at, UTC)
    shown: Json = {
        "id": tweet.id,
        "text": tweet.text,
        "author_id": tweet.author_id,
        "lang": tweet.lang,
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
        "edit_history_tweet_ids": tweet.history or [tweet.id],
        **tweet.extra,
    }
    if tweet.references:
        shown["referenced_tweets"] = tweet.references
    return {_NEW_NAMES.get(name, name) if is_new else name: value for name, value in shown.items()}


def _say(status: int, kind: str, title: str) -> tuple[int, Json]:
    return status, {"type": f"{_PROBLEMS}/{kind}", "title": title, "status": status}


def _to_response(answer: tuple[int, Json], headers: dict[str, str]) -> Response:
    status, body = answer
    return Response(json.dumps(body), status, headers, mimetype="application/json")


def _refuse(status: int, _retry_after: float | None) -> Response:
    body = {"title": phrase_of(status), "status": int(status), "type": "about:blank"}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        body["type"] = f"{_PROBLEMS}/rate-limits"
    return _to_response((status, body), {})
