"""What each account may do in Redis, as the rules of a Redis user of the same name.

Three profiles, by the account's permissions:

- ``coordinator``, at either level, is one of Stargazer's own processes: all keys that begin with
  ``stargazer:``, the commands that Celery and our own scripts use, and none that looks at other
  keys, stops others or changes the server.
- ``mq: rw`` is somebody else's middleware or publisher: it publishes to the topic exchange and
  into the queue ``publish``, and reads queues of its own.
- ``mq: ro`` is somebody else's bot: it reads queues of its own, and nothing else.

Queues of its own are the one named as the account, and those whose names begin with that name and
a dot. kombu's keys for unacknowledged messages are the same for all clients of a database, unless
they are given other names; an outsider gives them names of that same form.

An AMQP broker routes; on Redis the client does. So Redis cannot keep an outsider to a routing
key: whoever may bind may bind its queue to any key of the exchange, and write a binding that
names somebody else's queue, or one of ours, which then gets copies of what the exchange carries.
A publisher must be able to push onto the queues of all outsiders (not to read them), so its
rule names them, and has to be applied again when there is another account. It may publish under
any key, ``event`` included. And whoever may take kombu's lock may run Lua, with no more rights
than its own, but for as long as it likes.

The selectors that keep an outsider from reading where it may only push came with Redis 7.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from stargazer import bus
from stargazer.accounts import check_username
from stargazer.models import Account

_OURS = "stargazer:"
_KEYS = bus.KEY_PREFIX
_EXCHANGE = bus.TOPIC.name
_INTAKE = "publish"
#: The table that publishers read, and kombu's note of which bindings never expire.
BINDINGS = tuple(f"{_KEYS}_kombu.{kind}.{_EXCHANGE}" for kind in ("binding", "binding_permanent"))
#: Between routing key, pattern and queue.
_SEPARATOR = "\x06\x16"
#: Redis itself has this user, whom everybody is who gives no name.
_DEFAULT_USER = "default"
# Keys that kombu and Celery name themselves; what begins so is not an outsider's either.
_RESERVED = {*bus.QUEUES, _INTAKE, "unacked", "unacked_index", "unacked_mutex", "_kombu"}
_RESERVED |= {"celery", "celeryev"}

_CONNECT = ("ping", "select")
# A transaction that fails half-way is left by `unwatch`.
_TRANSACT = ("watch", "unwatch", "multi", "exec")
# An unacknowledged message is a field of a hash and a member of a sorted set; a lock is set, and
# given back by a script, so that one process at a time looks for those that are overdue.
_CONSUME = (
    *("brpop", "lpush", "rpush", "llen"),
    *("zadd", "zrem", "zrange", "hset", "hget", "hdel"),
    *("set", "get", "del", "evalsha", "script|load"),
)
_GET = ("rpop",)
_BIND = ("sadd", "smembers")
_PUSH = ("lpush", "rpush")
_CONTROL = ("srem", "pexpire", "time", "exists", "zrangebyscore", "script|exists")
_BROADCAST = ("publish", "psubscribe", "punsubscribe")
_SCRIPTS = ("eval", "zrevrange", "zrevrangebyscore", "zremrangebyrank")
_COORDINATE = ("incr", "hincrby", "hexists", "hsetnx", "hgetall", "zcard", "zscore", "zmscore")


class Grant(NamedTuple):
    """Commands that may be used on keys and channels, written as patterns."""

    commands: Sequence[str]
    keys: Sequence[str]
    channels: Sequence[str] = ()

    def __str__(self) -> str:
        keys = [f"~{key}" for key in self.keys]
        channels = [f"&{channel}" for channel in self.channels]
        return " ".join([*keys, *channels, *(f"+{command}" for command in self.commands)])


class RedisUser(NamedTuple):
    """A user as Redis has it.

    :ivar keys: the patterns of all its grants.
    """

    line: str
    has_password: bool
    keys: frozenset[str]

    @property
    def is_ours(self) -> bool:
        """Whether it can do nothing outside of Stargazer's keys."""
        return bool(self.keys) and all(key.startswith(_OURS) for key in self.keys)


