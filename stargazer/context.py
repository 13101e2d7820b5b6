"""What a process needs to act: settings, database, Redis and HTTP, each made when first used."""

import os
from functools import cached_property

import kombu.exceptions
import pymongo.errors
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stargazer.http import HttpClient
from stargazer.settings import Settings, load_settings
from stargazer.store import Store

#: What the libraries raise when the database or the broker is away. It passes: an API call is
#: answered with 503, a Celery task waits.
OUTAGES = (
    pymongo.errors.ConnectionFailure,
    pymongo.errors.WTimeoutError,
    redis.ConnectionError,
    redis.TimeoutError,
    kombu.exceptions.OperationalError,
)


class Context:
    """The connections of one process.

    :param impatient: somebody waits for an answer: fail within a second or two when the database
        or Redis is away, instead of waiting for them.
    """

    def __init__(self, settings: Settings, *, impatient: bool = False) -> None:
        self.settings = settings
        self._impatient = impatient

    @cached_property
    def store(self) -> Store:
        """The database."""
        return Store(self.settings, patience_ms=1500 if self._impatient else 5000)

    @cached_property
    def redis(self) -> "redis.Redis":
        """Redis, for what may be wiped: schedules, pace, ticks."""
        timeout = 1 if self._impatient else 5
        return redis.Redis.from_url(
            self.settings.redis_url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            socket_keepalive=True,
            health_check_interval=10,
            retry=Retry(NoBackoff(), 1),
        )

    @cached_property
    def http(self) -> HttpClient:
        """The HTTP client."""
        return HttpClient(self.settings.http_timeout, self.settings.proxy_url)

    @cached_property
    def local_http(self) -> HttpClient:
        """The HTTP client for what runs beside us, where a proxy would not find it."""
        return HttpClient(self.settings.http_timeout)

    def close(self) -> None:
        """Give the connections back that were made."""
        if "store" in self.__dict__:
            self.store.close()
        if "redis" in self.__dict__:
            self.redis.close()
        if "http" in self.__dict__:
            self.http.close()
        if "local_http" in self.__dict__:
            self.local_http.close()


_contexts: dict[bool, Context] = {}


def get_context(*, impatient: bool = False) -> Context:
    """Give the Context of this process, from its environment's settings."""
    if impatient not in _contexts:
        _contexts[impatient] = Context(load_settings(), impatient=impatient)
    return _contexts[impatient]


# A forked child must not share its parent's sockets.
os.register_at_fork(after_in_child=_contexts.clear)
