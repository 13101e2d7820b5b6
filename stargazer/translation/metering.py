"""What each provider may be given in a month, and what is counted of its calls."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from stargazer import metrics
from stargazer.budgets import Budget
from stargazer.context import Context
from stargazer.errors import (
    CredentialsError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
    UnknownOutcomeError,
)
from stargazer.settings import Settings
from stargazer.store.meters import Meters

log = logging.getLogger(__name__)

LOW = 0.8
HOUR = 3600.0
# The first that fits counts.
_OUTCOMES: tuple[tuple[type[PlatformError], str], ...] = (
    (QuotaError, "quota"),
    (CredentialsError, "credentials"),
    (ThrottledError, "throttled"),
    (RefusedError, "refused"),
    (UnknownOutcomeError, "unknown"),
    (PlatformError, "failed"),
)


def list_usable(settings: Settings) -> list[str]:
    """Name the providers that have what they need, in the order in which they are asked."""
    has = {
        "deepl": bool(settings.deepl_key.get_secret_value()),
        "baidu": bool(settings.baidu_appid and settings.baidu_key.get_secret_value()),
    }
    return [name for name in dict.fromkeys(settings.translators) if has[name]]


def list_budgets(context: Context, now: datetime) -> list[Budget]:
    """Show how many characters each provider has had in this month."""
    limit, meters = context.settings.translation_budget, context.store.meters
    month, resets_at = _month(now), _next_month(now)
    return [
        Budget(f"{name}, of the month", "characters", meters.count(name, month), limit, resets_at)
        for name in list_usable(context.settings)
    ]


class Meter:
    """Counts characters against the budget of the month, in UTC.

    :param budget: characters of one provider in a month; 0 for no limit.
    """

    def __init__(self, meters: Meters, budget: int) -> None:
        self._meters = meters
        self._budget = budget

    @contextmanager
    def spend(self, provider: str, amount: int, now: datetime) -> Iterator[None]:
        """Count one call.

        What a call was to cost is given back when it certainly did nothing.

        :raises QuotaError: when the budget does not allow it, until the hour or month is over.
        """
        month = _month(now)
        spent = self._meters.spend(provider, month, amount, self._budget)
        if spent is None:
            if self._meters.claim_notice(provider, month, "is_spent"):
                log.warning("translation_budget_spent", extra=self._describe(provider, month))
            metrics.translations.labels(provider, "budget").inc()
            raise QuotaError(
                f"{provider} has had its characters of this month", _seconds_to_next_month(now)
            )
        is_low = self._budget and spent >= LOW * self._budget
        if is_low and self._meters.claim_notice(provider, month, "is_low"):
            log.warning("translation_budget_low", extra=self._describe(provider, month))
        try:
            yield
        except PlatformError as exc:
            if not isinstance(exc, UnknownOutcomeError):
                self._meters.correct(provider, month, -amount)
            outcome = next(name for kind, name in _OUTCOMES if isinstance(exc, kind))
            metrics.translations.labels(provider, outcome).inc()
            raise
        metrics.translations.labels(provider, "ok").inc()
        metrics.translated_characters.labels(provider).inc(amount)

    def _describe(self, provider: str, month: str) -> dict[str, object]:
        return {"provider": provider, "month": month, "budget": self._budget}


def _month(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m}"


def _next_month(now: datetime) -> datetime:
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def _seconds_to_next_month(now: datetime) -> float:
    # An operator may raise the budget meanwhile, so it is looked at again within the hour.
    return min(HOUR, (_next_month(now) - now).total_seconds())
