"""Looking after the adapter: whether it is there, and its account online."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from stargazer import ratelimit
from stargazer.app import StargazerTask, app
from stargazer.context import OUTAGES, Context
from stargazer.coordinator.leader import take_tick
from stargazer.errors import PlatformError
from stargazer.onebot import LOOK_SPAN, OneBot, health
from workers.im.qq.sending import ALL


@app.task(name="qq.look", bind=True)
def look(self: StargazerTask) -> None:
    """See how it goes with the adapter, where there is one."""
    context = self.context
    if context.settings.qq_url and take_tick(context.redis, "qq.look", LOOK_SPAN):
        look_at_adapter(context, datetime.now(UTC))


def look_at_adapter(context: Context, now: datetime) -> None:
    """Ask the adapter, and hold all messages back for as long as none would arrive."""
    try:
        OneBot(context).look()
    except PlatformError as exc:
        hold_back(context)
        health.note(context.store, exc, now)
    else:
        health.note(context.store, None, now)


def hold_back(context: Context) -> None:
    """Send nothing until the next look: an account that is offline loses what it is given."""
    with suppress(*OUTAGES):
        ratelimit.block(context.redis, ALL, 1.5 * LOOK_SPAN / timedelta(seconds=1))
