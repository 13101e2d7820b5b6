"""Giving work to the Celery workers, within the time that somebody who waits has."""

import logging
import time

import celery
import kombu.exceptions
from amqp.exceptions import AMQPError
from celery.exceptions import CeleryError

from stargazer.bus import count_all_waiting
from stargazer.errors import UnavailableError
from stargazer.settings import Settings

log = logging.getLogger(__name__)

_PATIENCE = 1.0
#: A publish that failed within so many seconds met no broker that is slow.
_AT_ONCE = 0.2
_ERRORS = (kombu.exceptions.KombuError, CeleryError, AMQPError, OSError)


class Broker:
    """The web process' own end of the broker.

    A Celery app of its own, as a worker should wait for a broker that is away, and a web process
    must not: it says so and the caller tries again.
    """

    def __init__(self, settings: Settings) -> None:
        self.celery = celery.Celery("stargazer-web", set_as_current=False)
        self.celery.config_from_object("celeryconfig")
        self.celery.conf.update(
            broker_url=settings.broker_url,
            broker_connection_timeout=_PATIENCE,
            broker_pool_acquire_timeout=_PATIENCE,
            task_publish_retry=False,
        )
        options = dict(self.celery.conf.broker_transport_options)
        if settings.broker_url.startswith("redis"):
            options |= {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
        else:
            options |= {"confirm_publish": True, "patience": _PATIENCE}
        # Without a limit of its own, a connection is tried for ever before the first publish.
        options |= {"max_retries": 0}
        self.celery.conf.broker_transport_options = options

    def send(self, task: str, *args: str | list[str]) -> None:
        """Queue a Celery task.

        :raises UnavailableError: when the broker did not take it in time.
        """
        began = time.monotonic()
        try:
            try:
                self.celery.send_task(task, args)
            except _ERRORS:
                if time.monotonic() - began > _AT_ONCE:
                    raise
                # The connection may be one from before the broker was started anew.
                self.celery.send_task(task, args)
        except _ERRORS as exc:
            raise UnavailableError("broker") from exc

    def try_send(self, task: str, *args: str | list[str]) -> None:
        """Queue a Celery task that may also be lost, as something else makes up for it."""
        try:
            self.send(task, *args)
        except UnavailableError:
            log.warning("send_failed", extra={"task": task})

    def count_waiting(self) -> dict[str, int]:
        """Count the messages that wait in each of our queues.

        :raises UnavailableError: when the broker does not answer in time.
        """
        # Connecting for a channel, kombu tries twice, with two seconds in between.
        if not self.is_there():
            raise UnavailableError("broker")
        try:
            return count_all_waiting(self.celery)
        except _ERRORS as exc:
            raise UnavailableError("broker") from exc

    def close(self) -> None:
        """Give the connections back."""
        self.celery.close()

    def is_there(self) -> bool:
        """Tell whether the broker answers."""
        try:
            with self.celery.connection_for_write() as connection:
                connection.ensure_connection(max_retries=0)
        except _ERRORS:
            return False
        return True
