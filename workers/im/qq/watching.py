"""Looking after the adapter: whether it is there, and its account online."""

from datetime import UTC, datetime

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.errors import PlatformError
from stargazer.onebot import LOOK_SPAN, OneBot, health


@app.task(name="qq.look", bind=True)
def look(self: StargazerTask) -> None:
    """See how it goes with the adapter, where there is one."""
    context = self.context
    if context.settings.qq_url and take_tick(context.redis, "qq.look", LOOK_SPAN):
        look_at_adapter(context, datetime.now(UTC))


def look_at_adapter(context: Context, now: datetime) -> None:
    """Ask the adapter how it is."""
    error = None
    try:
        OneBot(context).look()
    except PlatformError as exc:
        error = exc
    health.note(context, error, now)
