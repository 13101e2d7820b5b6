"""``stargazer dead``: what could not go on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import click

from stargazer import intake
from stargazer.cli.database import open_store
from stargazer.models import DeadLetter
from stargazer.store import Store

_SHOWN = 100


@click.group()
def dead() -> None:
    """Look after events that could not go on, and send them again."""


@dead.command("list")
def list_letters() -> None:
    """List the dead letters, newest first, with the reason of each."""
    with open_store() as store:
        letters = sorted(
            store.dead_letters.list_all(), key=lambda letter: letter.created_at, reverse=True
        )
    for letter in letters[:_SHOWN]:
        at = letter.created_at.strftime("%Y-%m-%d %H:%M")
        click.echo(f"{letter.id}  {at}  {letter.by:<20} {letter.reason}")
    if len(letters) > _SHOWN:
        click.echo(f"and {len(letters) - _SHOWN} older ones")
    if not letters:
        click.echo("no dead letters")


@dead.command("show")
@click.argument("letter", type=click.UUID)
def show(letter: UUID) -> None:
    """Show the dead letter with this id, and the whole way of its event."""
    with _open_letter(letter) as (store, found):
        event = store.events.find(found.event) if found.event else None
    click.echo(f"{found.by}: {found.reason}")
    if found.body is not None:
        click.echo(found.body)
    if event is not None:
        click.echo(json.dumps(event.model_dump(mode="json"), indent=2, ensure_ascii=False))


@dead.command("retry")
@click.argument("letter", type=click.UUID)
def retry(letter: UUID) -> None:
    """Let the event go on from where it was, for instance when what it lacked is there now."""
    with _open_letter(letter) as (store, found):
        went = intake.retry(store, found, datetime.now(UTC))
    if not went:
        raise click.ClickException("it still cannot go on; see: stargazer dead list")
    click.echo("it goes on within seconds")


@dead.command("drop")
@click.argument("letter", type=click.UUID)
def drop(letter: UUID) -> None:
    """Forget the dead letter with this id; its event stays where it is."""
    with _open_letter(letter) as (store, found):
        store.dead_letters.delete(found.id)
    click.echo("dropped")


@contextmanager
def _open_letter(key: UUID) -> Iterator[tuple[Store, DeadLetter]]:
    with open_store() as store:
        found = store.dead_letters.find(key)
        if found is None:
            raise click.ClickException(f"there is no dead letter {key}")
        yield store, found
