"""What hubs push of feeds: the feed itself, or what of it is new."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import celery

from stargazer.context import Context
from stargazer.errors import PayloadError
from stargazer.feeds import parse_feed
from stargazer.models import Push
from workers.sources.contract import Known, look
from workers.sources.feed.memory import FeedMemory, Sight
from workers.sources.feed.watch import WATCHER

log = logging.getLogger(__name__)


def take_push(context: Context, app: celery.Celery, push: Push, now: datetime) -> None:
    """Tell what follows from a push; one that is none is logged and dropped.

    Of a feed that was never looked at nothing is told: what is new there nobody knows yet.
    """
    try:
        feed = parse_feed(push.body)
    except PayloadError as exc:
        log.warning("push_unreadable", extra={"account": push.account, "error": str(exc)})
        return
    keys = context.store.memories.list_by_account(push.account)
    found = context.store.tasks.list_by_ids(keys)
    tasks = [task for task in found if task.kind == WATCHER.kind and not task.paused]

    def see(
        _context: Context, known: Sequence[Known[FeedMemory]], _now: datetime
    ) -> Mapping[UUID, Sight]:
        return {each.task.id: Sight(feed, is_whole=False) for each in known}

    look(context, app, replace(WATCHER, fetch=see), tasks, now, pushed=True)
