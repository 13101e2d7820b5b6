"""What a video really is, fifty at a time.

Source: https://developers.google.com/youtube/v3/docs/videos
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from stargazer.broadcasts.sightings import Sighting
from stargazer.errors import PayloadError
from stargazer.models import BroadcastState, Marks, Time
from stargazer.youtube.api import YouTubeApi
from stargazer.youtube.quota import Purpose

BATCH = 50
_PICTURES = ("maxres", "standard", "high", "medium", "default")
#: What creators write into the titles of what is for members; the API itself does not tell.
_MEMBERS = re.compile(
    r"メン限|メンバー(シップ)?限定|members?[- ]only|会员限定|會員限定|会限|會限", re.IGNORECASE
)


class Answer(BaseModel):
    """A part of an answer of the API, whose names are camelCase there."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class _Picture(Answer):
    url: str


class _Snippet(Answer):
    title: str = ""
    published_at: Time | None = None
    thumbnails: dict[str, _Picture] = {}


class _LiveStreamingDetails(Answer):
    scheduled_start_time: Time | None = None
    actual_start_time: Time | None = None
    actual_end_time: Time | None = None


class _Status(Answer):
    upload_status: str = ""


class _Regions(Answer):
    allowed: tuple[str, ...] | None = None
    blocked: tuple[str, ...] = ()


class _ContentDetails(Answer):
    duration: timedelta = timedelta()
    region_restriction: _Regions = _Regions()


class _Video(Answer):
    id: str
    snippet: _Snippet = _Snippet()
    live_streaming_details: _LiveStreamingDetails | None = None
    status: _Status = _Status()
    content_details: _ContentDetails = _ContentDetails()


class _Videos(Answer):
    items: list[_Video] = []


def list_videos(api: YouTubeApi, video_ids: Sequence[str], purpose: Purpose) -> dict[str, Sighting]:
    """Ask what these videos are.

    :param video_ids: any number; each 50 cost one unit of the day's quota.
    :returns: by id; one that is private, deleted or was never there is absent.
    :raises PlatformError: as :meth:`YouTubeApi.ask`.
    :raises PayloadError: when the answer is none of the API's.
    """
    found: dict[str, Sighting] = {}
    for start in range(0, len(video_ids), BATCH):
        params = {
            "part": "snippet,liveStreamingDetails,status,contentDetails",
            "id": ",".join(video_ids[start : start + BATCH]),
        }
        body = api.ask("videos", params, purpose)
        found |= {video.source_id: video for video in parse_videos(body)}
    return found


def parse_videos(body: bytes) -> list[Sighting]:
    """Read the answer of ``videos.list``.

    :raises PayloadError: when it is no such answer.
    """
    try:
        videos = _Videos.model_validate_json(body)
    except ValidationError as exc:
        raise PayloadError(f"not a list of videos: {exc.error_count()} errors") from exc
    return [_read_video(video) for video in videos.items]


def _read_video(video: _Video) -> Sighting:
    live = video.live_streaming_details
    pictures = video.snippet.thumbnails
    picture = next((pictures[size].url for size in _PICTURES if size in pictures), None)
    return Sighting(
        source_id=video.id,
        state=_read_state(live),
        title=video.snippet.title,
        url=f"https://www.youtube.com/watch?v={video.id}",
        published_at=video.snippet.published_at,
        scheduled_at=live.scheduled_start_time if live else None,
        started_at=live.actual_start_time if live else None,
        ended_at=live.actual_end_time if live else None,
        picture=picture,
        marks=_read_marks(video),
    )


def _read_state(live: _LiveStreamingDetails | None) -> BroadcastState:
    if live is None:
        return BroadcastState.VIDEO
    if live.actual_end_time:
        return BroadcastState.ENDED
    return BroadcastState.LIVE if live.actual_start_time else BroadcastState.UPCOMING


def _read_marks(video: _Video) -> Marks:
    live, details = video.live_streaming_details, video.content_details
    # What is uploaded whole before it begins is a premiere. Afterwards nobody can tell.
    is_to_come = live is not None and live.actual_end_time is None
    is_whole = video.status.upload_status == "processed" or details.duration > timedelta()
    return Marks(
        premiere=is_to_come and is_whole,
        members_only=bool(_MEMBERS.search(video.snippet.title)),
        allowed_in=details.region_restriction.allowed,
        blocked_in=details.region_restriction.blocked,
    )
