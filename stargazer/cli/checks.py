"""Commands that look whether all is well: ``check`` and ``indexes``."""

import sys
from collections.abc import Callable

import click
import pymongo.errors
import redis
from amqp.exceptions import AccessRefused, AMQPError, NotAllowed
from kombu.connection import Connection

from stargazer.cli.database import get_place
from stargazer.context import OUTAGES, Context
from stargazer.errors import ConfigurationError, PlatformError
from stargazer.onebot import OneBot
from stargazer.rendering.checking import check_templates, list_templates
from stargazer.settings import Settings, load_settings
from stargazer.telegram.listening import find_problem
from stargazer.translation.glossary import read_glossary

_NO_PUBLIC_URL = "STARGAZER_PUBLIC_URL is empty: no push, news come when a feed is read"
_NO_KEY = "STARGAZER_YOUTUBE_API_KEY is empty: streams are announced as videos"
_NO_TOKEN = "STARGAZER_TELEGRAM_TOKEN is empty: only the web inbox gets messages"  # noqa: S105
#: Wrong credentials, and an account that may not use the virtual host.
_REFUSALS = (AccessRefused, NotAllowed)


@click.command()
def check() -> None:
    """Say what is wrong with settings, broker, database, glossary and templates, in one line each.

    Exits with 1 when something must be mended; what is merely missing is said.
    """
    settings = load_settings()
    context = Context(settings, impatient=True)
    problems = [
        problem
        for problem in (
            _try("database", settings.mongo_url, context.store.ping),
            _try("redis", settings.redis_url, context.redis.ping),
            _try("broker", settings.broker_url, lambda: _reach_broker(settings)),
            _read_names(settings.glossary),
            _try_templates(settings.templates),
            _look_at_updates(settings),
            _look_at_qq(context),
        )
        if problem
    ]
    context.close()
    for warning in _list_warnings(settings):
        click.echo(f"note      {warning}")
    sys.exit(1 if problems else 0)


@click.command()
def indexes() -> None:
    """Create the indexes that are missing; may be run at any time."""
    context = Context(load_settings())
    try:
        for name in context.store.create_indexes():
            click.echo(name)
    except OUTAGES as exc:
        raise click.ClickException(_explain("database", context.settings.mongo_url, exc)) from exc
    finally:
        context.close()


def _try(what: str, url: str, reach: Callable[[], object]) -> bool:
    """Say how reaching it went; whether there is a problem."""
    try:
        reach()
    except (*OUTAGES, pymongo.errors.PyMongoError, redis.RedisError, AMQPError) as exc:
        click.echo(f"{what:<9} {_explain(what, url, exc)}")
        return True
    click.echo(f"{what:<9} answers at {get_place(url)}")
    return False


def _read_names(path: str) -> bool:
    """Say what is in the glossary, where there is one; whether there is a problem."""
    if not path:
        return False
    try:
        names = read_glossary(path).names
    except ConfigurationError as exc:
        click.echo(f"glossary  {exc}")
        return True
    click.echo(f"glossary  names: {len(names)}")
    return False


def _try_templates(directory: str) -> bool:
    """Say whether the operator's templates work, if any; whether there is a problem."""
    if not directory:
        return False
    try:
        problems = check_templates(directory)
    except ConfigurationError as exc:
        problems = [str(exc)]
    for problem in problems:
        click.echo(f"templates {problem}")
    if not problems:
        click.echo(f"templates work: {len(list_templates(directory))}")
    return bool(problems)


def _look_at_updates(settings: Settings) -> bool:
    """Say what keeps the Telegram bot from hearing, if anything; whether there is a problem."""
    problem = find_problem(settings)
    if problem is not None:
        click.echo(f"telegram  {problem}")
    return problem is not None


def _look_at_qq(context: Context) -> bool:
    """Say how it goes with QQ's adapter, where there is one; whether there is a problem."""
    url = context.settings.qq_url
    if not url:
        return False
    try:
        OneBot(context).look()
    except PlatformError as exc:
        click.echo(f"qq        {exc.reason}")
        return True
    click.echo(f"qq        answers at {get_place(url)}")
    return False


def _reach_broker(settings: Settings) -> None:
    options = {"socket_timeout": 2, "socket_connect_timeout": 2}
    is_redis = settings.broker_url.startswith("redis")
    with Connection(
        settings.broker_url, connect_timeout=2, transport_options=options if is_redis else {}
    ) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0.2, timeout=3)


def _explain(what: str, url: str, error: BaseException) -> str:
    place = get_place(url)
    reason = error
    while reason.__cause__ is not None:
        # What kombu makes of it says less than what it was.
        reason = reason.__cause__
    fault = "does not let us in" if isinstance(reason, _REFUSALS) else "does not answer"
    return f"the {what} at {place} {fault} ({type(reason).__name__})"


def _list_warnings(settings: Settings) -> list[str]:
    return [
        warning
        for is_missing, warning in (
            (not settings.public_url, _NO_PUBLIC_URL),
            (not settings.youtube_api_key.get_secret_value(), _NO_KEY),
            (not settings.telegram_token.get_secret_value(), _NO_TOKEN),
        )
        if is_missing
    ]
