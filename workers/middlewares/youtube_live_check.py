"""The middleware ``youtube-live-check``: an Event waits until a broadcast is live.

Parameters: ``x-channel-id``, and ``x-video-id`` where one broadcast of the channel is meant. It
looks at what the source ``youtube`` knows and makes no request of its own: a channel that nobody
watches is refused, and the Event goes on as it was.
"""

import logging
from datetime import UTC, datetime, timedelta

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.errors import RefusedError
from stargazer.middlewares import LIVE_CHECK as TAG
from stargazer.middlewares import SCAN_SPANS
from stargazer.models import BroadcastState, Event, OutboxState, Step, StoredEvent
from workers.middlewares.contract import (
    SWALLOWED,
    Held,
    Middleware,
    Parameters,
    Swallowed,
    go_on,
    work,
)

log = logging.getLogger(__name__)

#: A broadcast that was moved to more than so long from now is not waited for.
LONGEST_WAIT = timedelta(days=2)
_TO_COME = (BroadcastState.UNKNOWN, BroadcastState.UPCOMING)


@app.task(name="youtube-live-check.treat", bind=True)
def treat_event(self: StargazerTask, event: str) -> None:
    """Let an Event wait for its broadcast."""
    work(self, MIDDLEWARE, event)


@app.task(name="youtube-live-check.scan", bind=True)
def scan(self: StargazerTask) -> None:
    """Look at what the Events that are held wait for."""
    if take_tick(self.context.redis, "youtube-live-check.scan", SCAN_SPANS[TAG]):
        release_ready(self.context, datetime.now(UTC))


def check_live(
    context: Context, event: StoredEvent, parameters: Parameters
) -> Event | Held | Swallowed:
    """Let an Event pass when its broadcast is live, and wait while it is to come.

    :raises RefusedError: when a parameter is missing, or nobody watches the channel.
    """
    channel_id, video_id = parameters.get("channel-id"), parameters.get("video-id")
    if not isinstance(channel_id, str) or not isinstance(video_id, str | None):
        raise RefusedError("x-channel-id is missing, or it or x-video-id is no string")
    return judge(context, event, channel_id, video_id, parameters.now)


MIDDLEWARE = Middleware(TAG, check_live, patience=timedelta(seconds=60))


def judge(
    context: Context, event: StoredEvent, channel_id: str, video_id: str | None, now: datetime
) -> Event | Held | Swallowed:
    """Decide from what is known of the channel's broadcasts.

    :raises RefusedError: when nobody watches the channel.
    """
    store = context.store
    tasks = store.tasks.list_by_account("youtube", {"channel_id": channel_id})
    if not tasks:
        raise RefusedError("nobody watches this channel")
    if video_id is None:
        known = store.broadcasts.list_open_of_task(tasks[0].id)
    else:
        known = list(store.broadcasts.list_known(tasks[0].id, [video_id]).values())
    if any(broadcast.state == BroadcastState.LIVE for broadcast in known):
        return event
    is_to_come = any(
        broadcast.state in _TO_COME
        and (broadcast.scheduled_at is None or broadcast.scheduled_at <= now + LONGEST_WAIT)
        for broadcast in known
    )
    # A video that the source has not seen yet may still come; one that is over will not.
    waits_since = event.history[-1].at if event.state == OutboxState.HELD else now
    if is_to_come or (not known and now - waits_since <= LONGEST_WAIT):
        return Held(f"until {video_id or channel_id} is live")
    return SWALLOWED


def release_ready(context: Context, now: datetime) -> int:
    """Let those Events go on whose broadcasts are live, and swallow those that wait in vain.

    :returns: how many are not held any more.
    """
    count = 0
    for event in context.store.events.list_in_state(OutboxState.HELD):
        if event.tags[-1:] != (TAG,):
            continue
        parameters = Parameters(event.fields, now)
        try:
            outcome = check_live(context, event, parameters)
        except RefusedError:
            # Nobody watches the channel any more.
            outcome = SWALLOWED
        if isinstance(outcome, Held):
            continue
        count += 1
        if isinstance(outcome, Swallowed):
            step = Step(at=now, by=TAG, what="cancelled")
            context.store.events.advance(event, step, OutboxState.SWALLOWED)
        else:
            fields = {
                name: value for name, value in event.fields.items() if name not in parameters.read
            }
            go_on(app, context, event, Step(at=now, by=TAG, what="released"), fields)
    return count
