"""The source ``bililive``: who is live on bilibili, asked for by the hundred."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from stargazer.app import StargazerTask, app
from stargazer.bilibili import Room, list_rooms
from stargazer.context import Context
from stargazer.errors import PlatformError, TransientError
from stargazer.lives import Live, LiveMemory, compare_live, tell
from stargazer.middlewares import ask_for_translation
from stargazer.models import Fields, Model, Task
from workers.sources import contract
from workers.sources.contract import Known, Verdict, Watcher

_LIVE = 1


class BililiveMemory(Model):
    """What is remembered of an account.

    :ivar room: the number of its room.
    """

    account: str
    room: int
    live: LiveMemory | None = None


class Sight(NamedTuple):
    """What was seen of an account.

    :ivar live: None: no stream is on.
    """

    room: Room
    live: Live | None


@app.task(name="bililive.poll", bind=True)
def poll(self: StargazerTask, batch: str) -> None:
    """Look who is live."""
    contract.poll(self.context, app, WATCHER, batch)


def fetch(
    context: Context, known: Sequence[Known[BililiveMemory]], _now: datetime
) -> Mapping[UUID, Sight | PlatformError]:
    """Ask for the live rooms.

    :raises TransientError: when the rooms that there were are all missing.
    """
    uids = sorted({task.params.get("uid", "") for task, _ in known} - {""})
    rooms = list_rooms(context.http, context.settings.bililive_api_url, uids)
    if not rooms and any(memory for _, memory in known):
        raise TransientError("an empty answer, though there were rooms before")
    return {task.id: _see(rooms.get(task.params.get("uid", "")), memory) for task, memory in known}


def compare(
    task: Task, memory: BililiveMemory | None, seen: Sight, now: datetime
) -> Verdict[BililiveMemory]:
    """Tell of a stream that began, was renamed, or ended; seen twice, an end is one."""
    before = memory.live if memory else None
    turn = compare_live(before, seen.live, now, timedelta(), resumes=True)
    after = BililiveMemory(account=str(seen.room.uid), room=seen.room.room_id, live=turn.memory)
    return Verdict(after, tell(task, turn, partial(_describe, seen.room), now))


WATCHER = Watcher(kind="bililive", memory=BililiveMemory, fetch=fetch, compare=compare)


def _see(room: Room | None, memory: BililiveMemory | None) -> Sight | PlatformError:
    if room is None:
        return TransientError("bilibili shows no live room of this account")
    if room.live_status != _LIVE:
        return Sight(room, None)
    known = memory.live.live if memory and memory.live else None
    if not room.live_time:
        # For a moment at its start, a stream has no time. It is told when it has one.
        return Sight(room, known)
    live = Live(
        source_id=f"{room.uid}:{room.live_time}",
        started_at=datetime.fromtimestamp(room.live_time, UTC),
        title=room.title,
        category=room.area_v2_name,
    )
    return Sight(room, live)


def _describe(room: Room, live: Live) -> Fields:
    fields: Fields = {
        "title": live.title,
        "url": f"https://live.bilibili.com/{room.short_id or room.room_id}",
        "author": room.uname,
        "category": live.category,
        "started_at": live.started_at.isoformat(),
    }
    if picture := room.cover_from_user or room.keyframe:
        fields["picture"] = picture
    return fields | ask_for_translation(fields, ("title",), "zh")
