"""``stargazer entity``: whom to track."""

import re
from datetime import UTC, datetime

import click
import redis

from stargazer import coordinator
from stargazer.cli.database import open_context
from stargazer.models import Entity, Meta, Name, Task

CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")


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
    for channel_id in youtube:
        _check_channel(channel_id)
    try:
        new = Entity(meta=Meta(name=Name(name=names, default_language=language)))
    except ValueError as exc:
        raise click.ClickException(f"the name is not right: {exc}") from exc
    tasks = [
        Task(entity=new.id, kind="youtube", params={"channel_id": channel_id})
        for channel_id in youtube
    ]
    new = new.model_copy(update={"tasks": tuple(task.id for task in tasks)})
    with open_context() as context:
        context.store.entities.save(new)
        for task in tasks:
            context.store.tasks.save(task)
        try:
            for task in tasks:
                coordinator.schedule_now(context.redis, task.kind, task.id, datetime.now(UTC))
        except redis.RedisError:
            click.echo("Redis does not answer: watching begins when it does", err=True)
    click.echo(f"added {name} as {new.id}, watching {len(tasks)} accounts")


def _split(text: str) -> tuple[str, str]:
    language, sign, name = text.partition("=")
    if not (language and sign and name):
        raise click.BadParameter(f"{text!r} is not LANGUAGE=NAME", param_hint="--also")
    return language, name


def _check_channel(channel_id: str) -> None:
    if not CHANNEL_ID.fullmatch(channel_id):
        raise click.BadParameter(
            f"{channel_id!r} is no channel id: UC and 22 letters", param_hint="--youtube"
        )
