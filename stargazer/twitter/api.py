"""Asking X.

Source: https://docs.x.com/x-api
"""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from stargazer.context import Context
from stargazer.errors import (
    CredentialsError,
    GoneError,
    PayloadError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.http import Response
from stargazer.settings import Settings
from stargazer.twitter.spending import POST, USER, Spending
from stargazer.twitter.tweets import Page, User, parse_page

BATCH = 100
LEAST_POSTS, MOST_POSTS = 5, 100
_CREDENTIALS_PAUSE = 600.0
_PAYMENT_PAUSE = 6 * 3600.0
_CAP_PAUSE = 24 * 3600.0
_USUAL_PAUSE = 60.0
#: So that not all processes of all operators come back in the same second.
_LATER = 1.0
_FIELDS = {
    "tweet.fields": "created_at,author_id,attachments,entities,referenced_tweets,note_tweet,lang,"
    "possibly_sensitive,edit_history_tweet_ids",
    "expansions": "author_id,attachments.media_keys,referenced_tweets.id,"
    "referenced_tweets.id.author_id,referenced_tweets.id.attachments.media_keys",
    "media.fields": "url,preview_image_url,type",
    "user.fields": "username,name,protected",
}


def find_missing(settings: Settings) -> str | None:
    """Name the setting without which X cannot be asked; None: it can."""
    return (
        None if settings.twitter_token.get_secret_value() else "STARGAZER_TWITTER_TOKEN is not set"
    )


class Twitter:
    """Asks X with the operator's token, within the operator's budget.

    Every method raises a :class:`~stargazer.errors.PlatformError` of the class that says how to
    react, or a :class:`~stargazer.errors.PayloadError` for an answer that is none.

    :param now: the moment of this look.
    """

    def __init__(self, context: Context, now: datetime) -> None:
        self._http = context.http
        self._redis = context.redis
        self._settings = context.settings
        self._spending = Spending(context, now)

    def list_users(
        self, *, names: Sequence[str] = (), ids: Sequence[str] = ()
    ) -> tuple[list[User], dict[str, str]]:
        """Find accounts, a hundred at a time.

        :returns: those that there are, and of the others why not, by what was asked for.
        """
        users: list[User] = []
        problems: dict[str, str] = {}
        for path, field, wanted in (("users/by", "usernames", names), ("users", "ids", ids)):
            for start in range(0, len(wanted), BATCH):
                part = wanted[start : start + BATCH]
                query = {field: ",".join(part), "user.fields": _FIELDS["user.fields"]}
                with self._spending.spend(len(part) * USER) as receipt:
                    body = self._ask(f"{path}?{urlencode(query)}", path)
                    found = _read_users(body)
                    receipt.cost = len(found) * USER
                users += found
                problems |= _read_problems(body)
        return users, problems

    def read_timeline(
        self, user_id: str, since_id: str | None, since: datetime, *, replies: bool
    ) -> list[Page]:
        """Read what an account posted since, all pages of it.

        :param since_id: the newest that is known; None: only the time is.
        """
        query = {**_FIELDS, **({} if replies else {"exclude": "replies"})}
        if since_id is not None:
            query["since_id"] = since_id
        else:
            query["start_time"] = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return self._read_pages(f"users/{user_id}/tweets", "users/:id/tweets", query)

    def read_list(self, list_id: str, token: str | None) -> Page:
        """Read a page of what the members of a list posted, the newest first."""
        query = {**_FIELDS, **({"pagination_token": token} if token else {})}
        return self._read_page(f"lists/{list_id}/tweets", "lists/:id/tweets", query)

    def _read_pages(self, path: str, endpoint: str, query: Mapping[str, str]) -> list[Page]:
        pages: list[Page] = []
        tokens: set[str] = set()
        more: dict[str, str] = {}
        while True:
            page = self._read_page(path, endpoint, {**query, **more})
            pages.append(page)
            token = page.next_token
            # X has been seen to give the same token again and again.
            if token is None or token in tokens or not page.billed:
                return pages
            tokens.add(token)
            more = {"pagination_token": token}

    def _read_page(self, path: str, endpoint: str, query: Mapping[str, str]) -> Page:
        count = self._spending.afford(POST, LEAST_POSTS, MOST_POSTS)
        with self._spending.spend(count * POST) as receipt:
            url = f"{path}?{urlencode({**query, 'max_results': str(count)})}"
            page = parse_page(self._ask(url, endpoint))
            receipt.cost = page.billed * POST
        return page

    def _ask(self, path: str, endpoint: str) -> bytes:
        closed = f"stargazer:twitter:closed:{endpoint}"
        left = self._redis.pttl(closed)
        if isinstance(left, int) and left > 0:
            raise ThrottledError("no request is left until X opens again", left / 1000)
        answer = self._http.get(
            f"{self._settings.twitter_api_url}/2/{path}",
            headers={"Authorization": f"Bearer {self._settings.twitter_token.get_secret_value()}"},
            redirects=False,
        )
        pause = _read_reset(answer)
        if answer.headers.get("x-rate-limit-remaining") == "0" and pause is not None:
            self._redis.set(closed, 1, px=max(int(pause * 1000), 1))
        if not answer.is_success:
            raise _read_error(answer, pause)
        return answer.body


def _read_users(body: bytes) -> list[User]:
    try:
        return [User.model_validate(each) for each in _read_object(body).get("data") or ()]
    except (ValidationError, TypeError):
        raise PayloadError("not a list of users") from None


def _read_problems(body: bytes) -> dict[str, str]:
    """Give what X says of those whom it does not show."""
    errors = _read_object(body).get("errors")
    return {
        str(each.get("value", "")): str(each.get("detail") or each.get("title") or "")[:200]
        for each in (errors if isinstance(errors, list) else ())
        if isinstance(each, dict)
    }


def _read_error(answer: Response, pause: float | None) -> PlatformError:
    kind, title = _read_kind(answer.body)
    said = f"HTTP {answer.status} {title}".strip()
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(said)
    match answer.status:
        case HTTPStatus.TOO_MANY_REQUESTS if kind == "usage-capped":
            return QuotaError(f"{said}: X reads no more to us in this period", _CAP_PAUSE)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ThrottledError(said, _USUAL_PAUSE if pause is None else pause)
        case HTTPStatus.PAYMENT_REQUIRED:
            return QuotaError(f"{said}: the account at X has to be paid for", _PAYMENT_PAUSE)
        case HTTPStatus.UNAUTHORIZED:
            return CredentialsError(said, _CREDENTIALS_PAUSE)
        case HTTPStatus.FORBIDDEN if kind == "not-authorized-for-resource":
            return RefusedError(f"{said}: this account does not let us read it")
        case HTTPStatus.FORBIDDEN:
            return CredentialsError(said, _CREDENTIALS_PAUSE)
    return GoneError(said) if answer.status == HTTPStatus.NOT_FOUND else RefusedError(said)


def _read_kind(body: bytes) -> tuple[str, str]:
    try:
        problem = _read_object(body)
    except PayloadError:
        return "", ""
    return str(problem.get("type", "")).rpartition("/")[2], str(problem.get("title", ""))[:100]


def _read_reset(answer: Response) -> float | None:
    value = answer.headers.get("x-rate-limit-reset", "")
    if not value.isdecimal():
        return answer.retry_after
    # Their clock against ours: a wrong one must not make us wait for hours, or not at all.
    return min(max(float(value) - time.time(), 0.0), 16 * 60.0) + _LATER


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise PayloadError("not a JSON object of X's")
    return value
