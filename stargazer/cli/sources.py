"""``stargazer sources``: how it goes with the platforms."""

from datetime import UTC, datetime

import click

from stargazer.budgets import Budget
from stargazer.cli.database import open_context
from stargazer.cli.spans import write_span
from stargazer.context import Context
from stargazer.platforms.registry import PLATFORMS
from stargazer.platforms.report import PlatformReport, report_platforms

_ROW = "{:<9} {:>8} {:>7} {:>7} {:>5} {:>7} {:>9} {:>10}"
_MOST = 200


@click.command()
@click.argument("kind", required=False, type=click.Choice(list(PLATFORMS)))
def sources(kind: str | None) -> None:
    """Show how it goes with each platform, or with the accounts of one KIND that fail."""
    now = datetime.now(UTC)
    with open_context() as context:
        reports = report_platforms(context, now)
        if kind is not None:
            _show_platform(next(each for each in reports if each.kind == kind), now)
            _show_failing(context, kind, now)
            return
    click.echo(
        _ROW.format(
            "PLATFORM", "ACCOUNTS", "PAUSED", "FAILING", "GONE", "WORKERS", "LATE", "LAST READ"
        )
    )
    for report in reports:
        click.echo(
            _ROW.format(
                report.kind,
                report.accounts,
                report.paused,
                report.failing,
                report.gone,
                report.workers,
                write_span(report.overdue),
                _write_ago(report.state.succeeded_at, now),
            )
        )
    for report in reports:
        for line in _explain(report, now):
            click.echo(f"{report.kind}: {line}")


def _show_platform(report: PlatformReport, now: datetime) -> None:
    said = f"{report.kind}: {report.accounts} accounts, {report.failing} failing"
    click.echo(f"{said}, {report.gone} gone, {report.paused} paused by an operator")
    for line in _explain(report, now):
        click.echo(line)


def _show_failing(context: Context, kind: str, now: datetime) -> None:
    failing = [
        task
        for task in context.store.tasks.list_all()
        if task.kind == kind and task.watch.failures and not task.paused
    ]
    failing.sort(key=lambda task: task.watch.failures, reverse=True)
    for task in failing[:_MOST]:
        watch = task.watch
        account = " ".join(task.params.values())
        again = write_span((watch.paused_until - now).total_seconds()) if watch.paused_until else ""
        said = f"{account}: failed {watch.failures} times, {_write_ago(watch.failed_at, now)}"
        click.echo(f"  {said}: {watch.last_error}; again in {again or 'a moment'}")
    if len(failing) > _MOST:
        click.echo(f"  … and {len(failing) - _MOST} more")


def _explain(report: PlatformReport, now: datetime) -> list[str]:
    """Say what is not as it should be, and what is used up, in sentences."""
    lines = []
    state = report.state
    if report.accounts and report.missing:
        lines.append(f"NOT WATCHED: {report.missing}")
    elif report.accounts and not report.workers:
        lines.append("NOBODY watches it: start a worker with this queue")
    if report.is_paused and state.paused_until and state.paused_since:
        since, left = now - state.paused_since, state.paused_until - now
        said = f"left alone since {write_span(since.total_seconds())}"
        said += f", for another {write_span(left.total_seconds())}"
        lines.append(f"{said}: {state.last_error}")
    elif state.failures:
        lines.append(f"failed {state.failures} times in a row: {state.last_error}")
    for alarm in report.alarms:
        lasts = write_span((now - alarm.raised_at).total_seconds())
        lines.append(f"ALARM for {lasts}: {alarm.reason}")
    lines += [_write_budget(budget, now) for budget in report.budgets]
    if report.pushes:
        if report.pushes.problem and report.accounts:
            lines.append(report.pushes.problem)
        leases = ", ".join(
            f"{count} {state}" for state, count in sorted(report.pushes.leases.items())
        )
        if leases:
            lines.append(f"subscriptions at hubs: {leases}")
    return lines


def _write_budget(budget: Budget, now: datetime) -> str:
    spent, limit, unit = f"{budget.spent:,}", f"{budget.limit:,}", budget.unit
    if unit == "mills":
        spent, limit, unit = f"{budget.spent / 1000:.2f}", f"{budget.limit / 1000:.2f}", "dollars"
    of = f" of {limit}" if budget.limit else ""
    left = write_span((budget.resets_at - now).total_seconds())
    return f"{budget.name}: {spent}{of} {unit} spent, anew in {left}"


def _write_ago(at: datetime | None, now: datetime) -> str:
    return "never" if at is None else f"{write_span((now - at).total_seconds())} ago"
