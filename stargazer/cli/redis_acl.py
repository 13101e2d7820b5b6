"""``stargazer auth redis-acl``: Redis users for the accounts."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import click
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stargazer import redis_acl as acl
from stargazer.accounts import check_password
from stargazer.bus import KEY_PREFIX
from stargazer.cli.database import get_place, open_store
from stargazer.errors import CallError
from stargazer.models import Account
from stargazer.settings import Settings, load_settings
from stargazer.store import Store

_PASSWORD_VARIABLE = "STARGAZER_NEW_PASSWORD"  # noqa: S105 - only its name
_WITH_SELECTORS = 7
_NO_ACLFILE = "not configured to use an ACL file"


@click.command("redis-acl")
@click.option(
    "--password-of",
    "named",
    multiple=True,
    metavar="NAME",
    help="Give this account's Redis user the account's password, which is asked for, or, for one"
    " NAME, read from STARGAZER_NEW_PASSWORD. May be given again for other accounts.",
)
@click.option("--apply", "is_applied", is_flag=True, help="Change the users of the running Redis.")
def redis_acl(named: tuple[str, ...], *, is_applied: bool) -> None:
    """Print the Redis ACL rules of the accounts, or apply them.

    Each account with a permission on coordinator or mq gets a Redis user of its name. With
    coordinator it may do what Stargazer's own processes do. With mq:rw it publishes events, and
    reads queues of its own, which are named as the account, or so and a dot; with mq:ro it only
    reads them.

    What is printed are lines for Redis's aclfile (of Redis 7 or later). Only hashes of passwords
    are in there, and only of accounts named by --password-of; the other users are off.

    With --apply the Redis of STARGAZER_BROKER_URL is changed, or that of STARGAZER_REDIS_URL when
    the broker is none; the URL must be an administrator's. A user that has a password keeps it,
    one that has none stays off until it is given one, and users of accounts that are gone are
    removed, with their queues. Do it again after every change of accounts.
    """
    settings = load_settings()
    place, client = _open(settings)
    with client:
        with open_store() as store:
            accounts = store.accounts.list_all()
            grants = _list_wanted(accounts, int(client.get_connection_kwargs().get("db", 0)))
            digests = _ask_passwords(store, named, grants)
        if is_applied:
            click.echo(f"the Redis at {place}")
            with _say_refusals(place):
                _apply(client, grants, digests)
        else:
            _print(grants, digests)


def _open(settings: Settings) -> tuple[str, "redis.Redis"]:
    """Give the broker's host and port, and a client, which has not connected yet."""
    is_broker = settings.broker_url.startswith(("redis://", "rediss://"))
    url = settings.broker_url if is_broker else settings.redis_url
    try:
        client = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=2,
            socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0),
        )
        return get_place(url), client
    except (ValueError, redis.RedisError):
        variable = "BROKER_URL" if is_broker else "REDIS_URL"
        raise click.ClickException(f"STARGAZER_{variable} is no URL of a Redis") from None


def _list_wanted(accounts: Sequence[Account], database: int) -> dict[str, list[acl.Grant]]:
    wanted = {}
    for account in accounts:
        grants = acl.list_grants(account, accounts, database)
        obstacle = acl.find_obstacle(account, accounts) if grants else None
        if obstacle:
            click.echo(f"left out {account.username!r}: {obstacle}", err=True)
        elif grants:
            wanted[account.username] = grants
    if not wanted:
        click.echo("no account needs a Redis user: none has coordinator or mq", err=True)
    return wanted


def _ask_passwords(
    store: Store, named: Sequence[str], grants: Mapping[str, object]
) -> dict[str, str]:
    """Give the digests that Redis wants; the passwords themselves stay here."""
    for name in named:
        if name not in grants:
            raise click.ClickException(f"there is no account {name!r} that gets a Redis user")
    given = os.environ.get(_PASSWORD_VARIABLE) if len(set(named)) == 1 else None
    digests = {}
    for name in dict.fromkeys(named):
        password = given or click.prompt(f"Password of {name}", hide_input=True, err=True)
        try:
            check_password(store, name, password)
        except CallError as exc:
            raise click.ClickException(f"{name}: {exc}") from exc
        digests[name] = hashlib.sha256(password.encode()).hexdigest()
    return digests


