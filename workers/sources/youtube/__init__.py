"""The source ``youtube``: Tasks of the kind ``youtube`` with a ``channel_id``."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.errors import PayloadError, TransientError
from stargazer.models import Task
from stargazer.youtube.quota import list_keys
from workers.sources.batch import look_at
from workers.sources.youtube.feed import parse_feed
from workers.sources.youtube.follow import follow as follow_broadcasts
from workers.sources.youtube.watch import YouTubeWatch
from workers.websub import ensure_lease

log = logging.getLogger(__name__)

KIND = "youtube"
#: How often a push is put off because the Data API cannot say what it is about.
_PATIENCE = 5


@app.task(name="youtube.receive", bind=True)
def receive(self: StargazerTask, push_id: str) -> None:
    """Work on what the hub pushed."""
    insist = self.request.retries < _PATIENCE
    try:
        work_on_push(self.context, UUID(push_id), insist=insist)
    except TransientError as exc:
        raise self.retry(exc=exc, countdown=2**self.request.retries, max_retries=_PATIENCE) from exc


@app.task(name="youtube.poll", bind=True)
def poll(self: StargazerTask, batch: str) -> None:
    """Look at some channels, whether the hub has spoken or not."""
    look_at(self.context, batch, partial(look_at_channels, self.context))


@app.task(name="youtube.follow", bind=True)
def follow(self: StargazerTask) -> None:
    """Look at the streams that are near their start."""
    settings = self.context.settings
    now = datetime.now(UTC)
    if list_keys(settings) and take_tick(
        self.context.redis, "youtube.follow", settings.youtube_follow_interval
    ):
        follow_broadcasts(app, self.context, now)


def look_at_channels(context: Context, tasks: Sequence[Task]) -> None:
    """See to it that the hub tells us of these channels, and read their feeds."""
    now = datetime.now(UTC)
    for channel_id in {task.params.get("channel_id", "") for task in tasks} - {""}:
        hub = f"{context.settings.youtube_hub_url}/subscribe"
        topic = context.settings.youtube_topic.format(channel_id=channel_id)
        ensure_lease(context, KIND, channel_id, hub, topic, now)
    YouTubeWatch(app, context, now).poll(tasks)


def work_on_push(context: Context, push_id: UUID, *, insist: bool) -> None:
    """Work on a push, and forget it once what it says is in the outbox.

    It may be done again: who comes second finds nothing, or makes the same Events of it.

    :raises TransientError: while insisting, when the Data API has passing trouble.
    """
    push = context.store.pushes.find(push_id)
    if push is None:
        return
    take_push(context, push.account, push.body, insist=insist)
    context.store.pushes.delete(push_id)


def take_push(context: Context, channel_id: str, body: bytes, *, insist: bool) -> None:
    """Work on a pushed feed; one that is none is logged and dropped.

    :raises TransientError: while insisting, when the Data API has passing trouble.
    """
    found = context.store.tasks.list_by_account(KIND, {"channel_id": channel_id})
    tasks = [task for task in found if not task.paused]
    try:
        feed = parse_feed(body)
    except PayloadError as exc:
        log.warning("push_unreadable", extra={"channel": channel_id, "error": str(exc)})
        return
    YouTubeWatch(app, context, datetime.now(UTC)).receive(tasks, channel_id, feed, insist=insist)
