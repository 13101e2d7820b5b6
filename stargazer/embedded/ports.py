"""Whether the ports that we are going to listen on can be had."""

import errno
import socket
from typing import NamedTuple

from stargazer.errors import ConfigurationError


class Listener(NamedTuple):
    """An address that a process of ours is going to listen on.

    :ivar variable: the setting that chooses the port, such as ``STARGAZER_WEB_PORT``.
    """

    host: str
    port: int
    variable: str


def check_port(host: str, port: int, variable: str) -> None:
    """Make sure that a process can listen there.

    :param variable: the setting that chooses the port; the error names it.
    :raises ConfigurationError: when somebody listens there, or nobody may.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        socket.create_server(address, family=family).close()
    except OSError as exc:
        problem = (
            f"port {port} is taken"
            if exc.errno == errno.EADDRINUSE
            else f"nobody can listen on {host} port {port} ({exc.strerror})"
        )
        raise ConfigurationError(f"{problem}; choose another by {variable}") from exc


def check_ports(*listeners: Listener) -> None:
    """Make sure that processes can listen on all of these at once.

    :raises ConfigurationError: naming every port that cannot be had.
    """
    problems, takers = [], dict[int, str]()
    for host, port, variable in listeners:
        first = takers.setdefault(port, variable)
        if first != variable:
            problems.append(f"{first} and {variable} are both {port}; choose another for one")
            continue
        try:
            check_port(host, port, variable)
        except ConfigurationError as exc:
            problems.append(str(exc))
    if problems:
        raise ConfigurationError("; ".join(problems))
