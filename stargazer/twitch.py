"""Twitch's API: users, streams, and subscriptions to its pushes, a hundred at a time.

Source: https://dev.twitch.tv/docs/api/reference
"""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from stargazer.errors import (
    CredentialsError,
    PayloadError,
    PlatformError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.http import HttpClient, Response
from stargazer.models import Time
from stargazer.settings import Settings

#: The most ids, or logins, that one request may name.
BATCH = 100
#: Where Twitch pushes to, below our public address.
CALLBACK = "/push/twitch"
#: How often our subscriptions are compared with what is watched.
SUBSCRIBE_SPAN = timedelta(minutes=2)
_HOUR = 3600.0
#: An operator who has put the app right does not wait for longer.
_CREDENTIALS_PAUSE = 600.0
_USUAL_PAUSE = 30.0
#: A token is not used to its last second.
_MARGIN = 60.0
_MOST_PAGES = 200

T = TypeVar("T", bound=BaseModel)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TwitchUser(_Answer):
    """An account.

    :ivar id: which stays, while the ``login`` may be changed by its owner.
    """

    id: str
    login: str
    display_name: str = ""


class TwitchStream(_Answer):
    """A stream that is on.

    :ivar type: ``live``, or empty when something is wrong with it.
    """

    id: str
    user_id: str
    user_login: str
    user_name: str = ""
    game_name: str = ""
    type: str = ""
    title: str = ""
    started_at: Time
    thumbnail_url: str = ""
    language: str = ""


class TwitchChannel(_Answer):
    """What a channel says of itself, whether a stream is on or not."""

    broadcaster_id: str
    broadcaster_login: str = ""
    title: str = ""
    game_name: str = ""
    broadcaster_language: str = ""


class _Condition(_Answer):
    broadcaster_user_id: str = ""


class _Transport(_Answer):
    callback: str = ""


class TwitchSubscription(_Answer):
    """A subscription to pushes of one type about one account."""

    id: str
    type: str
    status: str = ""
    condition: _Condition = _Condition()
    transport: _Transport = _Transport()
    created_at: Time | None = None


class _Token(_Answer):
    access_token: str
    expires_in: float = _HOUR


_tokens: dict[tuple[str, str], tuple[str, float]] = {}
_tokens_lock = threading.Lock()


def find_missing(settings: Settings) -> str | None:
    """Name the settings without which Twitch cannot be asked; None: it can."""
    if settings.twitch_client_id and settings.twitch_client_secret.get_secret_value():
        return None
    return "STARGAZER_TWITCH_CLIENT_ID and STARGAZER_TWITCH_CLIENT_SECRET are not set"


def get_push_secret(settings: Settings) -> str:
    """Give what Twitch signs its pushes with: it follows from the app's own secret."""
    key = settings.twitch_client_secret.get_secret_value().encode()
    return hmac.new(key, b"stargazer eventsub", hashlib.sha256).hexdigest()


class Twitch:
    """Asks Twitch, as the app that the operator registered there.

    Every method raises a :class:`~stargazer.errors.PlatformError` of the class that says how to
    react, or a :class:`~stargazer.errors.PayloadError` for an answer that is none.
    """

    def __init__(self, http: HttpClient, settings: Settings) -> None:
        self._http = http
        self._settings = settings

    def list_users(
        self, *, ids: Sequence[str] = (), logins: Sequence[str] = ()
    ) -> list[TwitchUser]:
        """Give the accounts of these ids and logins that there are."""
        names = [("id", each) for each in ids] + [("login", each) for each in logins]
        return list(self._list("users", TwitchUser, names))

    def list_streams(self, user_ids: Sequence[str]) -> list[TwitchStream]:
        """Give the streams of these accounts that are on."""
        names = [("user_id", each) for each in user_ids]
        return list(self._list("streams", TwitchStream, names, ("first", str(BATCH))))

    def list_channels(self, user_ids: Sequence[str]) -> list[TwitchChannel]:
        """Give what the channels of these accounts say of themselves."""
        names = [("broadcaster_id", each) for each in user_ids]
        return list(self._list("channels", TwitchChannel, names))

    def list_subscriptions(self) -> Iterator[TwitchSubscription]:
        """Give all our subscriptions to pushes, whatever became of them."""
        after: str | None = None
        for _ in range(_MOST_PAGES):
            query = f"?{urlencode({'after': after})}" if after else ""
            body = self._ask(partial(self._get, f"eventsub/subscriptions{query}"))
            yield from _read_all(TwitchSubscription, body)
            after = (body.get("pagination") or {}).get("cursor")
            if not after:
                return
        raise PayloadError("Twitch's list of subscriptions has no end")

    def subscribe(self, kind: str, user_id: str, callback: str) -> None:
        """Ask for pushes of one type about one account, which Twitch then verifies."""
        wish = {
            "type": kind,
            "version": "1",
            "condition": {"broadcaster_user_id": user_id},
            "transport": {
                "method": "webhook",
                "callback": callback,
                "secret": get_push_secret(self._settings),
            },
        }
        url = f"{self._settings.twitch_api_url}/helix/eventsub/subscriptions"
        try:
            self._ask(lambda h: self._http.post(url, json=wish, headers=h, repeatable=True))
        except _ExistsError:
            return

    def unsubscribe(self, subscription_id: str) -> None:
        """Give up a subscription; one that is gone already is none."""
        query = urlencode({"id": subscription_id})
        url = f"{self._settings.twitch_api_url}/helix/eventsub/subscriptions?{query}"
        self._ask(lambda h: self._http.delete(url, headers=h), gone_is_fine=True)

    def _list(
        self, path: str, model: type[T], names: Sequence[tuple[str, str]], *more: tuple[str, str]
    ) -> Iterator[T]:
        for start in range(0, len(names), BATCH):
            query = urlencode([*names[start : start + BATCH], *more])
            body = self._ask(partial(self._get, f"{path}?{query}"))
            yield from _read_all(model, body)

    def _get(self, path: str, headers: dict[str, str]) -> Response:
        url = f"{self._settings.twitch_api_url}/helix/{path}"
        return self._http.get(url, headers=headers, redirects=False)

    def _ask(
        self, ask: Callable[[dict[str, str]], Response], *, gone_is_fine: bool = False
    ) -> dict[str, Any]:
        missing = find_missing(self._settings)
        if missing:
            raise CredentialsError(missing, _CREDENTIALS_PAUSE)
        answer = ask(self._make_headers())
        if answer.status == HTTPStatus.UNAUTHORIZED:
            # A token may be taken back before its time.
            _tokens.pop(self._key, None)
            answer = ask(self._make_headers())
        if gone_is_fine and answer.status == HTTPStatus.NOT_FOUND:
            return {}
        if not answer.is_success:
            _raise_error(answer)
        return _read_object(answer) if answer.body else {}

    @property
    def _key(self) -> tuple[str, str]:
        return self._settings.twitch_auth_url, self._settings.twitch_client_id

    def _make_headers(self) -> dict[str, str]:
        with _tokens_lock:
            token, until = _tokens.get(self._key, ("", 0.0))
            if time.monotonic() >= until:
                fresh = self._fetch_token()
                token = fresh.access_token
                until = time.monotonic() + max(fresh.expires_in - _MARGIN, 0)
                _tokens[self._key] = token, until
        return {"Authorization": f"Bearer {token}", "Client-Id": self._settings.twitch_client_id}

    def _fetch_token(self) -> _Token:
        answer = self._http.post(
            f"{self._settings.twitch_auth_url}/oauth2/token",
            form={
                "client_id": self._settings.twitch_client_id,
                "client_secret": self._settings.twitch_client_secret.get_secret_value(),
                "grant_type": "client_credentials",
            },
            repeatable=True,
        )
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN):
            raise CredentialsError(
                "Twitch does not know this client id and secret", _CREDENTIALS_PAUSE
            )
        if not answer.is_success:
            _raise_error(answer)
        try:
            return _Token.model_validate(_read_object(answer))
        except ValidationError:
            raise PayloadError("Twitch's answer holds no token") from None


