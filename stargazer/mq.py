"""What an account may do on RabbitMQ, in the words in which RabbitMQ asks.

Three kinds of accounts come there:

- ``coordinator: ro`` are Stargazer's own processes. Celery declares, binds, reads and writes queues
  and exchanges of many names, so they may do everything.
- ``mq: ro`` are bots. Each has queues of its own, binds them to the topic exchange by the key of
  ready Events, and reads. It publishes nothing.
- ``mq: rw`` are middlewares. They bind by any key, and publish to the topic exchange.

Nobody but the first may write to the default exchange. RabbitMQ knows it as ``amq.default`` and
asks nothing else about it, neither queue nor key: whoever may write there may put any Celery task
into any queue. The same goes for the dead letters of a queue, which are written to an exchange,
too, and for which RabbitMQ asks the same question.
"""

from kombu.utils.url import url_to_parts

from stargazer.accounts import Permission, is_allowed
from stargazer.bus import EVENT_KEY, QUEUES, TOPIC
from stargazer.models import Account

_OURS = Permission("coordinator", "ro")
_READER = Permission("mq", "ro")
_WRITER = Permission("mq", "rw")
_RIGHTS = frozenset({"configure", "write", "read"})
_SERVER_NAMED = "amq.gen-"
#: Queues of the system, or the beginnings of their names: ``celeryev`` are Celery's own. An account
#: that is called so has no queue.
_SYSTEM = frozenset({*QUEUES, "publish", "celery", "celeryev", "amq", TOPIC.name})


def get_vhost(broker_url: str) -> str | None:
    """Give the virtual host that Celery uses; None when the broker is no RabbitMQ."""
    # Of several addresses, all lead to the same cluster.
    parts = url_to_parts(broker_url.partition(";")[0])
    if not (parts.scheme or "").startswith(("amqp", "pyamqp")):
        return None
    return parts.path or "/"


def may_enter(account: Account) -> bool:
    """Tell whether the account has anything to do on RabbitMQ."""
    return is_allowed(account, _OURS) or is_allowed(account, _READER)


def may_use(account: Account, resource: str, name: str, right: str) -> bool:
    """Tell whether the account may do something with a queue or an exchange.

    :param resource: ``queue`` or ``exchange``.
    :param right: ``configure`` is to declare and delete, ``write`` to publish to an exchange and to
        bind a queue, ``read`` to consume or purge a queue and to bind to an exchange.
    """
    if right not in _RIGHTS:
        return False
    if is_allowed(account, _OURS):
        return True
    match resource:
        case "queue":
            return is_allowed(account, _READER) and is_own_queue(account.username, name)
        case "exchange":
            needed = _READER if right == "read" else _WRITER
            return name == TOPIC.name and is_allowed(account, needed)
    return False


def may_use_key(account: Account, exchange: str, right: str, key: str) -> bool:
    """Tell whether the account may use a routing key of a topic exchange.

    :param right: ``write`` is to publish with that key, ``read`` to bind by it.
    """
    if right not in _RIGHTS:
        return False
    if is_allowed(account, _OURS):
        return True
    if exchange != TOPIC.name:
        return False
    if is_allowed(account, _WRITER):
        return True
    return is_allowed(account, _READER) and right == "read" and key == EVENT_KEY


def is_own_queue(username: str, queue: str) -> bool:
    """Tell whether a queue is the account's: named as it is, or the same, a dot and more.

    Those that RabbitMQ names are everybody's, as nobody can guess such a name.
    """
    if queue.startswith(_SERVER_NAMED):
        return True
    if username.partition(".")[0] in _SYSTEM:
        return False
    return queue == username or queue.startswith(f"{username}.")
