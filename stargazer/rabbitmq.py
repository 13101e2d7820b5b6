"""RabbitMQ as Celery's broker, such that a process outlives it and never waits for it for ever.

py-amqp 5.4 waits without a limit for every answer after the handshake, and its ``read_timeout`` is
none: it reads on. So a publisher hangs at a RabbitMQ that is frozen. Here a connection is given up
that does not get an answer in time; were it used again, the late answer would be taken for that to
a later question.

And to be refused is final for Celery, so that a worker ends. But RabbitMQ refuses everybody while
whom it asks, our API or its database, is away. Here it is an outage like others.
"""

import logging
import time
from typing import Any

from amqp.exceptions import AccessRefused, MessageNacked, NotAllowed, RecoverableConnectionError
from kombu.transport import pyamqp

log = logging.getLogger(__name__)

_PATIENCE = 10.0
_PAUSE = 1.0


class Channel(pyamqp.Channel):
    """A channel on which all that RabbitMQ does not do for us now is a lost connection."""

    def _on_close(self, *args: Any) -> None:
        try:
            super()._on_close(*args)
        except AccessRefused as exc:
            log.warning("broker_refused", extra={"error": exc.reply_text})
            # Celery gets over the loss of a connection, and not over that of a channel. At some
            # places it tries again at once, for ever and without a word.
            self.connection.collect()
            time.sleep(_PAUSE)
            raise RecoverableConnectionError(exc.reply_text) from exc

    def basic_publish_confirm(self, *args: Any, **options: Any) -> Any:
        """Publish, and wait until RabbitMQ has the message.

        :raises RecoverableConnectionError: also when it does not take it.
        """
        try:
            return super().basic_publish_confirm(*args, **options)
        except MessageNacked as exc:
            raise RecoverableConnectionError("the message was not taken") from exc


class Connection(pyamqp.Connection):
    """A connection that gives up waiting.

    :param patience: seconds that an answer may take.
    """

    Channel = Channel

    def __init__(self, *args: Any, patience: float = _PATIENCE, **options: Any) -> None:
        super().__init__(*args, **options)
        self._patience = patience

    def blocking_read(self, timeout: float | None = None) -> Any:
        """Read one frame; who brings no limit has ours.

        :raises RecoverableConnectionError: when none comes in time.
        """
        if timeout is not None:
            return super().blocking_read(timeout)
        try:
            return super().blocking_read(self._patience)
        except TimeoutError as exc:
            self.collect()
            raise RecoverableConnectionError("no answer in time") from exc


class Transport(pyamqp.Transport):
    """kombu's transport with our connection."""

    Connection = Connection

    def establish_connection(self) -> Any:
        """Connect.

        :raises RecoverableConnectionError: also when we are not let in.
        """
        try:
            return super().establish_connection()  # type: ignore[no-untyped-call]
        except (AccessRefused, NotAllowed) as exc:
            raise RecoverableConnectionError(exc.reply_text) from exc


class TlsTransport(Transport, pyamqp.SSLTransport):
    """The same over TLS."""
