"""What reading X may cost in a day and in a month.

X has no free reading: each post and each user that an answer holds is paid for. Before a request
the most that it can cost is taken from both budgets, and what it did not cost is given back.

Source: https://docs.x.com/x-api/getting-started/pricing
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from stargazer.budgets import Budget
from stargazer.context import Context
from stargazer.errors import QuotaError

#: Thousandths of a US dollar.
POST, USER = 5, 10
_DAY, _MONTH = "twitter:day", "twitter:month"


class Receipt:
    """What a request turned out to cost; all that was taken, as long as nobody says less."""

    def __init__(self, taken: int) -> None:
        self.taken = taken
        self.cost = taken


class Spending:
    """The budgets, for all processes together.

    :param now: the moment of this look.
    """

    def __init__(self, context: Context, now: datetime) -> None:
        self._meters = context.store.meters
        self._day_limit = round(context.settings.twitter_daily_dollars * 1000)
        self._month_limit = round(context.settings.twitter_monthly_dollars * 1000)
        self._now = now.astimezone(UTC)

    @contextmanager
    def spend(self, most: int) -> Iterator[Receipt]:
        """Take what a request costs at most, and give back what it does not.

        :raises QuotaError: when so much is not left, until the day or the month is over.
        """
        if self._meters.spend(_DAY, self._day, most, self._day_limit) is None:
            raise QuotaError("the day's budget is spent", _seconds(self._now, _next_day(self._now)))
        if self._meters.spend(_MONTH, self._month, most, self._month_limit) is None:
            self._meters.correct(_DAY, self._day, -most)
            rest = _seconds(self._now, _next_month(self._now))
            raise QuotaError("the month's budget is spent", rest)
        receipt = Receipt(most)
        try:
            yield receipt
        except BaseException:
            # Who gets no answer, or an error, has not read anything.
            receipt.cost = 0
            raise
        finally:
            if back := receipt.taken - receipt.cost:
                self._meters.correct(_DAY, self._day, -back)
                self._meters.correct(_MONTH, self._month, -back)

    def afford(self, price: int, least: int, most: int) -> int:
        """Tell how many of something can be paid for, between these; ``least`` if too few can."""
        left = [
            limit - self._meters.count(meter, period)
            for meter, period, limit in (
                (_DAY, self._day, self._day_limit),
                (_MONTH, self._month, self._month_limit),
            )
            if limit
        ]
        return max(least, min(most, *(each // price for each in left)) if left else most)

    def list_budgets(self) -> list[Budget]:
        """Show what is spent."""
        return [
            Budget(name, "mills", self._meters.count(meter, period), limit, resets_at)
            for name, meter, period, limit, resets_at in (
                ("X, of the day", _DAY, self._day, self._day_limit, _next_day(self._now)),
                ("X, of the month", _MONTH, self._month, self._month_limit, _next_month(self._now)),
            )
        ]

    @property
    def _day(self) -> str:
        return f"{self._now:%Y-%m-%d}"

    @property
    def _month(self) -> str:
        return f"{self._now:%Y-%m}"


def list_budgets(context: Context, now: datetime) -> list[Budget]:
    """Show what is spent, in thousandths of a US dollar."""
    return Spending(context, now).list_budgets()


def _next_day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _next_month(now: datetime) -> datetime:
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def _seconds(now: datetime, at: datetime) -> float:
    return (at - now).total_seconds()
