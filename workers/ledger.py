"""The sweeper of the ledger: what nobody finished in time is handed out again."""

import logging
from datetime import UTC, datetime, timedelta

from stargazer import bus, ledger, metrics
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.lines import Lines
from workers.fanout import hand_over
from workers.im import CHAT_APPS

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 2000


@app.task(name="ledger.sweep", bind=True)
def sweep(self: StargazerTask) -> None:
    """Hand out again what is overdue, or all that is pending when Redis was wiped."""
    context = self.context
    now = datetime.now(UTC)
    span = context.settings.sweep_interval
    if take_tick(context.redis, "ledger.sweep", span):
        if ledger.is_wiped(context.redis, "ledger"):
            ledger.rebuild_lines(context.store, Lines(context.redis))
            context.store.deliveries.make_unclaimed_due(now)
        for im in CHAT_APPS:
            sweep_chat_app(context, im, now)


def sweep_chat_app(context: Context, im: str, now: datetime) -> int:
    """Hand out again what is overdue on one chat app.

    While its queue holds messages, what is overdue is most likely in there, and has to be later
    still before it is doubled.

    :returns: how many Deliveries.
    """
    again = context.settings.sweep_after
    lateness = timedelta()
    if bus.count_waiting(app, im):
        lateness = bus.PATIENCE * again
        # Reading a long backlog is not free, either.
        if not take_tick(context.redis, f"ledger.patience.{im}", lateness):
            return 0
    count = 0
    for event, users in ledger.take_overdue(context.store, im, now, again, _MOST_AT_ONCE, lateness):
        if not hand_over(im, event, users):
            break
        count += len(users)
    if count:
        metrics.swept.labels("delivery").inc(count)
        log.warning("deliveries_swept", extra={"im": im, "count": count})
    return count
