"""Streams, premieres and videos, as they are known."""

from enum import StrEnum
from uuid import UUID

from stargazer.models.values import Model, Time


class BroadcastState(StrEnum):
    """The life of a broadcast; a plain video has none, and a feed cannot tell."""

    UNKNOWN = "unknown"
    VIDEO = "video"
    UPCOMING = "upcoming"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Broadcast(Model):
    """One live stream, premiere or video of a Task's account, as we know it.

    :ivar source_id: what the platform calls it, such as ``v3JMDEjXtLE``.
    :ivar rescheduled: how often its start was moved.
    :ivar version: counts the writes; a write on top of a version that is gone fails.
    """

    task: UUID
    source_id: str
    state: BroadcastState
    title: str = ""
    scheduled_at: Time | None = None
    started_at: Time | None = None
    ended_at: Time | None = None
    rescheduled: int = 0
    version: int = 0
