"""What a benchmark runs on: servers and processes of its own, on free ports, in a passing folder.

Everything ends with the block, however that is left: Ctrl-C and SIGTERM included.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from honcho.environ import parse_procfile

from stargazer.context import Context
from stargazer.embedded import run_embedded
from stargazer.embedded.processes import start, stop, wait_for_answer
from stargazer.embedded.programs import list_servers
from stargazer.settings import Settings, load_settings

START_LIMIT = 30.0
STOP_LIMIT = 10.0
_LOOK_EVERY = 0.02


class Stage(NamedTuple):
    """Redis and a database, empty at the start, and what was started beside them.

    :ivar settings: lead to them; this process' environment says the same.
    :ivar pids: the processes by name, and this one as ``bench``.
    """

    settings: Settings
    context: Context
    stack: ExitStack
    pids: dict[str, int]

    def read_cpu(self) -> Counter[str]:
        """Give the CPU seconds that each process has used; nothing where there is no ``/proc``."""
        tick = os.sysconf("SC_CLK_TCK")
        used = Counter[str]()
        for name, pid in self.pids.items():
            with suppress(OSError):
                # What stands before the last bracket may hold anything.
                words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                used[name] = (int(words[11]) + int(words[12])) / tick
        return used

    def read_peak_memory(self, name: str) -> float:
        """Give the most memory that a process and its children ever had, in MiB."""
        pid = self.pids[name]
        peak = 0
        with suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for each in (pid, *children):
                status = Path(f"/proc/{each}/status").read_text()
                peak += int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])
        return peak / 1024

    def start(self, name: str, command: str) -> None:
        """Start a process; what it writes goes to ``<var_dir>/<name>.log``."""
        log = self.stack.enter_context((self.settings.var_dir / f"{name}.log").open("ab"))
        # A session of its own: Ctrl-C reaches us alone, and we end it with all that it started.
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.stack.callback(_stop, process)
        self.pids[name] = process.pid

    def kill(self, name: str) -> None:
        """End a process, and all that it started, without a chance to say goodbye."""
        os.killpg(self.pids[name], signal.SIGKILL)
        # One that nobody has waited for counts as alive, and its name as taken.
        os.waitpid(self.pids[name], 0)

    def start_server(self, name: str) -> None:
        """Start Redis or the database again, on its files; it answers when this returns."""
        [server] = [each for each in list_servers(self.settings) if each.name == name]
        process = start(server)
        self.stack.callback(stop, server, process, lambda _line: None)
        self.pids[name] = process.pid
        wait_for_answer(server, process)

    def start_worker(self, name: str, command: str) -> None:
        """Start a Celery worker, and wait until it takes tasks."""
        self.start(name, command)
        log = self.settings.var_dir / f"{name}.log"
        wait_for(f"the worker {name}", lambda: " ready." in log.read_text(errors="replace"))


def find_free_port() -> int:
    """Give a port that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def read_procfile() -> dict[str, str]:
    """Give the commands of the Procfile by their names."""
    return dict(parse_procfile(Path("Procfile").read_text(encoding="utf-8")).processes)


def wait_for(what: str, is_there: Callable[[], bool], limit: float = START_LIMIT) -> None:
    """Wait for something.

    :raises TimeoutError: when it does not come within ``limit`` seconds.
    """
    deadline = time.monotonic() + limit
    while not is_there():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {limit:.0f} s for {what}")
        time.sleep(_LOOK_EVERY)


def say(line: str) -> None:
    """Show a line at once."""
    print(line, flush=True)


@contextmanager
def passing_folder() -> Iterator[Path]:
    """Give a folder that is removed at the end; after a failure it stays, for its logs."""
    signal.signal(signal.SIGTERM, _leave)
    folder = Path(tempfile.mkdtemp(prefix="stargazer-bench-"))
    try:
        yield folder
    except Exception:
        say(f"failed; the logs are in {folder}")
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_stage(**choices: Any) -> Iterator[Stage]:
    """Start Redis and the database.

    :param choices: settings that are to differ from what they usually are.
    """
    with passing_folder() as folder, ExitStack() as stack:
        redis_port, mongo_port = find_free_port(), find_free_port()
        redis_url = f"redis://127.0.0.1:{redis_port}/0"
        settings = Settings(
            var_dir=folder,
            redis_port=redis_port,
            mongo_port=mongo_port,
            # Not those of an instance that this shell is set up for.
            redis_url=redis_url,
            broker_url=redis_url,
            mongo_url=f"mongodb://127.0.0.1:{mongo_port}/stargazer",
            proxy_url="",
            **choices,
        )
        settings = settings.model_copy(update=choices)
        metrics = folder / "metrics"
        metrics.mkdir()
        programs = Path(sys.executable).parent
        os.environ.update(settings.environment())
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
        load_settings.cache_clear()
        servers = stack.enter_context(run_embedded(settings, lambda _line: None))
        pids = {name: server.pid for name, server in zip(("redis", "mongo"), servers, strict=True)}
        context = Context(settings)
        stack.callback(context.close)
        for _ in context.store.create_indexes():
            pass
        yield Stage(settings, context, stack, {**pids, "bench": os.getpid()})


def run_module(name: str, *arguments: str) -> str:
    """Give the command line that runs a module with this Python."""
    return shlex.join([sys.executable, "-m", name, *arguments])


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_LIMIT)
        except ProcessLookupError:
            process.wait()
            return
        except subprocess.TimeoutExpired:
            continue
        return


def _leave(_number: int, _frame: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)
