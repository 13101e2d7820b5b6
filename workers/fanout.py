"""Fan-out: who wants this Event? Each of them gets a Delivery."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import kombu.exceptions

from stargazer import bus, ledger, metrics
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.lines import Lines
from stargazer.models import OutboxState

log = logging.getLogger(__name__)


@app.task(name="fanout.fan_out", bind=True)
def fan_out(self: StargazerTask, event_id: str) -> None:
    """Give a ready Event to everybody who wants it."""
    spread(self.context, UUID(event_id))


def spread(context: Context, event_id: UUID) -> None:
    """Write an Event's Deliveries, hand them to their chat apps, and close it.

    It may be done again: only what is new is handed on.
    """
    store = context.store
    event = store.events.find(event_id)
    if event is None or event.state != OutboxState.OPEN:
        return
    now = datetime.now(UTC)
    if ledger.is_stale(event, now, context.settings.stale_after):
        metrics.stale.labels(event.kind).inc()
        log.warning("event_stale", extra={"event_id": event_id, "kind": event.kind})
        store.events.finish(event_id, OutboxState.STALE, 0)
        return
    due_at = now + context.settings.sweep_after
    count = 0
    for im, users in ledger.open_deliveries(store, Lines(context.redis), event, now, due_at):
        hand_over(im, event_id, users)
        count += len(users)
    bus.announce(app, event)
    if event.publications > 1:
        # An earlier run may have told some, and then died.
        count = store.deliveries.count_of_event(event_id)
    store.events.finish(event_id, OutboxState.DONE, count)
    log.info("event_fanned_out", extra={"event_id": event_id, "deliveries": count})


def hand_over(im: str, event_id: UUID, users: Sequence[UUID], seconds: float = 0.0) -> bool:
    """Put Deliveries onto the queue of their chat app.

    :param seconds: not before so long from now.
    :returns: False when the broker did not take them, or nobody serves that chat app: the ledger
        has them, and its sweeper tries again.
    """
    if f"{im}.deliver" not in app.tasks:
        return False
    try:
        app.send_task(
            f"{im}.deliver",
            (str(event_id), [str(user) for user in users]),
            countdown=seconds or None,
        )
    except kombu.exceptions.OperationalError:
        log.warning("hand_over_failed", extra={"event_id": event_id, "im": im})
        return False
    return True
