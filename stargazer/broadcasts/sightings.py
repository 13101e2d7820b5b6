"""What witnesses say of broadcasts."""

from datetime import datetime
from typing import NamedTuple

from stargazer.models import BroadcastState, Marks, Witness


class Sighting(NamedTuple):
    """What a witness says of one video now.

    :ivar source_id: the platform's id of the video.
    :ivar published_at: when it became visible; None when the witness cannot tell.
    :ivar picture: URL of a still; None when there is none.
    :ivar witness: who made us look.
    :ivar updated_at: when it was last changed; None when the witness cannot tell.
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
    witness: Witness = Witness.VIDEOS
    updated_at: datetime | None = None
    marks: Marks = Marks()