class _ExistsError(RefusedError):
    """There is such a subscription already."""


def _raise_error(answer: Response) -> NoReturn:
    said = f"HTTP {answer.status}"
    match answer.status:
        case HTTPStatus.UNAUTHORIZED:
            raise CredentialsError(said, _CREDENTIALS_PAUSE)
        case HTTPStatus.TOO_MANY_REQUESTS:
            raise ThrottledError(said, _read_pause(answer))
        case HTTPStatus.CONFLICT:
            raise _ExistsError(said)
        case HTTPStatus.BAD_REQUEST | HTTPStatus.FORBIDDEN:
            raise RefusedError(f"{said} {_read_message(answer)}".strip())
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TransientError(said)
    raise PlatformError(said)


def _read_pause(answer: Response) -> float:
    reset = answer.headers.get("Ratelimit-Reset", "")
    if not reset.isdecimal():
        return answer.retry_after or _USUAL_PAUSE
    # Their clock against ours: a wrong one must not make us wait for hours, or not at all.
    return min(max(float(reset) - time.time(), 1.0), 2 * 60.0)


def _read_message(answer: Response) -> str:
    try:
        return str(_read_object(answer).get("message", ""))[:200]
    except PayloadError:
        return ""


def _read_object(answer: Response) -> dict[str, Any]:
    try:
        return _Body.model_validate_json(answer.body).model_dump()
    except ValidationError:
        raise PayloadError("not a JSON object of Twitch's") from None


def _read_all(model: type[T], body: dict[str, Any]) -> list[T]:
    items = body.get("data")
    if not isinstance(items, list):
        raise PayloadError("Twitch's answer holds no data")
    try:
        return [model.model_validate(item) for item in items]
    except ValidationError as exc:
        raise PayloadError(f"Twitch's answer is another one: {exc.error_count()} errors") from None


class _Body(BaseModel):
    model_config = ConfigDict(extra="allow")
