"""Who is live on Twitch: asked for by the hundred, and what follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from stargazer.context import Context
from stargazer.errors import GoneError, PlatformError, TransientError
from stargazer.lives import Live, LiveMemory, compare_live, tell
from stargazer.middlewares import ask_for_translation
from stargazer.models import Fields, Model, Task, Time
from stargazer.twitch import Twitch, TwitchStream, TwitchUser
from workers.sources.contract import Known, Verdict, Watcher

KIND = "twitch"
#: How often it is asked whether an account is there, and what it is called now.
CHECK_SPAN = timedelta(days=1)
#: So many streams do not end in the same moment, however often that is answered at first.
_MANY = 3
_MOST_DOUBTS = 5
_PICTURE_SIZE = ("1280", "720")


class TwitchMemory(Model):
    """What is remembered of an account.

    :ivar account: its id, which stays when its owner changes the login.
    :ivar login: the one it has now.
    :ivar checked_at: when Twitch was last asked for the account itself.
    """

    account: str
    login: str
    name: str = ""
    checked_at: Time
    live: LiveMemory | None = None


class Sight(NamedTuple):
    """What was seen of an account.

    :ivar live: None: no stream is on.
    :ivar checked_at: when Twitch was last asked for the account itself.
    :ivar settle: how long a stream has to be missing before it has ended.
    """

    user: TwitchUser
    live: Live | None
    checked_at: datetime
    settle: timedelta
    picture: str | None = None
    language: str = ""


def fetch(
    context: Context, known: Sequence[Known[TwitchMemory]], now: datetime
) -> Mapping[UUID, Sight | PlatformError]:
    """Ask who is live.

    An account is found by its login once; from then on by its id.
    """
    api = Twitch(context.http, context.settings)
    users = _find_users(api, known, now)
    found = {task: user for task, (user, _) in users.items() if not isinstance(user, PlatformError)}
    streams = api.list_streams(sorted({user.id for user in found.values()}))
    live = {stream.user_id: stream for stream in streams if stream.type == "live"}
    _doubt(context, known, live)
    seen: dict[UUID, Sight | PlatformError] = {}
    for task, (user, checked_at) in users.items():
        if isinstance(user, PlatformError):
            seen[task] = user
            continue
        settle = context.settings.twitch_settle
        seen[task] = _see(user, live.get(user.id), checked_at, settle)
    return seen


def compare(
    task: Task, memory: TwitchMemory | None, seen: Sight, now: datetime
) -> Verdict[TwitchMemory]:
    """Tell of a stream that began, was renamed, or ended."""
    before = memory.live if memory else None
    turn = compare_live(before, seen.live, now, seen.settle, resumes=True)
    after = TwitchMemory(
        account=seen.user.id,
        login=seen.user.login,
        name=seen.user.display_name,
        checked_at=seen.checked_at,
        live=turn.memory,
    )
    return Verdict(after, tell(task, turn, partial(_describe, seen), now))


WATCHER = Watcher(kind=KIND, memory=TwitchMemory, fetch=fetch, compare=compare)


def _find_users(
    api: Twitch, known: Iterable[Known[TwitchMemory]], now: datetime
) -> dict[UUID, tuple[TwitchUser | PlatformError, datetime]]:
    """Find the account of each Task, and when Twitch was last asked for it."""
    users: dict[UUID, tuple[TwitchUser | PlatformError, datetime]] = {}
    ids: dict[UUID, str] = {}
    logins: dict[UUID, str] = {}
    for task, memory in known:
        if memory is None:
            logins[task.id] = task.params.get("login", "")
        elif now - memory.checked_at >= CHECK_SPAN:
            ids[task.id] = memory.account
        else:
            user = TwitchUser(id=memory.account, login=memory.login, display_name=memory.name)
            users[task.id] = user, memory.checked_at
    by_id = {user.id: user for user in api.list_users(ids=sorted(set(ids.values())))}
    wanted = sorted({login for login in logins.values() if login})
    by_login = {user.login: user for user in api.list_users(logins=wanted)}
    for task_id, key in ids.items():
        gone = GoneError("Twitch knows this account no more")
        users[task_id] = by_id.get(key, gone), now
    for task_id, key in logins.items():
        gone = GoneError(f"Twitch knows no account of the login {key!r}")
        users[task_id] = by_login.get(key, gone), now
    return users


def _doubt(
    context: Context, known: Iterable[Known[TwitchMemory]], live: Mapping[str, TwitchStream]
) -> None:
    """Refuse to believe that all streams are over at once.

    :raises TransientError: for the first few answers that say so.
    """
    on = [
        each.memory.account
        for each in known
        if each.memory
        and each.memory.live
        and each.memory.live.live
        and not each.memory.live.misses
    ]
    if len(on) < _MANY or any(account in live for account in on):
        return
    if context.store.platforms.get(KIND).failures < _MOST_DOUBTS:
        raise TransientError(f"all {len(on)} streams that were on are missing at once")


def _see(
    user: TwitchUser, stream: TwitchStream | None, checked_at: datetime, settle: timedelta
) -> Sight:
    if stream is None:
        return Sight(user, None, checked_at, settle)
    # What it is called now.
    user = TwitchUser(id=user.id, login=stream.user_login, display_name=stream.user_name)
    width, height = _PICTURE_SIZE
    picture = stream.thumbnail_url.replace("{width}", width).replace("{height}", height)
    live = Live(
        source_id=stream.id,
        started_at=stream.started_at,
        title=stream.title,
        category=stream.game_name,
    )
    return Sight(user, live, checked_at, settle, picture or None, stream.language)


def _describe(seen: Sight, live: Live) -> Fields:
    fields: Fields = {
        "title": live.title,
        "url": f"https://www.twitch.tv/{seen.user.login}",
        "author": seen.user.display_name or seen.user.login,
        "category": live.category,
        "started_at": live.started_at.isoformat(),
    }
    if seen.picture:
        fields["picture"] = seen.picture
    return fields | ask_for_translation(fields, ("title",), seen.language)
