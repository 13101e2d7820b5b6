"""A worker says that it is there, and which kinds of Tasks it serves."""

import logging
import os
import socket
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from celery import bootsteps
from celery.worker import state

import stargazer
from stargazer.app import app
from stargazer.context import OUTAGES, Context, get_context
from stargazer.coordinator.members import Member, announce, withdraw
from workers.sources import SOURCES

log = logging.getLogger(__name__)

#: Beats that a worker may miss before its Tasks go to others.
BEATS = 3


class Membership(bootsteps.StartStopStep):  # type: ignore[misc]
    """Announces the worker at its start, renews that at each beat, and withdraws at its end.

    A second worker of the same name is refused: both would be given the same Tasks.
    """

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._member: Member | None = None
        self._beat: Any = None

    def include_if(self, worker: Any) -> bool:
        """Tell whether this worker serves any kind."""
        return bool(SOURCES.keys() & worker.app.amqp.queues.consume_from.keys())

    def start(self, worker: Any) -> None:
        """Announce the worker, or end it if there is another one of its name."""
        context = get_context(impatient=True)
        self._member = Member(
            node=worker.hostname,
            instance=uuid4().hex,
            kinds=frozenset(SOURCES.keys() & worker.app.amqp.queues.consume_from.keys()),
            weight=worker.concurrency,
            version=stargazer.__version__,
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=datetime.now(UTC),
        )
        if not self._announce(context):
            raise SystemExit(os.EX_CONFIG)
        interval = context.settings.heartbeat_interval.total_seconds()
        self._beat = worker.timer.call_repeatedly(interval, self._renew, (context,))

    def stop(self, worker: Any) -> None:  # noqa: ARG002 - Celery's signature
        """Withdraw, so that the Tasks go to others at once."""
        if self._beat is not None:
            self._beat.cancel()
        if self._member is not None:
            try:
                withdraw(get_context(impatient=True).redis, self._member)
            except OUTAGES:
                log.warning("withdrawal_failed", extra={"worker": self._member.node})

    terminate = stop

    def _renew(self, context: Context) -> None:
        if not self._announce(context):
            # Cut off for a while, we were taken for dead, and another one has our name.
            state.should_stop = os.EX_CONFIG

    def _announce(self, context: Context) -> bool:
        """Say that we are there; False when our name is another worker's."""
        if self._member is None:
            raise TypeError("a worker that was never started is announced")
        lifetime = BEATS * context.settings.heartbeat_interval
        try:
            holder = announce(context.redis, self._member, lifetime)
            if holder is not None and _is_dead(holder):
                holder = announce(context.redis, self._member, lifetime, holder.instance)
        except OUTAGES as exc:
            # The next beat says it again.
            log.warning("announcement_failed", extra={"error": type(exc).__name__})
            return True
        if holder is None:
            return True
        log.critical(
            "worker_name_taken",
            extra={
                "worker": holder.node,
                "by": f"process {holder.pid} on {holder.host}",
                "hint": "start this one with another --hostname, or wait until that one is gone",
            },
        )
        return False


def _is_dead(holder: Member) -> bool:
    """Tell whether a worker of our name was killed on this host; of another, nobody knows."""
    if holder.host != socket.gethostname():
        return False
    if holder.pid == os.getpid():
        return True
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


app.steps["worker"].add(Membership)
