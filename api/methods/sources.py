"""How it goes with the platforms."""

from datetime import datetime

from api.auth import needs
from api.paging import Page, Paged, take_page
from api.rpc import Call, NoParams, Result, method
from stargazer.budgets import Budget
from stargazer.models import Alarm
from stargazer.platforms.report import PlatformReport, report_platforms
from stargazer.troubles import find_remedy


class AlarmResult(Result):
    """Trouble that lasts, or lasted.

    :ivar key: what it is about; the same trouble has the same key.
    :ivar kind: the platform or chat app; null: the whole system.
    :ivar reason: what is wrong, and what ends it.
    :ivar todo: what an operator does about it.
    :ivar raised_at: since when.
    :ivar ended_at: until when; null while it lasts.
    """

    key: str
    kind: str | None
    reason: str
    todo: str
    raised_at: datetime
    ended_at: datetime | None


class BudgetResult(Result):
    """What may be used of something in a period.

    :ivar name: whose and of what.
    :ivar unit: in which it is counted; ``mills`` are thousandths of a US dollar.
    :ivar spent: how much is used up.
    :ivar limit: how much there is; 0: no limit.
    :ivar resets_at: when the next period begins.
    """

    name: str
    unit: str
    spent: int
    limit: int
    resets_at: datetime


class SourceResult(Result):
    """A platform.

    :ivar kind: its name, as in Tasks.
    :ivar missing: what has to be set before it is watched; null: nothing.
    :ivar accounts: how many are to be watched.
    :ivar paused: how many an operator wants not to be looked at.
    :ivar failing: how many could not be read at their last look.
    :ivar gone: how many the platform says are not there any more.
    :ivar workers: how many are there that watch it.
    :ivar overdue: how late the latest account is, in seconds.
    :ivar succeeded_at: when the platform last answered as it should.
    :ivar failures: how often in a row it did not.
    :ivar failed_at: when that was last.
    :ivar last_error: the reason of the last time, also when it is over.
    :ivar paused_since: since when it has to be left alone; null: it has not.
    :ivar paused_until: when it is asked again after that.
    :ivar leases: the subscriptions at its hubs, by state; null where there are no hubs.
    :ivar push_problem: why nothing is pushed, and what that costs; null: there is no reason.
    :ivar budgets: what may be used of it.
    :ivar alarms: those that last.
    """

    kind: str
    missing: str | None
    accounts: int
    paused: int
    failing: int
    gone: int
    workers: int
    overdue: float
    succeeded_at: datetime | None
    failures: int
    failed_at: datetime | None
    last_error: str | None
    paused_since: datetime | None
    paused_until: datetime | None
    leases: dict[str, int] | None
    push_problem: str | None
    budgets: tuple[BudgetResult, ...]
    alarms: tuple[AlarmResult, ...]


class SourcesResult(Result):
    """The platforms.

    :ivar sources: all there are, also those that nobody watches.
    """

    sources: tuple[SourceResult, ...]


class AlarmsResult(Paged):
    """Alarms, in the order of their keys.

    :ivar alarms: those of this page.
    """

    alarms: tuple[AlarmResult, ...]


@method("getSources", needs("admin:ro"))
def get_sources(call: Call, params: NoParams) -> SourcesResult:  # noqa: ARG001 - there are none
    """Tell how it goes with each platform: accounts, delay, errors, pauses, budgets, alarms."""
    reports = report_platforms(call.state.context, call.now)
    return SourcesResult(sources=tuple(map(show_source, reports)))


@method("getAlarms", needs("admin:ro"))
def get_alarms(call: Call, params: Page) -> AlarmsResult:
    """List the alarms: what lasts, and of what is over the last time."""
    alarms = call.store.alarms.list_all()
    page, cursor = take_page(alarms, lambda alarm: alarm.key, params)
    return AlarmsResult(alarms=tuple(map(_show_alarm, page)), next_cursor=cursor)


def show_source(report: PlatformReport) -> SourceResult:
    """Show a platform."""
    state, pushes = report.state, report.pushes
    return SourceResult(
        kind=report.kind,
        missing=report.missing,
        accounts=report.accounts,
        paused=report.paused,
        failing=report.failing,
        gone=report.gone,
        workers=report.workers,
        overdue=report.overdue,
        succeeded_at=state.succeeded_at,
        failures=state.failures,
        failed_at=state.failed_at,
        last_error=state.last_error,
        paused_since=state.paused_since if report.is_paused else None,
        paused_until=state.paused_until if report.is_paused else None,
        leases=pushes.leases if pushes else None,
        push_problem=pushes.problem if pushes else None,
        budgets=tuple(map(show_budget, report.budgets)),
        alarms=tuple(map(_show_alarm, report.alarms)),
    )


def show_budget(budget: Budget) -> BudgetResult:
    """Show what may be used of something."""
    return BudgetResult(**budget._asdict())


def _show_alarm(alarm: Alarm) -> AlarmResult:
    return AlarmResult(**alarm.model_dump(), todo=find_remedy(alarm))
