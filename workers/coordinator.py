"""The coordinator's tick: due Tasks go to the queue of their kind."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from stargazer import coordinator
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.settings import Settings

log = logging.getLogger(__name__)

RECONCILE_SPAN = timedelta(minutes=1)
#: How many Tasks one message carries.
BATCH = 10
_MOST_DUE = 5000
#: How often each kind of Task is looked at.
SPANS: dict[str, Callable[[Settings], timedelta]] = {
    "youtube": lambda settings: settings.youtube_poll_interval,
}


@app.task(name="coordinator.tick", bind=True)
def tick(self: StargazerTask) -> None:
    """Dispatch what is due; once a minute see whether the schedule is complete."""
    context = self.context
    now = datetime.now(UTC)
    if not coordinator.take_tick(
        context.redis, "coordinator.tick", context.settings.tick_interval, now
    ):
        return
    if coordinator.take_tick(context.redis, "coordinator.reconcile", RECONCILE_SPAN, now):
        reconcile(context, now)
    for kind in SPANS:
        dispatch(context, kind, now)


def reconcile(context: Context, now: datetime) -> None:
    """Put every Task of the database on the schedule, and take off what is gone."""
    ids = context.store.tasks.list_ids_by_kind()
    for kind, span in SPANS.items():
        added, removed = coordinator.reconcile(
            context.redis, kind, ids.get(kind, ()), now, span(context.settings)
        )
        if added or removed:
            log.info("schedule_reconciled", extra={"kind": kind, "added": added, "gone": removed})


def dispatch(context: Context, kind: str, now: datetime) -> int:
    """Send the due Tasks of a kind to its queue.

    :returns: how many.
    """
    span = SPANS[kind](context.settings)
    due = coordinator.take_due(context.redis, kind, now, span, _MOST_DUE)
    for start in range(0, len(due), BATCH):
        batch = [str(task) for task in due[start : start + BATCH]]
        # By then they are due again, and piling up behind a dead worker helps nobody.
        app.send_task(f"{kind}.poll", (batch,), expires=span.total_seconds())
    return len(due)
