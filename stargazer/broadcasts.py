"""The life of a broadcast: what is known and what was seen make what is told. All pure.

::

    unknown ──▶ video
       │
       └──────▶ upcoming ──▶ live ──▶ ended

A witness that comes late, or sees less, never turns this back: a feed knows only that a video is
there, and pushes arrive out of order.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from stargazer.models import Broadcast, BroadcastState, Fields, SourceEvent, Task

RESCHEDULE_TOLERANCE = timedelta(minutes=1)

_ORDER = {
    BroadcastState.UNKNOWN: 0,
    BroadcastState.UPCOMING: 1,
    BroadcastState.LIVE: 2,
    BroadcastState.VIDEO: 3,
    BroadcastState.ENDED: 3,
    BroadcastState.CANCELLED: 3,
}


class Sighting(NamedTuple):
    """What a witness says of one video now.

    :ivar source_id: the platform's id of the video.
    :ivar published_at: when it became visible; None when the witness cannot tell.
    :ivar picture: URL of a still; None when there is none.
    """

    source_id: str
    state: BroadcastState
    title: str
    url: str
    published_at: datetime | None = None
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    picture: str | None = None


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
    after = _learn(task, known, seen)
    if known is not None and after == known:
        return Verdict(None, ())
    event = _tell(task, known, after, seen, now)
    is_news = event is not None and event.happened_at >= task.created_at
    after = after.model_copy(update={"version": known.version + 1 if known else 1})
    told = (event,) if event and is_news else ()
    return Verdict(after, (*told, *_remind(task, known, after, seen, now, reminders)))


def _remind(
    task: Task,
    known: Broadcast | None,
    after: Broadcast,
    seen: Sighting,
    now: datetime,
    reminders: Sequence[timedelta],
) -> Iterator[SourceEvent]:
    """Give the reminders that are to wait from now on, and end the waiting of those before."""
    before = known.scheduled_at if known and known.state == BroadcastState.UPCOMING else None
    is_upcoming = after.state == BroadcastState.UPCOMING and after.scheduled_at is not None
    is_new = is_upcoming and (before is None or after.rescheduled > (known or after).rescheduled)
    for lead in reminders:
        key = f"youtube:{task.id}:{seen.source_id}:{lead.total_seconds():.0f}"
        at = after.scheduled_at - lead if after.scheduled_at else now
        was_at = before - lead if before else now
        # As with the moves themselves, the time tells two of which one was not remembered apart.
        moved = f"{after.rescheduled}.{at.timestamp():.0f}" if is_upcoming else ""
        revision = f"{seen.source_id}@{after.state}.{moved}.{lead.total_seconds():.0f}"
        fields = _fields(seen, scheduled_at=after.scheduled_at) | {"x-delay-id": key}
        kind = "youtube/broadcast_reminder"
        if is_new and at > now:
            fields["x-delay-at"] = at.timestamp()
            yield SourceEvent.from_source(task, revision, kind, at, fields, ("delay",))
        elif was_at > now and (is_new or not is_upcoming):
            fields["x-delay-cancel"] = True
            yield SourceEvent.from_source(task, revision, kind, now, fields, ("delay",))


def _learn(task: Task, known: Broadcast | None, seen: Sighting) -> Broadcast:
    if known is None:
        return Broadcast(
            task=task.id,
            source_id=seen.source_id,
            state=seen.state,
            title=seen.title,
            scheduled_at=seen.scheduled_at,
            started_at=seen.started_at,
            ended_at=seen.ended_at,
        )
    if (
        _ORDER[seen.state] < _ORDER[known.state]
        or _ORDER[known.state] == _ORDER[BroadcastState.ENDED]
    ):
        return known
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
            "rescheduled": known.rescheduled + moved,
        }
    )


def _tell(
    task: Task, known: Broadcast | None, after: Broadcast, seen: Sighting, now: datetime
) -> SourceEvent | None:
    before = known.state if known else None
    published_at = seen.published_at or now
    match (before, after.state):
        case (None, BroadcastState.UNKNOWN | BroadcastState.VIDEO | BroadcastState.ENDED) | (
            BroadcastState.UPCOMING,
            BroadcastState.VIDEO | BroadcastState.ENDED,
        ):
            # A broadcast that was over before anybody looked is there to be watched as a video.
            happened_at = max(filter(None, (published_at, after.ended_at)))
            fields = _fields(seen, published_at=happened_at)
            return SourceEvent.from_source(
                task, seen.source_id, "youtube/new_video", happened_at, fields
            )
        case (None | BroadcastState.UNKNOWN, BroadcastState.UPCOMING):
            fields = _fields(seen, scheduled_at=after.scheduled_at)
            return SourceEvent.from_source(
                task, seen.source_id, "youtube/broadcast_scheduled", published_at, fields
            )
        case (BroadcastState.UPCOMING, BroadcastState.UPCOMING) if known and (
            after.rescheduled > known.rescheduled and after.scheduled_at
        ):
            fields = _fields(
                seen, scheduled_at=after.scheduled_at, scheduled_before=known.scheduled_at
            )
            # The number tells moving there from moving back; the time, two moves of which the
            # first was told but, after a crash, not remembered.
            revision = f"{seen.source_id}@{after.rescheduled}.{after.scheduled_at.timestamp():.0f}"
            return SourceEvent.from_source(
                task, revision, "youtube/broadcast_rescheduled", now, fields
            )
        case (None | BroadcastState.UNKNOWN | BroadcastState.UPCOMING, BroadcastState.LIVE):
            started_at = after.started_at or now
            fields = _fields(seen, started_at=started_at)
            return SourceEvent.from_source(
                task, seen.source_id, "youtube/live_start", started_at, fields
            )
    return None


def _fields(seen: Sighting, **times: datetime | None) -> Fields:
    fields: Fields = {"video_id": seen.source_id, "title": seen.title, "url": seen.url}
    if seen.picture:
        fields["picture"] = seen.picture
    return fields | {name: at.isoformat() if at else None for name, at in times.items()}
