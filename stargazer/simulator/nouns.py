"""What the simulated platforms know of: channels, videos, and the hub's subscriptions."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Privacy = Literal["public", "unlisted", "private"]
LiveContent = Literal["none", "upcoming", "live"]


def current_time() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


class Noun(BaseModel):
    """A frozen value that is kept in the state file."""

    model_config = ConfigDict(frozen=True)


class Channel(Noun):
    """A YouTube channel.

    :ivar handle: with its ``@``; None for a channel without one.
    :ivar username: the name that only old channels have.
    """

    id: str
    title: str
    handle: str | None = None
    username: str | None = None
    created_at: AwareDatetime = Field(default_factory=current_time)

    @property
    def uploads(self) -> str:
        """The id of the playlist of all its videos."""
        return "UU" + self.id.removeprefix("UC")

    @property
    def url(self) -> str:
        """Where people find it."""
        return f"https://www.youtube.com/channel/{self.id}"


class Video(Noun):
    """A YouTube video: an upload, a live stream, or (with a ``duration`` beforehand) a premiere.

    :ivar updated_ns: when it last changed, in UNIX nanoseconds, as precise as real pushes are.
    """

    id: str
    channel_id: str
    title: str
    description: str = ""
    published_at: AwareDatetime = Field(default_factory=current_time)
    scheduled_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    duration: timedelta | None = None
    privacy: Privacy = "public"
    updated_ns: int = Field(default_factory=time.time_ns)

    @property
    def url(self) -> str:
        """Where people watch it."""
        return f"https://www.youtube.com/watch?v={self.id}"

    @property
    def is_broadcast(self) -> bool:
        """Whether it is or was a live stream or a premiere."""
        return self.scheduled_at is not None or self.started_at is not None

    @property
    def live_content(self) -> LiveContent:
        """What the Data API calls ``liveBroadcastContent``."""
        if not self.is_broadcast or self.ended_at is not None:
            return "none"
        return "upcoming" if self.started_at is None else "live"


class Subscription(Noun):
    """What the hub remembers of one callback and one topic.

    :ivar expires_at: UNIX seconds.
    """

    topic: str
    channel_id: str
    callback: str
    secret: str | None = None
    expires_at: float

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one subscription: asking again renews it."""
        return (self.topic, self.callback)


def fingerprint(callback: str) -> str:
    """Name a callback without telling it: its path holds a token that lets anyone push."""
    return hashlib.sha256(callback.encode()).hexdigest()[:16]
