"""``stargazer entity``: whom to track."""

from datetime import UTC, datetime

import click

from stargazer.cli.database import open_context
from stargazer.errors import CallError
from stargazer.models import Entity, Meta, Name
from stargazer.platforms.registry import PLATFORMS
from stargazer.watching import NewTask, watch_account


@click.group()
def entity() -> None:
    """Manage the VTubers that are tracked."""


@entity.command("add")
@click.argument("name")
@click.option("--language", default="en", show_default=True, help="The language of NAME.")
@click.option(
    "--also",
    multiple=True,
    metavar="LANGUAGE=NAME",
    help="The name in another language; may be repeated.",
)
@click.option(
    "--youtube",
    multiple=True,
    metavar="CHANNEL",
    help="A channel to watch: its id (UC…), its @handle, or its address; may be repeated.",
)
@click.option(
    "--account",
    multiple=True,
    metavar="ADDRESS",
    help=f"The address of an account to watch, on {', '.join(PLATFORMS)}; may be repeated.",
)
def add(
    name: str,
    language: str,
    also: tuple[str, ...],
    youtube: tuple[str, ...],
    account: tuple[str, ...],
) -> None:
    """Add a VTuber called NAME, and watch the given accounts from now on."""
    names = {language: name, **dict(_split(each) for each in also)}
    wishes = [NewTask(kind="youtube", params={"channel_id": each}) for each in youtube]
    wishes += [NewTask(address=each) for each in account if each]
    try:
        new = Entity(meta=Meta(name=Name(name=names, default_language=language)))
    except ValueError as exc:
        raise click.ClickException(f"the name is not right: {exc}") from exc
    with open_context() as context:
        context.redis.ping()
        try:
            accounts = [wish.resolve(context) for wish in wishes]
        except CallError as exc:
            raise click.ClickException(str(exc)) from None
        context.store.entities.save(new)
        for found in accounts:
            watch_account(context, new, found, datetime.now(UTC))
    click.echo(f"added {name} as {new.id}, watching {len(accounts)} accounts")


def _split(text: str) -> tuple[str, str]:
    language, sign, name = text.partition("=")
    if not (language and sign and name):
        raise click.BadParameter(f"{text!r} is not LANGUAGE=NAME", param_hint="--also")
    return language, name
