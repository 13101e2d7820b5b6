"""The sweeper of the ledger: what nobody finished in time is handed out again."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from stargazer import bus, ledger, metrics
from stargazer.addresses import CHAT_APPS
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.lines import Lines
from workers.fanout import hand_over

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
        sweep_chat_apps(context, CHAT_APPS, now)


def sweep_chat_apps(context: Context, ims: Sequence[str], now: datetime) -> Counter[str]:
    """Hand out again what is overdue on some chat apps.

    :returns: how many Deliveries, by chat app.
    """
    again_at = now + context.settings.sweep_after
    before = {
        im: now - lateness for im in ims if (lateness := _get_patience(context, im)) is not None
    }
    counts = Counter[str]()
    if not before:
        return counts
    overdue = ledger.take_overdue(context.store, before, again_at, _MOST_AT_ONCE)
    away = set()
    for im, event, users in overdue:
        if im not in away and hand_over(im, event, users):
            counts[im] += len(users)
        else:
            away.add(im)
    for im, count in counts.items():
        metrics.swept.labels("delivery").inc(count)
        log.warning("deliveries_swept", extra={"im": im, "count": count})
    return counts


def _get_patience(context: Context, im: str) -> timedelta | None:
    """Give how long something has to be overdue to be handed out again; None: not now.

    While the queue of its chat app holds messages it is most likely in there, and has to be later
    still before it is doubled.
    """
    if not bus.count_waiting(app, im):
        return timedelta()
    patience = bus.PATIENCE * context.settings.sweep_after
    # Reading a long backlog is not free, either.
    return patience if take_tick(context.redis, f"ledger.patience.{im}", patience) else None
