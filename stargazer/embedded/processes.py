"""One server's process: its start, its end, and what an earlier run may have left of it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from stargazer.embedded.locks import open_lock, take_inheritable, write_pid
from stargazer.embedded.programs import Server
from stargazer.errors import ConfigurationError
from stargazer.settings import PREFIX

START_LIMIT = 20.0
STOP_LIMIT = 10.0
POLL_INTERVAL = 0.05
LOG_TAIL = 15

Report = Callable[[str], None]
Process = subprocess.Popen[bytes]


def start(server: Server) -> Process:
    """Start a server in its directory, where nothing runs any more.

    :raises ConfigurationError: when its program is missing.
    """
    command = server.find_command(server.listener.port)
    with open_lock(server.directory / "pid") as file, (server.directory / "log").open("ab") as log:
        if not take_inheritable(file):
            raise ConfigurationError(f"something still runs in {server.directory.absolute()}")
        write_pid(file, None)
        # nx-27017 refuses to start when any process has the number that its last one left here.
        (server.directory / "nx.pid").unlink(missing_ok=True)
        process = subprocess.Popen(  # noqa: S603 - the words are our own, and there is no shell
            command,
            cwd=server.directory,
            # Tokens and passwords are none of its business.
            env={name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[file.fileno()],
        )
        write_pid(file, process.pid)
    return process


def wait_for_answer(server: Server, process: Process) -> None:
    """Wait until it answers.

    :raises ConfigurationError: when it ends, or takes too long; it quotes the end of its log.
    """
    deadline = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        # Whoever answers on its port is not ours when our process is gone.
        if server.answers(server.listener.port) and process.poll() is None:
            return
        time.sleep(POLL_INTERVAL)
    log = server.directory / "log"
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL:])
    what = "does not answer" if process.poll() is None else f"ended with {process.returncode}"
    raise ConfigurationError(f"{server.name} {what}; the end of {log}:\n{tail}")


def stop(server: Server, process: Process, report: Report) -> None:
    """Ask a server to end, and make it when it does not."""
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    report(f"{server.name} stopped")


def stop_orphan(server: Server, report: Report) -> None:
    """End what an earlier run, which was killed, left running in this server's directory.

    :raises ConfigurationError: when it cannot be ended.
    """
    with open_lock(server.directory / "pid") as file:
        if take_inheritable(file):
            return
        # It leads a session, so its number names a group as long as anybody in it holds the lock.
        group = int(file.read() or 0)
        for number in (signal.SIGTERM, signal.SIGKILL) if group else ():
            with suppress(ProcessLookupError):
                os.killpg(group, number)
            deadline = time.monotonic() + STOP_LIMIT
            while time.monotonic() < deadline:
                if take_inheritable(file):
                    report(f"{server.name} of an earlier run stopped (process {group})")
                    return
                time.sleep(POLL_INTERVAL)
    raise ConfigurationError(
        f"{server.name} of an earlier run cannot be stopped: end what holds {file.name}"
    )
