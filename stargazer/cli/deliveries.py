"""``stargazer deliveries``: what was sent to whom, and why something was not."""

from datetime import UTC, datetime
from uuid import UUID

import click

from stargazer.cli.database import open_store
from stargazer.errors import CallError
from stargazer.models import Delivery, DeliveryState
from stargazer.resending import resend as send_again
from stargazer.situations import explain_delivery
from stargazer.store.delivery_pages import Query

_ROW = "{:<16} {:<8} {:<9} {:<13} {}  {}  {}"
_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


@click.group()
def deliveries() -> None:
    """Look at what was sent to whom, and find out why something was not."""


@deliveries.command("list")
@click.option("--user", type=click.UUID, help="Only those to this user.")
@click.option("--event", type=click.UUID, help="Only those of this event.")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]))
@click.option("--im", help="Only those on this chat app.")
@click.option("--since", type=click.DateTime(_TIMES), help="Only those since this time, UTC.")
@click.option("--limit", default=50, show_default=True, help="How many at most.")
def list_deliveries(
    user: UUID | None,
    event: UUID | None,
    state: str | None,
    im: str | None,
    since: datetime | None,
    limit: int,
) -> None:
    """List deliveries, newest first: when, where, what became of them, event, user and reason."""
    query = Query(
        event=event,
        user=user,
        state=DeliveryState(state) if state else None,
        im=im,
        since=since.replace(tzinfo=UTC) if since else None,
    )
    with open_store() as store:
        found, end = store.deliveries.list_page(query, None, limit)
    for delivery in found:
        click.echo(_write(delivery))
    if end is not None:
        click.echo("and older ones; see: --limit, --user, --event, --state")
    if not found:
        click.echo("no deliveries")


@deliveries.command("explain")
@click.argument("event", type=click.UUID)
@click.argument("user", type=click.UUID)
@click.option("--language", default="en", show_default=True, help="en, ja or zh.")
def explain(event: UUID, user: UUID, language: str) -> None:
    """Say what became of EVENT for USER, or will."""
    with open_store() as store:
        click.echo(explain_delivery(store, event, user, language))


@deliveries.command("resend")
@click.argument("event", type=click.UUID)
@click.argument("user", type=click.UUID)
@click.option("--force", is_flag=True, help="Also if it was sent, or is pending.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def resend(event: UUID, user: UUID, *, force: bool, yes: bool) -> None:
    """Send EVENT to USER once more."""
    with open_store() as store:
        if not yes:
            click.echo(explain_delivery(store, event, user, "en"))
            click.confirm("Send it once more?", abort=True)
        try:
            send_again(store, event, user, "the command line", datetime.now(UTC), force=force)
        except CallError as exc:
            raise click.ClickException(str(exc)) from exc
    click.echo("it is sent again soon")


def _write(delivery: Delivery) -> str:
    return _ROW.format(
        delivery.created_at.strftime("%Y-%m-%d %H:%M"),
        delivery.im,
        delivery.state.value,
        delivery.code.value if delivery.code else "-",
        delivery.event,
        delivery.user,
        delivery.reason or "",
    ).rstrip()
