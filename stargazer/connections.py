"""Connections that are kept for the next request, but not for long.

A server closes a connection that has been idle for a while, and says so only by closing it. A
message that sets out at that very moment is cut off, and nobody knows whether it was taken. So a
connection is used again only while no server would have closed it yet.
"""

import queue
import socket
import time
from ipaddress import ip_address
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

#: Seconds; gunicorn, the most impatient server that is common, closes after two.
MOST_IDLE = 1.0


class _IdleConnections(queue.LifoQueue[Any]):
    """The connections of a pool that nobody uses; what was idle for long is closed when taken."""

    def _put(self, item: Any) -> None:
        super()._put((item, time.monotonic()))

    def _get(self) -> HTTPConnection | None:
        connection: HTTPConnection | None
        connection, since = super()._get()
        if connection is not None and time.monotonic() - since > MOST_IDLE:
            # Closed, it connects anew at its next request.
            connection.close()
        return connection


class _Pool(HTTPConnectionPool):
    QueueCls: Any = _IdleConnections


class _TlsPool(HTTPSConnectionPool):
    QueueCls: Any = _IdleConnections


class Adapter(HTTPAdapter):
    """Sends over connections that are fresh, or were used a moment ago."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for requests that go straight to their server."""
        super().init_poolmanager(*args, **kwargs)
        _refresh(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        """Give the pools for requests that go by a proxy."""
        manager: PoolManager = super().proxy_manager_for(*args, **kwargs)
        _refresh(manager)
        return manager


def _refresh(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _keep_public(self, super()._new_conn())


class _PublicTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _keep_public(self, super()._new_conn())


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


class PublicAdapter(HTTPAdapter):
    """Says nothing to servers that are not on the public Internet, whatever name leads there.

    Where a proxy is between, it is the proxy's matter.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools for requests that go straight to their server."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicTlsPool}


def _keep_public(connection: HTTPConnection, made: socket.socket) -> socket.socket:
    """Look at whom a connection leads to: after names are resolved, before a word is said."""
    # A link-local address has its interface behind it.
    address = ip_address(str(made.getpeername()[0]).partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    if not mapped.is_global or mapped.is_multicast:
        made.close()
        raise NewConnectionError(connection, "not on the public Internet")
    return made
