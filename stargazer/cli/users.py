"""``stargazer users``: the chats that subscribe, and those that cannot be reached."""

from datetime import UTC, datetime
from uuid import UUID

import click

from stargazer import chats
from stargazer.cli.database import open_store
from stargazer.models import User

_ROW = "{}  {:<9} {:<24} {}"


@click.group()
def users() -> None:
    """Look after the chats that subscribe."""


@users.command("list")
@click.option("--paused", is_flag=True, help="Only those that are paused.")
@click.option("--im", help="Only those on this chat app.")
def list_users(*, paused: bool, im: str | None) -> None:
    """List the chats, and why nothing is sent to those that are paused."""
    count = 0
    with open_store() as store:
        for user in store.users.list_all():
            if (user.paused is None and paused) or im not in (None, user.im):
                continue
            count += 1
            click.echo(_ROW.format(user.id, user.im, user.name or user.im_payload, _say(user)))
    if not count:
        click.echo("no users")


@users.command("pause")
@click.argument("user", type=click.UUID)
@click.option("--reason", default="paused by an operator", show_default=True)
def pause(user: UUID, reason: str) -> None:
    """Send nothing to USER until it is resumed; what comes meanwhile is dropped."""
    with open_store() as store:
        if store.users.find(user) is None:
            raise click.ClickException(f"there is no user {user}")
        if not store.users.pause(user, reason, datetime.now(UTC)):
            raise click.ClickException("it is paused already")
    click.echo("paused")


@users.command("resume")
@click.argument("user", type=click.UUID)
def resume(user: UUID) -> None:
    """Send to USER again, and tell it how many messages it missed."""
    with open_store() as store:
        found = store.users.find(user)
        if found is None:
            raise click.ClickException(f"there is no user {user}")
        missed = chats.resume(store, found, datetime.now(UTC))
    if missed is None:
        raise click.ClickException("it is not paused")
    click.echo(f"resumed; it missed {missed} messages" + (", and is told so" if missed else ""))


def _say(user: User) -> str:
    if user.paused is None:
        return ""
    since = f" since {user.paused_at:%Y-%m-%d %H:%M}" if user.paused_at else ""
    return f"paused{since}: {user.paused}"
