"""The posts of all whom the operator's account follows: one request for everybody."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from stargazer.bilibili import get_feed, list_followed
from stargazer.context import Context
from stargazer.errors import (
    BlockedError,
    CredentialsError,
    PayloadError,
    PlatformError,
    TransientError,
)
from workers.sources.bilibili.memory import KIND, BilibiliMemory, Sight
from workers.sources.bilibili.posts import Post, read_posts
from workers.sources.contract import Known

log = logging.getLogger(__name__)

#: What appears late may be dated so much before what was seen already.
_OVERLAP = timedelta(minutes=10)
_MOST_PAGES = 20
#: How often it is asked whether an account is followed, so many at a time.
FOLLOWED_SPAN = timedelta(days=1)
_MOST_RELATIONS = 40


class _Relations(NamedTuple):
    """Which accounts the cookie's account follows, and which not, of those that were asked for."""

    followed: set[str]
    others: set[str]


def fetch_following(
    context: Context, known: Sequence[Known[BilibiliMemory]], now: datetime
) -> Mapping[UUID, Sight | PlatformError | PayloadError]:
    """Read the feed back to what is known, and share it out.

    :raises TransientError: when it is empty, though there were posts before.
    """
    posts = _read_pages(context, now)
    if not posts and any(memory and memory.window.seen for _, memory in known):
        raise TransientError("an empty answer, though there were posts before")
    by_author = defaultdict(list)
    for post in posts:
        by_author[post.uid].append(post)
    relations = _find_relations(context, known, now)
    seen: dict[UUID, Sight | PlatformError | PayloadError] = {}
    for task, memory in known:
        uid = task.params.get("uid", "")
        checked_at = memory.checked_at if memory else None
        if uid in relations.followed:
            checked_at = now
        elif uid in relations.others and not by_author[uid]:
            seen[task.id] = TransientError(
                "the account whose cookie is used does not follow this one"
            )
            continue
        seen[task.id] = Sight(tuple(by_author[uid]), checked_at)
    return seen


def _read_pages(context: Context, now: datetime) -> list[Post]:
    settings = context.settings
    cookie = settings.bilibili_cookie.get_secret_value()
    last = context.store.platforms.get(KIND).succeeded_at
    posts: dict[str, Post] = {}
    offset = ""
    for _ in range(_MOST_PAGES):
        page = get_feed(context.http, settings.bilibili_api_url, cookie, offset)
        found = read_posts(page["items"])
        before = len(posts)
        posts |= {post.item_id: post for post in found}
        oldest = min((post.published_at or now for post in found), default=now)
        offset = str(page.get("offset") or "")
        is_known = last is None or oldest < last - _OVERLAP
        # A page that brings nothing new is the same page again.
        if is_known or not page.get("has_more") or not offset or len(posts) == before:
            break
    else:
        log.warning("feed_longer_than_read", extra={"kind": KIND, "pages": _MOST_PAGES})
    return list(posts.values())


def _find_relations(
    context: Context, known: Sequence[Known[BilibiliMemory]], now: datetime
) -> _Relations:
    """Ask, now and then, which accounts are followed."""
    due = {task.params.get("uid", "") for task, memory in known if _is_due(memory, now)} - {""}
    uids = sorted(due)
    settings = context.settings
    cookie = settings.bilibili_cookie.get_secret_value()
    relations = _Relations(set(), set())
    for start in range(0, len(uids), _MOST_RELATIONS):
        asked = uids[start : start + _MOST_RELATIONS]
        try:
            followed = list_followed(context.http, settings.bilibili_api_url, cookie, asked)
        except (BlockedError, CredentialsError):
            raise
        except (PlatformError, PayloadError) as exc:
            # Nobody knows, and that is no reason to doubt what the feed shows.
            log.info("relations_unknown", extra={"kind": KIND, "error": str(exc)})
            break
        relations.followed.update(followed)
        relations.others.update(set(asked) - followed)
    return relations


def _is_due(memory: BilibiliMemory | None, now: datetime) -> bool:
    checked_at = memory.checked_at if memory else None
    return checked_at is None or now - checked_at >= FOLLOWED_SPAN
