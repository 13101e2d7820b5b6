"""Following broadcasts from the moment they are known until they are over."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

import celery

from stargazer.broadcasts.following import FOLLOWED
from stargazer.context import Context
from stargazer.coordinator.leader import take_tick
from stargazer.youtube import Purpose
from stargazer.youtube.quota import Quota, list_keys, until_reset
from workers.sources.youtube.looks import Looks
from workers.sources.youtube.watch import Pair, YouTubeWatch

#: How often it is seen to it that nothing is left out; at once when Redis was wiped.
RECONCILE_SPAN = timedelta(minutes=10)
#: What is due so soon goes along with what is due, for the price of one.
AHEAD = timedelta(seconds=10)


def follow(app: celery.Celery, context: Context, now: datetime) -> None:
    """Look at the broadcasts that are due."""
    store, looks = context.store, Looks(context.redis)
    if take_tick(context.redis, "youtube.looks", RECONCILE_SPAN) or looks.is_empty():
        every = chain.from_iterable(map(store.broadcasts.list_in_state, FOLLOWED))
        looks.add_missing(every, now)
    due = looks.list_due(now, AHEAD)
    if not due or not _may_spend(context, looks, now):
        return
    broadcasts = {(each.task, each.source_id): each for each in store.broadcasts.list_by_keys(due)}
    tasks = {task.id: task for task in store.tasks.list_by_ids(_unique(key for key, _ in due))}
    watch = YouTubeWatch(app, context, now)
    pairs: list[Pair] = []
    for task_id, video_id in due:
        known, task = broadcasts.get((task_id, video_id)), tasks.get(task_id)
        if known is None or task is None or task.paused:
            looks.forget(task_id, video_id)
        else:
            pairs += watch.pair_known(task, [known])
    # What nobody could tell until now goes along: where there is place among fifty it is free.
    watch.take_in(pairs, Purpose.LIVE)


def choose_span(interval: timedelta, left: int, rest: timedelta) -> timedelta:
    """Give how often it may be looked, so that the units last until the day is over.

    :param interval: how often it is looked while there are enough.
    :param left: units of today.
    :param rest: of the day.
    """
    return max(interval, rest / left) if left > 0 else rest


def _may_spend(context: Context, looks: Looks, now: datetime) -> bool:
    settings = context.settings
    quota = Quota(context.store, settings.youtube_quota)
    left = quota.count_left(list_keys(settings), now)
    span = choose_span(settings.youtube_follow_interval, left, until_reset(now))
    return span <= settings.youtube_follow_interval or looks.take_turn(now, span)


def _unique(items: Iterable[UUID]) -> list[UUID]:
    return list(dict.fromkeys(items))
