"""The source ``bilibili``: posts, by the feed of the operator's account, or by feeds of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import PayloadError, PlatformError
from stargazer.middlewares import ask_for_translation
from stargazer.models import Fields, SourceEvent, Task
from stargazer.windows import compare_window, pick
from workers.sources import contract
from workers.sources.bilibili.feeds import fetch_feeds
from workers.sources.bilibili.following import fetch_following
from workers.sources.bilibili.memory import KIND, BilibiliMemory, Sight
from workers.sources.bilibili.posts import Post
from workers.sources.contract import Known, Verdict, Watcher


@app.task(name="bilibili.poll", bind=True)
def poll(self: StargazerTask, batch: str) -> None:
    """Look for posts."""
    contract.poll(self.context, app, WATCHER, batch)


def fetch(
    context: Context, known: Sequence[Known[BilibiliMemory]], now: datetime
) -> Mapping[UUID, Sight | PlatformError | PayloadError]:
    """Read posts in the way that the operator has chosen."""
    if context.settings.bilibili_cookie.get_secret_value():
        return fetch_following(context, known, now)
    return fetch_feeds(context, known)


def compare(
    task: Task, memory: BilibiliMemory | None, seen: Sight, now: datetime
) -> Verdict[BilibiliMemory]:
    """Tell of posts that are new."""
    # What is pinned is at the top, however old it is.
    posts = [post for post in seen.posts if memory is not None or not post.is_pinned]
    window, new = compare_window(memory.window if memory else None, posts, now)
    events = tuple(_tell(task, post, now) for post in pick(posts, new) if post.what is not None)
    after = BilibiliMemory(
        account=task.params.get("uid", ""),
        window=window,
        checked_at=seen.checked_at,
        validators=seen.validators,
    )
    return Verdict(after, events)


WATCHER = Watcher(kind=KIND, memory=BilibiliMemory, fetch=fetch, compare=compare)


def _tell(task: Task, post: Post, now: datetime) -> SourceEvent:
    at = min(post.published_at or now, now)
    fields: Fields = {
        "text": post.text,
        "url": post.url,
        "author": post.author,
        "published_at": at.isoformat(),
    }
    if post.title or post.what == "new_video":
        fields["title"] = post.title
    if post.pictures:
        fields |= {"picture": post.pictures[0], "pictures": list(post.pictures)}
    if post.original:
        original = post.original
        fields["original"] = {
            "author": original.author,
            "text": original.text,
            "url": original.url,
            "pictures": list(original.pictures),
            **({"deleted": True} if original.is_gone else {}),
        }
    fields |= ask_for_translation(fields, ("title", "text", "original/text"), "zh")
    tags = ("translate",) if "x-translate-fields" in fields else ()
    return SourceEvent.from_source(task, post.item_id, f"{KIND}/{post.what}", at, fields, tags)