def list_grants(account: Account, accounts: Collection[Account], database: int) -> list[Grant]:
    """Give what the account may do; the first is the rule itself, the others its selectors.

    :param accounts: all that there are: a publisher pushes onto their queues.
    :param database: the number of the broker's; it is part of the names of channels.
    :returns: empty when the account needs no Redis user.
    """
    if "coordinator" in account.permissions:
        return [_grant_all(database)]
    if "mq" not in account.permissions:
        return []
    grants = [
        Grant(_CONNECT + _TRANSACT + _CONSUME + _GET, _list_queues(account)),
        Grant(_BIND, BINDINGS),
    ]
    if account.permissions["mq"] == "rw":
        outsiders = [each for each in accounts if is_outsider(each)]
        # One without a user has no queues, and under its name there may be some of ours.
        safe = [each for each in outsiders if find_obstacle(each, outsiders) is None]
        queues = [key for each in safe for key in _list_queues(each)]
        grants.append(Grant(_PUSH, [f"{_KEYS}{_INTAKE}", *queues]))
    return grants


def is_outsider(account: Account) -> bool:
    """Tell whether the account has queues of its own on the exchange."""
    return "mq" in account.permissions and "coordinator" not in account.permissions


def owns(user: RedisUser, username: str, queue: str) -> bool:
    """Tell whether the user of this name is an outsider whose queue this is."""
    return f"{_KEYS}{username}" in user.keys and f"{queue}.".startswith(f"{username}.")


def get_bound_queue(member: str) -> str:
    """Read which queue a member of kombu's table of bindings names."""
    return member.rpartition(_SEPARATOR)[2]


def find_obstacle(account: Account, accounts: Collection[Account]) -> str | None:
    """Say why an account that should have a Redis user cannot have one; None when it can."""
    name = account.username
    try:
        check_username(name)
    except ValueError as exc:
        # The predecessor took any name, and in a rule a star or a space would mean something.
        return str(exc)
    if name == _DEFAULT_USER:
        return "that is Redis's own user for those who give no name"
    if not is_outsider(account):
        return None
    if name.partition(".")[0] in _RESERVED:
        return "its queues would be some of ours"
    owner = next(
        (
            each.username
            for each in accounts
            if is_outsider(each) and name.startswith(f"{each.username}.")
        ),
        None,
    )
    return None if owner is None else f"its queues would also be those of {owner}"


def write_rule(grants: Sequence[Grant], password_digest: str | None, *, is_on: bool) -> str:
    """Write the words that make a user do what it may, and nothing that it could do before.

    :param grants: not empty.
    :param password_digest: the SHA-256 of its one password from now on, in hexadecimal; None: it
        keeps those that it has.
    """
    # A user without a password may have the flag that lets in anybody.
    words = ["on"] if is_on else ["off", "resetpass"]
    if password_digest is not None:
        words += ["resetpass", f"#{password_digest}"]
    words += ["resetkeys", "resetchannels", "-@all", str(grants[0])]
    return " ".join([*words, *(f"({grant})" for grant in grants[1:])])


def parse_users(lines: Iterable[str]) -> dict[str, RedisUser]:
    """Read what ``ACL LIST`` answers.

    :param lines: such as ``user bot on #… ~stargazer:celery:bot -@all +ping (~key +lpush)``.
    :returns: by name.
    """
    users = {}
    for line in lines:
        _, name, *words = (word.strip("()") for word in line.split())
        users[name] = RedisUser(
            line,
            any(word.startswith("#") for word in words),
            frozenset(word.partition("~")[2] for word in words if word[0] in "~%"),
        )
    return users


def _grant_all(database: int) -> Grant:
    commands = (
        *(_CONNECT + _TRANSACT + _CONSUME + _BIND),
        *(_CONTROL + _BROADCAST + _SCRIPTS + _COORDINATE),
    )
    prefix = f"{_KEYS}/{database}."
    # A pattern is subscribed to only where the rule has the very same pattern.
    channels = [f"{prefix}{name}" for name in ("celery.pidbox", "celeryev/*")]
    return Grant(commands, [f"{_OURS}*"], channels)


def _list_queues(account: Account) -> list[str]:
    return [f"{_KEYS}{account.username}", f"{_KEYS}{account.username}.*"]
