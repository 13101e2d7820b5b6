"""What all tests share: real servers for the whole session, and a clean database for each test."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pymongo
import pytest
import redis

from stargazer.context import Context
from stargazer.embedded import run_embedded
from stargazer.settings import PREFIX, Settings, load_settings
from stargazer.store import Store

# What the developer has set for the instance beside the tests is not theirs.
for _name in [name for name in os.environ if name.startswith(PREFIX)]:
    del os.environ[_name]
Settings.model_config["env_file"] = None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let tests reach this machine only, before pytest-socket reads its options."""
    config.option.allow_hosts = "127.0.0.1,::1"
    config.option.allow_unix_socket = True


def find_free_port() -> int:
    """Give a port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
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


@pytest.fixture
def settings(servers: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Give settings with an empty Redis, a database of the test's own, and little patience."""
    name = f"test_{uuid4().hex}"
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
    )
    with pymongo.MongoClient(servers.mongo_url) as client:
        client.drop_database(name)


@pytest.fixture
def context(settings: Settings) -> Iterator[Context]:
    """Give the connections of one process."""
    context = Context(settings)
    yield context
    context.close()


@pytest.fixture
def store(context: Context) -> Store:
    """Give the test's database, with its indexes."""
    list(context.store.create_indexes())
    return context.store


@pytest.fixture
def redis_client(context: Context) -> "redis.Redis[bytes]":
    """Give the Redis, empty at the start."""
    return context.redis
