"""The sweeper of the ledger: what nobody finished in time is handed out again."""

import logging
import sys
import time
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
_ALL = sys.maxsize
#: There while the sweeper rests.
REST = "stargazer:sweep:rest"
#: Reading a long backlog keeps the database from other things: a sweep that takes more seconds
#: than this is followed by so many times as much of rest.
_AT_LEISURE = 0.5
_REST_AFTER = 20


@app.task(name="ledger.sweep", bind=True)
def sweep(self: StargazerTask) -> None:
    """Hand out again what is overdue, or all that is pending when Redis was wiped."""
    context = self.context
    now = datetime.now(UTC)
    span = context.settings.sweep_interval
    if take_tick(context.redis, "ledger.sweep", span):
        with ledger.mend(context.redis, "ledger") as is_wiped:
            if is_wiped:
                ledger.rebuild_lines(context.store, Lines(context.redis))
            sweep_chat_apps(context, CHAT_APPS, now, is_wiped=is_wiped)


def sweep_chat_apps(
    context: Context, ims: Sequence[str], now: datetime, *, is_wiped: bool = False
) -> Counter[str]:
    """Hand out again what is overdue on some chat apps.

    :param is_wiped: whether what lay in queues is gone; so all that nobody has in hand is overdue.
    :returns: how many Deliveries, by chat app.
    """
    if not is_wiped and context.redis.exists(REST):
        return Counter()
    start = time.monotonic()
    counts = _hand_out(context, ims, now, is_wiped=is_wiped)
    spent = time.monotonic() - start
    if rest := get_rest(spent):
        context.redis.set(REST, 1, px=int(rest * 1000))
    return counts


def get_rest(spent: float) -> float:
    """Give how long the sweeper leaves the database in peace after a look, in seconds.

    :param spent: how long that took.
    """
    return _REST_AFTER * spent if spent > _AT_LEISURE else 0.0


def _hand_out(
    context: Context, ims: Sequence[str], now: datetime, *, is_wiped: bool
) -> Counter[str]:
    again_at = now + context.settings.sweep_after
    before = {
        im: now - lateness
        for im in ims
        if (lateness := timedelta() if is_wiped else _get_patience(context, im)) is not None
    }
    counts = Counter[str]()
    if not before:
        return counts
    limit = _ALL if is_wiped else _MOST_AT_ONCE
    overdue = ledger.take_overdue(context.store, before, again_at, limit, with_unclaimed=is_wiped)
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
