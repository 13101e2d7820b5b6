"""Streams, premieres and videos, as they are known."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from stargazer.models.values import Model, Time


class BroadcastState(StrEnum):
    """The life of a broadcast; a plain video has none, and a feed cannot tell."""

    UNKNOWN = "unknown"
    VIDEO = "video"
    UPCOMING = "upcoming"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Witness(StrEnum):
    """Who makes us look at a video: the hub, the feed, the list of uploads, or we ourselves."""

    PUSH = "push"
    FEED = "feed"
    UPLOADS = "uploads"
    VIDEOS = "videos"


class Marks(Model):
    """What is special about a video, as far as anybody tells.

    :ivar premiere: an upload that is shown like a stream.
    :ivar short: a short, as its address says.
    :ivar members_only: for members, as its title says; no interface tells.
    :ivar allowed_in: countries (ISO 3166-1) where alone it can be seen; None: everywhere.
    :ivar blocked_in: countries where it cannot be seen.
    """

    premiere: bool = False
    short: bool = False
    members_only: bool = False
    allowed_in: tuple[str, ...] | None = None
    blocked_in: tuple[str, ...] = ()


class Broadcast(Model):
    """One live stream, premiere or video of a Task's account, as we know it.

    :ivar source_id: what the platform calls it, such as ``v3JMDEjXtLE``.
    :ivar rescheduled: how often its start was moved.
    :ivar updated_at: what the feed last said of when it was changed.
    :ivar misses: how often in a row it was not there any more, or said to be over.
    :ivar missed_at: when that was last; ``missing_since`` when first.
    :ivar seen_at: when each witness first saw it in each state, such as ``push:upcoming``.
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
    marks: Marks = Marks()
    updated_at: Time | None = None
    misses: int = 0
    missed_at: Time | None = None
    missing_since: Time | None = None
    seen_at: dict[str, Time] = Field(default_factory=dict)
    version: int = 0
