"""RabbitMQ as Celery's broker, such that nobody waits for it for ever.

py-amqp 5.4 waits without a limit for every answer after the handshake, and its ``read_timeout`` is
none: it reads on. So a publisher hangs at a RabbitMQ that is frozen. Here a connection is given up
that does not get an answer in time; were it used again, the late answer would be taken for that to
a later question.

And a refused login is what py-amqp takes for final, so that a worker ends. But RabbitMQ refuses
everybody while whom it asks, our API or its database, is away. Here it is an outage like others.
"""

from typing import Any

from amqp.exceptions import AccessRefused, NotAllowed, RecoverableConnectionError
from kombu.transport import pyamqp

_PATIENCE = 10.0


class Connection(pyamqp.Connection):
    """A connection that gives up waiting.

    :param patience: seconds that an answer may take.
    """

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