def _print(grants: Mapping[str, Sequence[acl.Grant]], digests: Mapping[str, str]) -> None:
    for name, granted in grants.items():
        rule = acl.write_rule(granted, digests.get(name), is_on=name in digests)
        click.echo(f"user {name} {rule}")
        if name not in digests:
            click.echo(f"{name} {_explain_off(name)}", err=True)


def _apply(
    client: "redis.Redis", grants: Mapping[str, Sequence[acl.Grant]], digests: Mapping[str, str]
) -> None:
    version = str(client.info("server")["redis_version"])
    has_selectors = int(version.partition(".")[0]) >= _WITH_SELECTORS
    ourselves = client.acl_whoami()
    before = _list_users(client)
    kept = {ourselves}
    for name, granted in grants.items():
        if name == ourselves:
            click.echo(f"left alone {name}: this command is connected as that user")
        elif len(granted) > 1 and not has_selectors:
            click.echo(
                f"left out {name}: Redis {version} cannot keep it to its queues, Redis 7 can"
            )
        else:
            kept.add(name)
            _set_user(client, name, before.get(name), granted, digests.get(name))
    for name, user in before.items():
        if user.is_ours and name not in kept:
            client.acl_deluser(name)
            queues = _remove_queues(client, name, user)
            click.echo(" ".join([f"removed {name}", *(f"and its queue {each}" for each in queues)]))
    if "nopass" in before["default"].line.split():
        click.echo("note: Redis lets in anybody without a password, as the user default")
    click.echo(_save(client))


def _set_user(
    client: "redis.Redis",
    name: str,
    before: acl.RedisUser | None,
    grants: Sequence[acl.Grant],
    digest: str | None,
) -> None:
    is_on = digest is not None or (before is not None and before.has_password)
    # Known since Redis 7 alone, and of no use before.
    words = ["clearselectors"] if before is not None and "(" in before.line else []
    words += acl.write_rule(grants, digest, is_on=is_on).split(" ")
    client.execute_command("ACL", "SETUSER", name, *words)  # type: ignore[no-untyped-call]
    done = "added" if before is None else "changed"
    if before == _list_users(client)[name]:
        done = "unchanged"
    click.echo(f"{done} {name}" if is_on else f"{done} {name}, which {_explain_off(name)}")


def _list_users(client: "redis.Redis") -> dict[str, acl.RedisUser]:
    return acl.parse_users(map(str, client.acl_list()))


def _explain_off(name: str) -> str:
    return f"is off, for it has no password; give it one by --password-of {name}"


def _remove_queues(client: "redis.Redis", name: str, user: acl.RedisUser) -> list[str]:
    """Remove what would fill for ever, and what publishers would be refused at.

    :returns: the names of the queues.
    """
    bindings = {
        member: queue
        for member in map(str, client.smembers(acl.BINDINGS[0]))
        if acl.owns(user, name, queue := acl.get_bound_queue(member))
    }
    queues = sorted(set(bindings.values()))
    if bindings:
        for table in acl.BINDINGS:
            client.srem(table, *bindings)
        client.delete(*(f"{KEY_PREFIX}{queue}" for queue in queues))
    return queues


def _save(client: "redis.Redis") -> str:
    try:
        client.acl_save()
    except redis.ResponseError as exc:
        if _NO_ACLFILE in str(exc):
            return "not saved: this Redis has no aclfile, and forgets its users at a restart"
        return f"not saved ({_hide(exc)}): send Redis ACL SAVE, or it forgets them at a restart"
    return "saved in its aclfile"


@contextmanager
def _say_refusals(place: str) -> Iterator[None]:
    try:
        yield
    except (redis.AuthenticationError, redis.ResponseError) as exc:
        raise click.ClickException(f"the Redis at {place} refuses: {_hide(exc)}") from exc
    except redis.RedisError as exc:
        raise click.ClickException(
            f"the Redis at {place} does not answer ({type(exc).__name__})"
        ) from exc


def _hide(error: Exception) -> str:
    # Redis quotes the word of a rule that it does not like.
    return re.sub(r"#[0-9a-f]{8,}", "#…", str(error))
