"""The sweeper: what was written but never arrived, Events and pushes, is published again."""

from datetime import UTC, datetime

from stargazer import bus
from stargazer.app import StargazerTask, app
from stargazer.coordinator.leader import take_tick
from stargazer.ledger import mend


@app.task(name="outbox.sweep", bind=True)
def sweep(self: StargazerTask) -> None:
    """Publish again what should have arrived long ago, or all of it when Redis was wiped."""
    context = self.context
    settings = context.settings
    now = datetime.now(UTC)
    if take_tick(context.redis, "outbox.sweep", settings.sweep_interval):
        with mend(context.redis, "outbox") as is_wiped:
            before = now if is_wiped else now - settings.sweep_after
            bus.sweep(app, context.store, before, now)
            bus.sweep_pushes(app, context.store, before, now)
