"""The database, for commands, and how they name a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import click
import pymongo.errors

from stargazer.context import OUTAGES, Context
from stargazer.settings import load_settings
from stargazer.store import Store


@contextmanager
def open_context(*, impatient: bool = True) -> Iterator[Context]:
    """Open the connections; an outage is said in one line.

    :param impatient: False: one request may read or write a lot.
    """
    context = Context(load_settings(), impatient=impatient)
    try:
        yield context
    except OUTAGES as exc:
        away = "the database" if isinstance(exc, pymongo.errors.PyMongoError) else "Redis"
        raise click.ClickException(
            f"{away} does not answer; is Stargazer running? see: stargazer check"
        ) from exc
    finally:
        context.close()


@contextmanager
def open_store() -> Iterator[Store]:
    """Open the database alone."""
    with open_context() as context:
        yield context.store


def get_place(url: str) -> str:
    """Give only host and port: the rest of a URL may hold a password."""
    parts = urlsplit(url)
    return f"{parts.hostname or '?'}:{parts.port or 'default port'}"
