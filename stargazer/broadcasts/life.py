"""What a sighting, or a miss, makes of what is known. All pure.

::

    unknown ──▶ video
       │
       └──────▶ upcoming ──▶ live ──▶ ended
                  │    ▲
                  ▼    │
                cancelled

A witness that comes late, or sees less, never turns this back: a feed knows only that a video is
there, and pushes arrive out of order. What is gone may come back with the next answer, so a
cancelled stream was missed twice, and an ended one was twice said to be over, or has been gone
for longer than an interruption lasts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from stargazer.broadcasts.following import FOLLOWED
from stargazer.broadcasts.reminders import remind
from stargazer.broadcasts.sightings import Sighting
from stargazer.broadcasts.telling import tell
from stargazer.models import Broadcast, BroadcastState, Marks, SourceEvent, Task, Witness

RESCHEDULE_TOLERANCE = timedelta(minutes=1)
#: A stream that comes back within this was interrupted, and has not ended.
FLAP = timedelta(minutes=5)
#: Two answers within this are one: they may come from the same stale copy.
MISS_SPACING = timedelta(seconds=20)
_ENOUGH_MISSES = 2

_ORDER = {
    BroadcastState.UNKNOWN: 0,
    BroadcastState.CANCELLED: 0,
    BroadcastState.UPCOMING: 1,
    BroadcastState.LIVE: 2,
    BroadcastState.VIDEO: 3,
    BroadcastState.ENDED: 3,
}
_OVER = _ORDER[BroadcastState.ENDED]
_FOUND = {"misses": 0, "missed_at": None, "missing_since": None}


class Verdict(NamedTuple):
    """What follows from a sighting.

    :ivar known: what is known from now on, one version further; None when nothing changed.
    :ivar events: what is told.
    """

    known: Broadcast | None
    events: tuple[SourceEvent, ...]


def compare(
    task: Task,
    known: Broadcast | None,
    seen: Sighting,
    now: datetime,
    reminders: Sequence[timedelta] = (),
) -> Verdict:
    """Decide what a sighting changes and what is told of it.

    What happened before the Task was created is history: it is recorded, and not told.

    :param known: what is known of this video; None when it was never seen.
    :param reminders: how long before its start a stream is to be reminded of.
    """
    after = _note_witness(_learn(task, known, seen, now), seen, now)
    return _conclude(task, known, after, seen, now, reminders)


def miss(
    task: Task,
    known: Broadcast,
    now: datetime,
    reminders: Sequence[timedelta] = (),
) -> Verdict:
    """Decide what follows when a video is not there any more: deleted, or private."""
    if known.state not in FOLLOWED:
        return Verdict(None, ())
    after = _count_miss(known, now)
    since = after.missing_since or now
    if after.misses >= _ENOUGH_MISSES:
        if known.state != BroadcastState.LIVE:
            after = after.model_copy(update={"state": BroadcastState.CANCELLED, **_FOUND})
        elif now - since >= FLAP:
            ended = {"state": BroadcastState.ENDED, "ended_at": since}
            after = after.model_copy(update={**ended, **_FOUND})
    seen = Sighting(
        source_id=known.source_id,
        state=after.state,
        title=known.title,
        url=f"https://www.youtube.com/watch?v={known.source_id}",
        witness=Witness.VIDEOS,
    )
    return _conclude(task, known, after, seen, now, reminders)


def _conclude(
    task: Task,
    known: Broadcast | None,
    after: Broadcast,
    seen: Sighting,
    now: datetime,
    reminders: Sequence[timedelta],
) -> Verdict:
    if known is not None and after == known:
        return Verdict(None, ())
    event = tell(task, known, after, seen, now)
    # Platforms tell whole seconds: what comes in the second in which an account is added is news.
    since = task.created_at.replace(microsecond=0)
    is_news = event is not None and event.happened_at >= since
    after = after.model_copy(update={"version": known.version + 1 if known else 1})
    told = (event,) if event and is_news else ()
    return Verdict(after, (*told, *remind(task, known, after, seen, now, reminders)))


def _learn(task: Task, known: Broadcast | None, seen: Sighting, now: datetime) -> Broadcast:
    if known is None:
        return Broadcast(
            task=task.id,
            source_id=seen.source_id,
            state=seen.state,
            title=seen.title,
            scheduled_at=seen.scheduled_at,
            started_at=seen.started_at,
            ended_at=seen.ended_at,
            marks=seen.marks,
            updated_at=seen.updated_at,
        )
    if _ORDER[known.state] == _OVER:
        return known
    if seen.updated_at is not None:
        known = known.model_copy(update={"updated_at": seen.updated_at})
    if _ORDER[seen.state] < _ORDER[known.state]:
        return known
    if seen.state == BroadcastState.UNKNOWN and known.state == BroadcastState.CANCELLED:
        return known
    if known.state == BroadcastState.LIVE and seen.state == BroadcastState.ENDED:
        doubted = _count_miss(known, now)
        if doubted.misses < _ENOUGH_MISSES and not _is_long_ago(seen.ended_at, now):
            return doubted
    return _go_on(known, seen)


def _go_on(known: Broadcast, seen: Sighting) -> Broadcast:
    """Take over what was seen of a broadcast that goes on, or goes further."""
    was_off = known.state == BroadcastState.CANCELLED and seen.state == BroadcastState.UPCOMING
    moved = (
        seen.state == known.state == BroadcastState.UPCOMING
        and known.scheduled_at is not None
        and seen.scheduled_at is not None
        and abs(seen.scheduled_at - known.scheduled_at) > RESCHEDULE_TOLERANCE
    )
    keeps_time = seen.state == known.state == BroadcastState.UPCOMING and not moved
    return known.model_copy(
        update={
            "state": seen.state,
            "title": seen.title or known.title,
            "scheduled_at": (known.scheduled_at if keeps_time else None)
            or seen.scheduled_at
            or known.scheduled_at,
            "started_at": seen.started_at or known.started_at,
            "ended_at": seen.ended_at or known.ended_at,
            "rescheduled": known.rescheduled + (moved or was_off),
            "marks": _merge(known.marks, seen.marks),
            **_FOUND,
        }
    )


def _merge(known: Marks, seen: Marks) -> Marks:
    # The Data API does not know of shorts, and a premiere is one only before its start.
    return seen.model_copy(
        update={
            "premiere": known.premiere or seen.premiere,
            "short": known.short or seen.short,
            "members_only": known.members_only or seen.members_only,
        }
    )


def _count_miss(known: Broadcast, now: datetime) -> Broadcast:
    if known.missed_at is not None and now - known.missed_at < MISS_SPACING:
        return known
    return known.model_copy(
        update={
            "misses": known.misses + 1,
            "missed_at": now,
            "missing_since": known.missing_since or now,
        }
    )


def _is_long_ago(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at >= FLAP


def _note_witness(after: Broadcast, seen: Sighting, now: datetime) -> Broadcast:
    key = f"{seen.witness.value}:{seen.state.value}"
    if key in after.seen_at:
        return after
    return after.model_copy(update={"seen_at": {**after.seen_at, key: now}})
