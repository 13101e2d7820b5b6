"""What all tests share: real servers for the whole session, and a clean database for each test."""

import json
import os
import random
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty
from typing import Any, NamedTuple
from uuid import uuid4

import celery
import kombu.pools
import pymongo
import pytest
import redis
from flask import Flask, request
from pymongo import monitoring
from werkzeug.serving import WSGIRequestHandler, make_server

from stargazer import tallies
from stargazer.app import app
from stargazer.context import Context
from stargazer.coordinator.members import Member
from stargazer.embedded import run_embedded
from stargazer.models import DeliveryState
from stargazer.settings import PREFIX, Settings, load_settings
from stargazer.simulator import create_app
from stargazer.simulator.client import Simulator
from stargazer.simulator.telegram import read_params
from stargazer.store import Store

pytest_plugins = ["tests.browsing"]

# What the developer has set for the instance beside the tests is not theirs.
for _name in [name for name in os.environ if name.startswith(PREFIX)]:
    del os.environ[_name]
Settings.model_config["env_file"] = None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let tests reach this machine only, before pytest-socket reads its options."""
    config.option.allow_hosts = "127.0.0.1,::1"
    config.option.allow_unix_socket = True
    # Started in the background of a shell, we would hand down to what we start that it must not
    # listen to an interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


_ports = random.Random().sample(range(20_000, 32_000), 12_000)


def find_free_port() -> int:
    """Give a port that nobody listens on at the moment, and that was never given before.

    Below those that the kernel gives to connections, as one of these is gone a moment later; and
    of a shuffled list, as another process of these tests looks for some, too.
    """
    while True:
        port = _ports.pop()
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Give a function that gives another free port at each call."""
    return find_free_port


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Run Redis and the database for the session; give the settings that lead to them."""
    settings = Settings(
        var_dir=tmp_path_factory.mktemp("servers"),
        redis_port=find_free_port(),
        mongo_port=find_free_port(),
    )
    with run_embedded(settings, lambda _line: None):
        yield settings


class _Database(monitoring.CommandListener):
    """Notes what tests do to their database, so that little has to be done to empty it.

    :ivar name: of the database, which a test may replace by one that nobody has used.
    """

    _WRITES = frozenset({"insert", "update", "delete", "findAndModify"})
    _REMOVALS = frozenset({"drop", "dropDatabase", "dropIndexes"})

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin with another one, without indexes."""
        self.name = f"test_{uuid4().hex}"
        self.is_indexed = False
        self._written: set[str] = set()

    def clear(self, url: str) -> None:
        """Remove all documents; after a test that removed more than these, begin anew."""
        with pymongo.MongoClient(url) as client:
            database = client[self.name]
            for name in self._written if self.is_indexed else ():
                database[name].delete_many({})
            if not self.is_indexed:
                client.drop_database(self.name)
        if not self.is_indexed:
            self.renew()
        self._written.clear()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Note which collection it is about."""
        if event.database_name != self.name:
            return
        if event.command_name in self._REMOVALS:
            self.is_indexed = False
        elif event.command_name in self._WRITES:
            self._written.add(event.command[event.command_name])

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Do nothing."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Do nothing."""


_database = _Database()
monitoring.register(_database)


@pytest.fixture
def settings(servers: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Give settings with an empty Redis, an empty database, and little patience."""
    name = _database.name
    with redis.Redis.from_url(servers.redis_url) as client:
        client.flushall()
    yield Settings(
        var_dir=tmp_path,
        web_port=find_free_port(),
        flower_port=find_free_port(),
        simulator_port=find_free_port(),
        redis_port=servers.redis_port,
        mongo_port=servers.mongo_port,
        mongo_url=f"mongodb://127.0.0.1:{servers.mongo_port}/{name}",
        visibility_timeout=4,
        http_timeout=2,
        tick_interval=0.2,
        sweep_interval=0.2,
        sweep_after=2,
        delivery_lease=2,
        delivery_attempts=3,
        delivery_threads=4,
        youtube_poll_interval=1,
        youtube_follow_interval=0.5,
        # Whoever counts what Telegram was asked counts messages.
        telegram_updates="off",
    )
    _database.clear(servers.mongo_url)


@pytest.fixture
def context(settings: Settings) -> Iterator[Context]:
    """Give the connections of one process."""
    context = Context(settings)
    yield context
    context.close()


@pytest.fixture
def make_context(settings: Settings) -> Iterator[Callable[..., Context]]:
    """Give a function that makes another Context, some of whose settings are different."""
    made = []

    def make(**changes: Any) -> Context:
        made.append(Context(settings.model_copy(update=changes)))
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.fixture
def store(context: Context) -> Store:
    """Give the test's database, with its indexes."""
    if not _database.is_indexed:
        list(context.store.create_indexes())
        _database.is_indexed = True
    return context.store


@pytest.fixture
def redis_client(context: Context) -> "redis.Redis[bytes]":
    """Give the Redis, empty at the start."""
    return context.redis


class Counted(NamedTuple):
    """What this process has counted for the operator: Events by kind, Deliveries, and ages."""

    events: Counter[str]
    deliveries: Counter[tuple[str, DeliveryState]]
    ages: Counter[int]


@pytest.fixture
def read_tallies(redis_client: "redis.Redis[bytes]") -> Callable[[], Counted]:
    """Give a function that reads what was counted since the test began."""
    tallies.tallies.forget()

    def read() -> Counted:
        tallies.tallies.give(redis_client)
        counted = Counted(Counter(), Counter(), Counter())
        for minute in tallies.read(redis_client, datetime.now(UTC)):
            counted.events.update(minute.events)
            counted.deliveries.update(minute.deliveries)
            counted.ages.update(minute.ages)
        return counted

    return read


class AclRedis(NamedTuple):
    """A Redis whose users a test may change."""

    port: int
    admin: "redis.Redis[str]"
    has_selectors: bool


@pytest.fixture(scope="session")
def _acl_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AclRedis]:
    settings = Settings(
        var_dir=tmp_path_factory.mktemp("acl"),
        redis_port=find_free_port(),
        mongo_url="mongodb://127.0.0.1/nobody-needs-it",
    )
    with run_embedded(settings, lambda _line: None):
        admin = redis.Redis.from_url(settings.redis_url, decode_responses=True)
        version = int(admin.info("server")["redis_version"].partition(".")[0])
        yield AclRedis(settings.redis_port, admin, version >= 7)
        admin.close()


