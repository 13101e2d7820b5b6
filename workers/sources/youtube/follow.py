"""Following broadcasts from the moment they are known until they are over."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

import celery

from stargazer.broadcasts.following import FOLLOWED
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.models import BroadcastState
from stargazer.youtube import Purpose
from workers.sources.youtube.looks import Looks
from workers.sources.youtube.watch import Pair, YouTubeWatch

#: How often it is seen to it that nothing is left out.
RECONCILE_SPAN = timedelta(minutes=1)
#: What is due so soon goes along with what is due, for the price of one.
AHEAD = timedelta(seconds=10)


def follow(app: celery.Celery, context: Context, now: datetime) -> None:
    """Look at the broadcasts that are due."""
    store, looks = context.store, Looks(context.redis)
    if take_tick(context.redis, "youtube.looks", RECONCILE_SPAN):
        every = chain.from_iterable(map(store.broadcasts.list_in_state, FOLLOWED))
        looks.add_missing(every, now)
    due = looks.list_due(now, AHEAD)
    if not due:
        return
    broadcasts = {(each.task, each.source_id): each for each in store.broadcasts.list_by_keys(due)}
    tasks = {task.id: task for task in store.tasks.list_by_ids(_unique(key for key, _ in due))}
    watch = YouTubeWatch(app, context, now)
    to_live: list[Pair] = []
    to_know: list[Pair] = []
    for task_id, video_id in due:
        known, task = broadcasts.get((task_id, video_id)), tasks.get(task_id)
        if known is None or task is None or task.paused:
            looks.forget(task_id, video_id)
        else:
            is_unknown = known.state == BroadcastState.UNKNOWN
            (to_know if is_unknown else to_live).extend(watch.pair_known(task, [known]))
    watch.take_in(to_live, Purpose.LIVE)
    # What nobody could tell while the Data API was not to be asked.
    watch.take_in(to_know, Purpose.NEW)


def _unique(items: Iterable[UUID]) -> list[UUID]:
    return list(dict.fromkeys(items))
