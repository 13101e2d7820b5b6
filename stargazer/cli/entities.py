"""``stargazer entity``: whom to track."""

from datetime import UTC, datetime

import click

from stargazer.cli.database import open_context
from stargazer.models import Entity, Meta, Name
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
    "--youtube", multiple=True, metavar="CHANNEL_ID", help="A channel to watch, such as UC…"
)
def add(name: str, language: str, also: tuple[str, ...], youtube: tuple[str, ...]) -> None:
    """Add a VTuber called NAME, and watch the given channels from now on."""
    names = {language: name, **dict(_split(each) for each in also)}
    accounts = [_read_channel(channel_id) for channel_id in youtube]
    try:
        new = Entity(meta=Meta(name=Name(name=names, default_language=language)))
    except ValueError as exc:
        raise click.ClickException(f"the name is not right: {exc}") from exc
    with open_context() as context:
        context.redis.ping()
        context.store.entities.save(new)
        for account in accounts:
            watch_account(context, new, account, datetime.now(UTC))
    click.echo(f"added {name} as {new.id}, watching {len(accounts)} accounts")


def _split(text: str) -> tuple[str, str]:
    language, sign, name = text.partition("=")
    if not (language and sign and name):
        raise click.BadParameter(f"{text!r} is not LANGUAGE=NAME", param_hint="--also")
    return language, name


def _read_channel(channel_id: str) -> NewTask:
    try:
        return NewTask(kind="youtube", params={"channel_id": channel_id})
    except ValueError:
        raise click.BadParameter(
            f"{channel_id!r} is no channel id: UC and 22 letters or digits",
            param_hint="--youtube",
        ) from None
