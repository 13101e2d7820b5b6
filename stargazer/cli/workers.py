"""``stargazer workers``: who watches what."""

from datetime import UTC, datetime

import click

from stargazer.cli.database import open_context
from stargazer.cli.spans import write_span
from stargazer.coordinator.members import list_members
from stargazer.coordinator.report import Report, WorkerReport, read_report

_ROW = "{:<28} {:<8} {:<12} {:>6} {:>8} {:>8} {:>8}"


@click.group(invoke_without_command=True)
@click.pass_context
def workers(ctx: click.Context) -> None:
    """Show the workers, how many accounts each watches, and how late the latest is."""
    if ctx.invoked_subcommand is None:
        with open_context() as context:
            report = read_report(context.redis, context.store.drained.list_all())
        _show(report)


@workers.command("drain")
@click.argument("worker")
def drain(worker: str) -> None:
    """Give WORKER no more accounts to watch; its own go to the others."""
    with open_context() as context:
        known = [presence.member.node for presence in list_members(context.redis)]
        if worker not in known:
            there = ", ".join(known) or "there is none"
            raise click.ClickException(f"there is no worker {worker!r}, only: {there}")
        context.store.drained.add(worker)
    click.echo(f"{worker} is drained; what it has in hand is done within seconds")


@workers.command("undrain")
@click.argument("worker")
def undrain(worker: str) -> None:
    """Give WORKER its accounts back."""
    with open_context() as context:
        if not context.store.drained.remove(worker):
            raise click.ClickException(f"{worker!r} is not drained")
    click.echo(f"{worker} gets its accounts back")


def _show(report: Report) -> None:
    if report.workers:
        click.echo(_ROW.format("WORKER", "STATE", "KINDS", "WEIGHT", "WATCHES", "IN HAND", "SINCE"))
    else:
        click.echo("no worker has announced itself; is Stargazer running? see: stargazer check")
    for worker in report.workers:
        member = worker.member
        click.echo(
            _ROW.format(
                member.node,
                _name_state(worker),
                ",".join(sorted(member.kinds)),
                member.weight,
                sum(worker.tasks.values()),
                worker.in_hand,
                write_span((datetime.now(UTC) - member.started_at).total_seconds()),
            )
        )
    for kind in report.kinds:
        said = f"{kind.kind}: {kind.tasks} accounts, the latest {write_span(kind.overdue)} late"
        if kind.unassigned:
            said += ", and NOBODY watches them: start a worker with this queue"
        click.echo(said)


def _name_state(worker: WorkerReport) -> str:
    if not worker.is_there:
        return "gone"
    return "drained" if worker.is_drained else "there"
