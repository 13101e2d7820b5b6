"""The source ``twitter``: X, by each account's timeline, or by one list for all."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import (
    GoneError,
    PayloadError,
    PlatformError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.middlewares import ask_for_translation
from stargazer.models import Fields, Model, SourceEvent, Task, Time
from stargazer.twitter.api import Twitter
from stargazer.twitter.tweets import Tweet, User
from stargazer.windows import Window, compare_window, pick
from workers.sources import contract
from workers.sources.contract import Known, Verdict, Watcher

KIND = "twitter"
#: How often it is asked whether an account is there, and what it is called now: each costs a cent.
CHECK_SPAN = timedelta(days=7)
#: What appears late in a list may be dated so much before what was seen already.
_OVERLAP = timedelta(minutes=10)
_MOST_PAGES = 10


class TwitterMemory(Model):
    """What is remembered of an account.

    :ivar account: its number, which stays when its owner changes the name.
    :ivar since_id: the newest tweet that is known; None: only the time before which all is old.
    """

    account: str
    username: str
    name: str = ""
    checked_at: Time
    since_id: str | None = None
    window: Window


class Sight(NamedTuple):
    """The tweets of an account that are in view; nothing at the first look, which asks for none."""

    user: User
    checked_at: datetime
    tweets: tuple[Tweet, ...]


@app.task(name="twitter.poll", bind=True)
def poll(self: StargazerTask, batch: str) -> None:
    """Look for tweets."""
    contract.poll(self.context, app, WATCHER, batch)


def fetch(
    context: Context, known: Sequence[Known[TwitterMemory]], now: datetime
) -> Mapping[UUID, Sight | PlatformError]:
    """Find the accounts, and read what they posted since the last look."""
    api = Twitter(context, now)
    users, seen = _find_users(api, known, now)
    settled = [each for each in known if each.task.id in users]
    if context.settings.twitter_list:
        by_author = _read_list(context, api, settled, now)
        for task, _memory in settled:
            user, checked_at = users[task.id]
            seen[task.id] = Sight(user, checked_at, tuple(by_author[user.id]))
        return seen
    replies = context.settings.twitter_replies
    for number, (task, memory) in enumerate(settled):
        user, checked_at = users[task.id]
        try:
            tweets = _read_timeline(api, memory, user, replies=replies)
        except ThrottledError:
            # What was read is told; the others are due again at once, and wait with the platform.
            if number:
                return seen
            raise
        except (PlatformError, PayloadError) as exc:
            seen[task.id] = exc if isinstance(exc, PlatformError) else TransientError(str(exc))
            continue
        seen[task.id] = Sight(user, checked_at, tweets)
    return seen


def compare(
    task: Task, memory: TwitterMemory | None, seen: Sight, now: datetime
) -> Verdict[TwitterMemory]:
    """Tell of tweets that are new; what was posted before the account was watched is not."""
    window = memory.window if memory else Window(since=task.created_at)
    window, new = compare_window(window, seen.tweets, now)
    told = pick(seen.tweets, new)
    ids = [int(tweet.tweet_id) for tweet in seen.tweets]
    if memory and memory.since_id:
        ids.append(int(memory.since_id))
    after = TwitterMemory(
        account=seen.user.id,
        username=seen.user.username,
        name=seen.user.name,
        checked_at=seen.checked_at,
        since_id=str(max(ids)) if ids else None,
        window=window,
    )
    return Verdict(after, tuple(_tell(task, seen.user, tweet, now) for tweet in told))


WATCHER = Watcher(kind=KIND, memory=TwitterMemory, fetch=fetch, compare=compare)


def _find_users(
    api: Twitter, known: Sequence[Known[TwitterMemory]], now: datetime
) -> tuple[dict[UUID, tuple[User, datetime]], dict[UUID, Sight | PlatformError]]:
    """Find the account of each Task, and say of the others why not."""
    users: dict[UUID, tuple[User, datetime]] = {}
    names: dict[UUID, str] = {}
    ids: dict[UUID, str] = {}
    for task, memory in known:
        if memory is None:
            names[task.id] = task.params.get("id", "").lower()
        elif now - memory.checked_at >= CHECK_SPAN:
            ids[task.id] = memory.account
        else:
            user = User(id=memory.account, username=memory.username, name=memory.name)
            users[task.id] = user, memory.checked_at
    found, problems = api.list_users(
        names=sorted(set(names.values()) - {""}), ids=sorted(set(ids.values()))
    )
    said = {key.lower(): problem for key, problem in problems.items()}
    by_name = {user.username.lower(): user for user in found}
    by_id = {user.id: user for user in found}
    errors: dict[UUID, Sight | PlatformError] = {}
    for wanted, present in ((names, by_name), (ids, by_id)):
        for task_id, key in wanted.items():
            there = present.get(key)
            if there is None:
                errors[task_id] = GoneError(said.get(key) or "X knows no such account")
            elif there.protected:
                errors[task_id] = RefusedError("this account is protected: X does not let us read")
            else:
                users[task_id] = there, now
    return users, errors


def _read_timeline(
    api: Twitter, memory: TwitterMemory | None, user: User, *, replies: bool
) -> tuple[Tweet, ...]:
    if memory is None:
        # Nothing is told of what was there before, so nothing is paid for it.
        return ()
    since = memory.window.since
    pages = api.read_timeline(user.id, memory.since_id, since, replies=replies)
    return tuple(tweet for page in pages for tweet in page.tweets)


def _read_list(
    context: Context, api: Twitter, known: Sequence[Known[TwitterMemory]], now: datetime
) -> Mapping[str, list[Tweet]]:
    """Read the list back to what is known, and share it out."""
    by_author: defaultdict[str, list[Tweet]] = defaultdict(list)
    seen = {key for _, memory in known if memory for key in memory.window.seen}
    last = context.store.platforms.get(KIND).succeeded_at or now
    token: str | None = None
    tokens: set[str | None] = {None}
    for _ in range(_MOST_PAGES):
        page = api.read_list(context.settings.twitter_list, token)
        for tweet in page.tweets:
            if context.settings.twitter_replies or tweet.form != "reply":
                by_author[tweet.author_id].append(tweet)
        oldest = min((tweet.published_at or now for tweet in page.tweets), default=now)
        is_known = oldest < last - _OVERLAP or any(each.item_id in seen for each in page.tweets)
        token = page.next_token
        if is_known or not page.tweets or token in tokens:
            break
        tokens.add(token)
    return by_author


def _tell(task: Task, user: User, tweet: Tweet, now: datetime) -> SourceEvent:
    at = min(tweet.published_at or now, now)
    what = "retweet" if tweet.form == "retweet" else "new_tweet"
    fields: Fields = {
        "text": tweet.text,
        "url": f"https://x.com/{user.username}/status/{tweet.tweet_id}",
        "author": user.name or user.username,
        "published_at": at.astimezone(UTC).isoformat(),
    }
    other = tweet.other
    pictures = tweet.pictures or (other.pictures if other and what == "retweet" else ())
    if pictures:
        fields |= {"picture": pictures[0], "pictures": list(pictures)}
    if tweet.video_previews:
        fields["video_previews"] = list(tweet.video_previews)
        fields.setdefault("picture", tweet.video_previews[0])
    texts = ["text"]
    if other:
        name = "original" if what == "retweet" else "quoted"
        fields[name] = {
            "author": other.author,
            "text": other.text,
            "url": other.url,
            "pictures": list(other.pictures),
        }
        if name == "quoted":
            texts.append("quoted/text")
    if tweet.is_sensitive:
        fields["sensitive"] = True
    fields |= ask_for_translation(fields, texts, tweet.language)
    tags = ("translate",) if "x-translate-fields" in fields else ()
    return SourceEvent.from_source(task, tweet.item_id, f"{KIND}/{what}", at, fields, tags)
