"""Asking the Data API: with which key, for how much, and what its errors mean.

Source: https://developers.google.com/youtube/v3/docs/errors
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from stargazer.alarms import end_alarm, raise_alarm
from stargazer.budgets import Budget
from stargazer.context import Context
from stargazer.errors import (
    CredentialsError,
    GoneError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.http import Response
from stargazer.pausing import fail_platform, is_paused, see_platform
from stargazer.youtube.quota import Purpose, Quota, fingerprint, list_keys, until_reset

log = logging.getLogger(__name__)

KIND = "youtube"
QUOTA_ALARM = "youtube:quota"
#: A key that was refused is tried again so late, in seconds.
KEY_PAUSE = 3600.0
_SLOW_DOWN = 30.0
_DAY_IS_GONE = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded"}
_NOT_THERE = {"playlistNotFound", "channelNotFound", "videoNotFound"}
_WRONG_KEY = {"keyInvalid", "accessNotConfigured", "forbidden", "ipRefererBlocked"}
_WRONG_KEY_MESSAGE = "API key"


class YouTubeApi:
    """Asks with the keys that the operator has, one after the other.

    :param now: the moment of this look.
    """

    def __init__(self, context: Context, now: datetime) -> None:
        self._http = context.http
        self._url = context.settings.youtube_api_url
        self._store = context.store
        self._keys = list_keys(context.settings)
        self._quota = Quota(context.store, context.settings.youtube_quota)
        self._now = now

    @property
    def has_keys(self) -> bool:
        """Whether it can be asked at all."""
        return bool(self._keys)

    def ask(self, resource: str, params: Mapping[str, str], purpose: Purpose) -> bytes:
        """Ask once, which costs a unit whatever comes of it.

        :param resource: such as ``videos``.
        :returns: the body of the answer.
        :raises QuotaError: when no key has a unit left for this purpose, until the day is over.
        :raises CredentialsError: when there is no key, or YouTube takes none of them.
        :raises ThrottledError: when all are to wait for a moment.
        :raises TransientError: when the API has passing trouble.
        :raises GoneError: when there is no such thing.
        :raises RefusedError: when it does not take the question.
        """
        if not self._keys:
            raise CredentialsError("STARGAZER_YOUTUBE_API_KEY is not set", KEY_PAUSE)
        problem: ThrottledError | None = None
        for key in self._keys:
            try:
                body = self._ask_with(key, resource, params, purpose)
            except ThrottledError as exc:
                problem = exc
                continue
            self._recover(key, purpose)
            return body
        if problem is None:
            raise TypeError("without a problem a key has answered")
        if isinstance(problem, QuotaError) and purpose is not Purpose.FALLBACK:
            self._tell(purpose)
        raise problem

    def _ask_with(
        self, key: str, resource: str, params: Mapping[str, str], purpose: Purpose
    ) -> bytes:
        state = self._store.platforms.get(_get_kind(key))
        if is_paused(state, self._now) and state.paused_until:
            left = (state.paused_until - self._now).total_seconds()
            raise ThrottledError(state.last_error or "paused", left)
        if not self._quota.spend(key, purpose, self._now):
            raise QuotaError("no unit of today is left for this", self._get_rest())
        try:
            return self._ask(resource, params, key)
        except QuotaError:
            self._quota.exhaust(key, self._now)
            raise
        except ThrottledError as exc:
            self._put_aside(key, exc)
            raise

    def _recover(self, key: str, purpose: Purpose) -> None:
        """End what was wrong before, as the key has answered."""
        state = self._store.platforms.get(_get_kind(key))
        if state.failures:
            self._store.platforms.save(see_platform(state, self._now))
            end_alarm(self._store, _get_kind(key), self._now, kind=KIND)
        if purpose is not Purpose.FALLBACK and self._quota.may_spend(key, Purpose.NEW, self._now):
            end_alarm(self._store, QUOTA_ALARM, self._now, kind=KIND)

    def _ask(self, resource: str, params: Mapping[str, str], key: str) -> bytes:
        answer = self._http.get(
            f"{self._url}/v3/{resource}",
            params=dict(params),
            # In a header the key stays out of every log of URLs.
            headers={"X-Goog-Api-Key": key},
            redirects=False,
        )
        if answer.status != HTTPStatus.OK:
            raise read_error(answer, self._now)
        return answer.body

    def _put_aside(self, key: str, error: ThrottledError) -> None:
        kind = _get_kind(key)
        self._store.platforms.save(fail_platform(self._store.platforms.get(kind), error, self._now))
        if isinstance(error, CredentialsError):
            reason = f"YouTube does not take the key {fingerprint(key)}: {error.reason}"
            raise_alarm(self._store, kind, reason, self._now, kind=KIND)

    def _tell(self, purpose: Purpose) -> None:
        what = (
            "the units of today are used up: streams are told apart and followed no more"
            if purpose is Purpose.LIVE
            else "nine tenths of the units of today are used up: the rest is for live checks"
        )
        hours = self._get_rest() / 3600
        reason = f"{what}, until midnight in California, in {hours:.1f} hours"
        raise_alarm(self._store, QUOTA_ALARM, reason, self._now, kind=KIND)

    def _get_rest(self) -> float:
        return until_reset(self._now).total_seconds()


def list_budgets(context: Context, now: datetime) -> list[Budget]:
    """Show what each key has spent today."""
    quota = Quota(context.store, context.settings.youtube_quota)
    return [quota.describe(key, now) for key in list_keys(context.settings)]


def read_error(answer: Response, now: datetime) -> PlatformError:
    """Tell what an answer that is none means."""
    reason, message = _read_reason(answer.body)
    said = f"HTTP {answer.status} {reason}".strip()
    if reason in _DAY_IS_GONE:
        return QuotaError(said, until_reset(now).total_seconds())
    if reason in _TOO_FAST or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return ThrottledError(said, answer.retry_after or _SLOW_DOWN)
    if reason in _WRONG_KEY or _WRONG_KEY_MESSAGE in message:
        return CredentialsError(said, KEY_PAUSE)
    if reason in _NOT_THERE:
        return GoneError(said)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(said)
    return RefusedError(said)


def _get_kind(key: str) -> str:
    return f"{KIND}:key:{fingerprint(key)}"


def _read_reason(body: bytes) -> tuple[str, str]:
    try:
        error = json.loads(body)["error"]
        message = str(error.get("message", ""))
        reason = error["errors"][0]["reason"]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "", ""
    return str(reason)[:50], message
