"""Who is not to be asked for a while, and why; in Redis, so that all workers know."""

import logging
from datetime import datetime, timedelta
from typing import cast

import redis

from stargazer.errors import (
    CredentialsError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
)
from stargazer.models.values import Model, Time
from stargazer.translation.jobs import Job, Provider

log = logging.getLogger(__name__)

#: After trouble that passes, the others are asked first for so long.
AFTER_TROUBLE = timedelta(seconds=10)
SHORTEST = timedelta(seconds=1)
#: An asked-for pause may be longer, but then it is asked again whether it still holds.
LONGEST = timedelta(hours=1)
#: That the quota was used up is remembered beyond the pause, because one looks before asking again.
_REMEMBERED = timedelta(days=1)


class Pause(Model):
    """One provider's pause.

    :ivar reason: ``quota``, ``credentials``, ``throttled`` or ``trouble``.
    """

    reason: str
    until: Time


class Pauses:
    """The pauses of all providers."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def find(self, provider: str) -> Pause | None:
        """Give a provider's pause, which may be over; None when there was none lately."""
        raw = self._redis.get(_key(provider))
        return None if raw is None else Pause.model_validate_json(raw)

    def check(self, provider: Provider, job: Job) -> None:
        """Let a provider be asked, or not.

        :raises PlatformError: while it is paused.
        """
        pause = self.find(provider.name)
        if pause is None:
            return
        left = (pause.until - job.now).total_seconds()
        if left > 0:
            raise ThrottledError(f"{provider.name} is paused: {pause.reason}", left)
        if pause.reason != "quota":
            return
        try:
            if not provider.has_quota(job):
                reason = f"{provider.name}: the quota is still used up"
                raise QuotaError(reason, LONGEST.total_seconds())
        except PlatformError as exc:
            self.note(provider.name, exc, job.now)
            raise
        self._redis.delete(_key(provider.name))

    def note(self, provider: str, error: PlatformError, now: datetime) -> None:
        """Pause a provider after what it answered; a refusal of one text is no reason for it."""
        match error:
            case RefusedError():
                return
            case QuotaError():
                reason, span = "quota", timedelta(seconds=error.retry_after)
            case CredentialsError():
                reason, span = "credentials", timedelta(seconds=error.retry_after)
            case ThrottledError():
                reason, span = "throttled", timedelta(seconds=error.retry_after)
            case _:
                reason, span = "trouble", AFTER_TROUBLE
        until = now + max(SHORTEST, min(span, LONGEST))
        if self._begin(provider, Pause(reason=reason, until=until), now):
            level = logging.ERROR if reason == "credentials" else logging.WARNING
            fields = {"provider": provider, "reason": reason, "error": error.reason}
            log.log(level, "translator_paused", extra=fields)

    def _begin(self, provider: str, pause: Pause, now: datetime) -> bool:
        """Write a pause down; whether it is the first to be told of this reason."""
        kept = pause.until - now + (_REMEMBERED if pause.reason == "quota" else timedelta())
        before = self._redis.set(_key(provider), pause.model_dump_json(), px=kept, get=True)
        if before is None:
            return True
        earlier = Pause.model_validate_json(cast("bytes", before))
        return earlier.until <= now or earlier.reason != pause.reason


def _key(provider: str) -> str:
    return f"stargazer:translator:{provider}"