@pytest.fixture
def acl_redis(_acl_server: AclRedis) -> AclRedis:
    """Give a Redis apart from the other tests', with no users but the default one."""
    admin = _acl_server.admin
    for name in set(admin.acl_users()) - {"default"}:
        admin.acl_deluser(name)
    admin.flushall()
    admin.acl_log_reset()
    return _acl_server


@pytest.fixture(scope="session")
def make_member() -> Callable[..., Member]:
    """Give a function that makes a worker as it announces itself, some of it different."""

    def make(node: str = "sources@one", **fields: Any) -> Member:
        values = {
            "node": node,
            "instance": uuid4().hex,
            "kinds": frozenset({"youtube"}),
            "version": "1",
            "host": "one",
            "pid": 1,
            "started_at": datetime.now(UTC),
        }
        return Member(**{**values, **fields})

    return make


class Sent(NamedTuple):
    """A Celery task that lies in a queue."""

    task: str
    args: list[Any]
    headers: dict[str, Any]


def _forget_connections() -> None:
    # A connection that is shared hides what happens on a fresh one.
    kombu.pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def celery_app(settings: Settings) -> Iterator[celery.Celery]:
    """Give our Celery app with all its tasks, on the test's Redis and with fresh connections."""
    before = app.conf.broker_url
    app.conf.update(broker_url=settings.broker_url)
    app.loader.import_default_modules()
    _forget_connections()
    yield app
    _forget_connections()
    app.conf.update(broker_url=before)


@pytest.fixture
def cut_broker(celery_app: celery.Celery, free_port: Callable[[], int]) -> Callable[[], None]:
    """Give a function after which nobody listens where the broker was."""

    def cut() -> None:
        celery_app.conf.update(broker_url=f"redis://127.0.0.1:{free_port()}/0")
        _forget_connections()

    return cut


@pytest.fixture
def take_sent(celery_app: celery.Celery) -> Callable[[str], list[Sent]]:
    """Give a function that takes all Celery tasks out of a queue."""

    def take(queue: str) -> list[Sent]:
        found = []
        with celery_app.connection_for_read() as connection, connection.channel() as channel:
            while True:
                try:
                    raw = channel._get(queue)
                except Empty:
                    return found
                message = channel.Message(raw, channel)
                args = json.loads(message.body)[0]
                found.append(Sent(message.headers["task"], args, message.headers))

    return take


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Give a function that serves an app on a port of its own, and returns its address."""
    servers = []

    def start(flask_app: Flask, ssl_context: tuple[str, str] | None = None, port: int = 0) -> str:
        server = make_server(
            "127.0.0.1",
            port,
            flask_app,
            threaded=True,
            request_handler=_Quiet,
            ssl_context=ssl_context,
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, *_args: object) -> None:
        """Say nothing: a test's output is its failures."""


#: So many requests of a test are looked at.
MOST_JUDGED = 200


@pytest.fixture
def simulator(serve: Callable[[Flask], str]) -> Iterator[Simulator]:
    """Give the simulated platforms, in this process; what Telegram is asked has to be right."""
    platforms = create_app()
    asked: list[tuple[str, dict[str, Any], list[str]]] = []

    @platforms.before_request
    def note() -> None:
        if request.endpoint == "telegram.call" and len(asked) < MOST_JUDGED:
            method = str((request.view_args or {})["method"])
            asked.append((method, read_params(), list(request.files)))

    found = Simulator(serve(platforms))
    found.wait_until_ready()
    yield found
    found.close()
    if asked:
        # It takes a moment to load, which the other tests need not wait for.
        from tests.telegram_models import find_problems  # noqa: PLC0415

        assert [problem for each in asked for problem in find_problems(*each)] == []


RECORDED = Path(__file__).parents[1] / "../shared/recorded"


@pytest.fixture
def recorded() -> Callable[[str], bytes]:
    """Give a function that reads what a platform once really answered."""

    def read(name: str) -> bytes:
        if not RECORDED.is_dir():
            pytest.skip("the recorded answers are not on this machine")
        return (RECORDED / name).read_bytes()

    return read
