"""Redis and MongoDB for a machine that has neither: our own child processes, files in ``var/``.

Who runs is said by file locks, which end with their holders, however these end. The starter holds
``var/lock``; each server inherits the lock of the ``pid`` file in its own directory. So a held
``pid`` beside a free ``lock`` is a server whose starter was killed, and no other process can be
taken for it: it is stopped before the next one starts on its files.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from stargazer.embedded.locks import hold_directory
from stargazer.embedded.ports import Listener, check_port, check_ports
from stargazer.embedded.processes import Process, Report, start, stop, stop_orphan, wait_for_answer
from stargazer.embedded.programs import find_redis_server, list_servers
from stargazer.settings import Settings

__all__ = ["Listener", "check_port", "check_ports", "find_redis_server", "run_embedded"]


@contextmanager
def run_embedded(settings: Settings, report: Report) -> Iterator[list[Process]]:
    """Run those servers that the settings do not name, until the block is left.

    They have sessions of their own, so that a Ctrl-C reaches the caller alone: it stops what
    needs them before it leaves the block.

    :param report: takes a line for people about each thing that happens.
    :returns: the processes, Redis before the database; empty when none is ours to start.
    :raises ConfigurationError: when the directory is in use, a port is taken, a program is
        missing, or a server does not answer in time.
    """
    servers = list_servers(settings)
    wanted = [server for server, is_wanted in servers.items() if is_wanted]
    with hold_directory(settings.var_dir), ExitStack() as stack:
        for server in reversed(servers):
            stop_orphan(server, report)
        check_ports(*(server.listener for server in wanted))
        processes = []
        for server in wanted:
            process = start(server)
            stack.callback(stop, server, process, report)
            processes.append(process)
        for server, process in zip(wanted, processes, strict=True):
            wait_for_answer(server, process)
            report(f"{server.name} answers on port {server.listener.port}")
        yield processes
