"""The source ``feed``: Tasks with the ``url`` of a feed of any kind."""

from datetime import UTC, datetime
from uuid import UUID

from stargazer.app import StargazerTask, app
from workers.sources import contract
from workers.sources.feed.pushes import take_push
from workers.sources.feed.watch import WATCHER


@app.task(name="feed.poll", bind=True)
def poll(self: StargazerTask, batch: str) -> None:
    """Read some feeds."""
    contract.poll(self.context, app, WATCHER, batch)


@app.task(name="feed.receive", bind=True)
def receive(self: StargazerTask, push_id: str) -> None:
    """Work on what a hub pushed, and forget it once what it says is in the outbox."""
    push = self.context.store.pushes.find(UUID(push_id))
    if push is not None:
        take_push(self.context, app, push, datetime.now(UTC))
        self.context.store.pushes.delete(push.id)
