"""Redis as Celery's broker, such that a worker outlives it.

kombu 5.7 closes a channel twice when Redis goes away. By the second time the connection has
forgotten its address, and where a message was still unacknowledged, giving it back fails with an
``AttributeError`` that nobody expects: the worker ends. Here that is what it is, a lost
connection, which the worker knows how to get over (compare celery/kombu#582).
"""

from typing import Any

import redis
from kombu.transport.redis import Channel as _Channel
from kombu.transport.redis import Transport as _Transport


class Channel(_Channel):
    """A channel that knows when its connection was closed under it."""

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        if self.connection is None or self.connection.client is None:
            raise redis.ConnectionError("the connection was closed")
        return super()._connparams(*args, **kwargs)  # type: ignore[no-untyped-call]


class Transport(_Transport):
    """kombu's transport with our channel."""

    Channel = Channel
