"""Reminders of scheduled broadcasts: which are to wait from now on, and which no more. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from stargazer.broadcasts.sightings import Sighting
from stargazer.broadcasts.telling import make_fields
from stargazer.models import Broadcast, BroadcastState, SourceEvent, Task

KIND = "youtube/broadcast_reminder"


def remind(
    task: Task,
    known: Broadcast | None,
    after: Broadcast,
    seen: Sighting,
    now: datetime,
    reminders: Sequence[timedelta],
) -> Iterator[SourceEvent]:
    """Give the reminders that are to wait from now on, and end the waiting of those before.

    :param reminders: how long before its start a stream is to be reminded of.
    """
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
        fields = make_fields(seen, after, scheduled_at=after.scheduled_at) | {"x-delay-id": key}
        if is_new and at > now:
            fields["x-delay-at"] = at.timestamp()
            yield SourceEvent.from_source(task, revision, KIND, at, fields, ("delay",))
        elif was_at > now and (is_new or not is_upcoming):
            fields["x-delay-cancel"] = True
            yield SourceEvent.from_source(task, revision, KIND, now, fields, ("delay",))
