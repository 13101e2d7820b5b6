"""``stargazer auth``: the accounts of bots, workers and operators."""

import click

from stargazer.accounts import new_account
from stargazer.cli.database import open_store
from stargazer.cli.redis_acl import redis_acl


@click.group()
def auth() -> None:
    """Manage the accounts that may call the API."""


@auth.command("add")
@click.argument("username")
@click.argument("permissions", nargs=-1, required=True, metavar="PERMISSION...")
@click.option(
    "--password",
    envvar="STARGAZER_NEW_PASSWORD",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Better left out: it is asked for, or read from STARGAZER_NEW_PASSWORD.",
)
def add(username: str, permissions: tuple[str, ...], password: str) -> None:
    """Add an account, or change its password and permissions.

    A PERMISSION is a component (api, admin, mq, coordinator), a colon, and ro or rw. A bot needs
    api:rw, an operator admin:rw and api:rw.
    """
    try:
        account = new_account(username, password, permissions)
    except ValueError as exc:
        raise click.ClickException(str(exc)) from exc
    with open_store() as store:
        existed = store.accounts.find(username) is not None
        store.accounts.save(account)
    click.echo(f"{'changed' if existed else 'added'} {username}")


@auth.command("list")
def list_accounts() -> None:
    """List the accounts with their permissions."""
    with open_store() as store:
        accounts = store.accounts.list_all()
    for account in accounts:
        granted = " ".join(f"{what}:{level}" for what, level in account.permissions.items())
        click.echo(f"{account.username:<20} {granted}")
    if not accounts:
        click.echo("no accounts; add one by: stargazer auth add NAME admin:rw api:rw", err=True)


@auth.command("remove")
@click.argument("username")
def remove(username: str) -> None:
    """Remove an account; it is refused from its next call on."""
    with open_store() as store:
        removed = store.accounts.delete(username)
    if not removed:
        raise click.ClickException(f"there is no account {username!r}")
    click.echo(f"removed {username}")


auth.add_command(redis_acl)
