"""The posts of each account by a feed of its own, of a server that the operator has chosen.

What such a feed says of a post is less than what bilibili does: not whether it passes something
on. Its number is in its address, so that whoever changes the way is told nothing twice.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from stargazer.context import Context
from stargazer.errors import PayloadError, PlatformError, TransientError
from stargazer.feeds import Entry, parse_feed
from workers.sources.bilibili.memory import BilibiliMemory, Sight, Validators
from workers.sources.bilibili.posts import Post
from workers.sources.contract import Known
from workers.sources.feed.asking import ask_all

#: How many time-outs of one request all feeds of a batch may take.
_PATIENCE = 2
_NUMBER = re.compile(r"(?:t\.bilibili\.com|/opus|/dynamic)/(\d+)")


class _Place(NamedTuple):
    """Where the posts of an account are."""

    uid: str
    url: str
    validators: Validators


def fetch_feeds(
    context: Context, known: Sequence[Known[BilibiliMemory]]
) -> Mapping[UUID, Sight | PlatformError | PayloadError]:
    """Read the feed of each account.

    :raises TransientError: when none of several could be reached: it is the server's trouble.
    """
    template = context.settings.bilibili_feed
    wanted = []
    for task, memory in known:
        uid = task.params.get("uid", "")
        validators = memory.validators if memory else Validators()
        place = _Place(uid, template.replace("{uid}", uid), validators)
        wanted.append((task.id, place.url, partial(_read, context, place, memory)))
    seen = ask_all(wanted, context.settings.http_timeout * _PATIENCE)
    failed = [each for each in seen.values() if isinstance(each, TransientError)]
    if len(failed) == len(seen) > 1:
        raise TransientError(f"none of {len(seen)} feeds can be read: {failed[0]}")
    return seen


def read_entries(uid: str, author: str, entries: Sequence[Entry]) -> tuple[Post, ...]:
    """Read the entries of an account's feed as its posts."""
    return tuple(_read_entry(uid, author, entry) for entry in entries)


def _read(context: Context, place: _Place, memory: BilibiliMemory | None) -> Sight:
    answer = context.http.get(
        place.url, etag=place.validators.etag, last_modified=place.validators.last_modified
    )
    checked_at = memory.checked_at if memory else None
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return Sight((), checked_at, place.validators)
    answer.raise_for_status()
    feed = parse_feed(answer.body, answer.headers.get("Content-Type", ""), answer.url)
    posts = read_entries(place.uid, feed.title, feed.entries)
    if not posts and memory and memory.window.seen:
        raise TransientError("the feed is empty, where there was something")
    validators = Validators(
        etag=answer.headers.get("ETag"), last_modified=answer.headers.get("Last-Modified")
    )
    return Sight(posts, checked_at, validators)


def _read_entry(uid: str, author: str, entry: Entry) -> Post:
    number = _NUMBER.search(entry.url)
    is_video = "/video/" in entry.url
    # A post has no title of its own; what stands there is how its text begins.
    title = entry.title if is_video else ""
    return Post(
        item_id=number[1] if number else entry.item_id,
        uid=uid,
        author=entry.author or author,
        published_at=entry.published_at,
        what="new_video" if is_video else "new_dynamic",
        text=entry.text or entry.title,
        title=title,
        url=entry.url or f"https://space.bilibili.com/{uid}/dynamic",
        pictures=entry.pictures,
        is_pinned=False,
    )
