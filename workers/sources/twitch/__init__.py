"""The source ``twitch``: who is live, by Twitch's pushes and by asking."""

from datetime import UTC, datetime
from uuid import UUID

from stargazer.app import StargazerTask, app
from stargazer.coordinator.leader import take_tick
from stargazer.twitch import SUBSCRIBE_SPAN
from workers.sources import contract
from workers.sources.twitch.pushes import take_push
from workers.sources.twitch.subscriptions import keep_subscriptions
from workers.sources.twitch.watch import WATCHER


@app.task(name="twitch.poll", bind=True)
def poll(self: StargazerTask, batch: str) -> None:
    """Look who is live."""
    contract.poll(self.context, app, WATCHER, batch)


@app.task(name="twitch.receive", bind=True)
def receive(self: StargazerTask, push_id: str) -> None:
    """Work on what Twitch pushed, and forget it once what it says is in the outbox."""
    push = self.context.store.pushes.find(UUID(push_id))
    if push is not None:
        take_push(self.context, app, push, datetime.now(UTC))
        self.context.store.pushes.delete(push.id)


@app.task(name="twitch.subscribe", bind=True)
def subscribe(self: StargazerTask) -> None:
    """See to it that Twitch pushes what we need."""
    if take_tick(self.context.redis, "twitch.subscribe", SUBSCRIBE_SPAN):
        keep_subscriptions(self.context, datetime.now(UTC))
