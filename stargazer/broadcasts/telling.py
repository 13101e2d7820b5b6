"""From one state of a broadcast to the next: the Event that tells of it. Pure."""

from datetime import datetime

from stargazer.broadcasts.sightings import Sighting
from stargazer.models import Broadcast, BroadcastState, Fields, SourceEvent, Task

_UNKNOWN, _VIDEO = BroadcastState.UNKNOWN, BroadcastState.VIDEO
_UPCOMING, _LIVE = BroadcastState.UPCOMING, BroadcastState.LIVE
_ENDED, _CANCELLED = BroadcastState.ENDED, BroadcastState.CANCELLED


def tell(
    task: Task, known: Broadcast | None, after: Broadcast, seen: Sighting, now: datetime
) -> SourceEvent | None:
    """Make the Event, if there is anything to tell."""
    before = known.state if known else None
    published_at = seen.published_at or now

    def make(revision: str, what: str, at: datetime, **times: datetime | None) -> SourceEvent:
        fields = make_fields(seen, after, **times)
        return SourceEvent.from_source(task, revision, f"youtube/{what}", at, fields)

    match (before, after.state):
        case (None, BroadcastState.UNKNOWN | BroadcastState.VIDEO | BroadcastState.ENDED) | (
            BroadcastState.UPCOMING | BroadcastState.CANCELLED,
            BroadcastState.VIDEO | BroadcastState.ENDED,
        ):
            # A broadcast that was over before anybody looked is there to be watched as a video.
            at = max(filter(None, (published_at, after.ended_at)))
            return make(seen.source_id, "new_video", at, published_at=at)
        case (None | BroadcastState.UNKNOWN, BroadcastState.UPCOMING):
            times = {"scheduled_at": after.scheduled_at}
            return make(seen.source_id, "broadcast_scheduled", published_at, **times)
        case (BroadcastState.CANCELLED, BroadcastState.UPCOMING):
            # Who heard that it is off hears that it is on again.
            revision = f"{seen.source_id}@{after.rescheduled}"
            return make(revision, "broadcast_scheduled", now, scheduled_at=after.scheduled_at)
        case (BroadcastState.UPCOMING, BroadcastState.UPCOMING) if known and (
            after.rescheduled > known.rescheduled and after.scheduled_at
        ):
            # The number tells moving there from moving back; the time, two moves of which the
            # first was told but, after a crash, not remembered.
            revision = f"{seen.source_id}@{after.rescheduled}.{after.scheduled_at.timestamp():.0f}"
            times = {"scheduled_at": after.scheduled_at, "scheduled_before": known.scheduled_at}
            return make(revision, "broadcast_rescheduled", now, **times)
        case (
            None | BroadcastState.UNKNOWN | BroadcastState.UPCOMING | BroadcastState.CANCELLED,
            BroadcastState.LIVE,
        ):
            started_at = after.started_at or now
            return make(seen.source_id, "live_start", started_at, started_at=started_at)
        case (BroadcastState.LIVE, BroadcastState.ENDED):
            ended_at = after.ended_at or now
            times = {"started_at": after.started_at, "ended_at": ended_at}
            return make(seen.source_id, "live_end", ended_at, **times)
        case (BroadcastState.UPCOMING, BroadcastState.CANCELLED):
            # It may come back, and be cancelled again.
            revision = f"{seen.source_id}@{after.rescheduled}"
            return make(revision, "broadcast_cancelled", now, scheduled_at=after.scheduled_at)
    return None


def make_fields(seen: Sighting, after: Broadcast, **times: datetime | None) -> Fields:
    """Give the fields of an Event about a video."""
    fields: Fields = {"video_id": seen.source_id, "title": after.title, "url": seen.url}
    if seen.picture:
        fields["picture"] = seen.picture
    marks = after.marks
    fields |= {
        name: True
        for name, is_so in (
            ("premiere", marks.premiere),
            ("short", marks.short),
            ("members_only", marks.members_only),
        )
        if is_so
    }
    if marks.allowed_in is not None:
        fields["allowed_in"] = list(marks.allowed_in)
    if marks.blocked_in:
        fields["blocked_in"] = list(marks.blocked_in)
    fields["witness"] = seen.witness.value
    return fields | {name: at.isoformat() if at else None for name, at in times.items()}
