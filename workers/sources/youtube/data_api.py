"""YouTube's Data API: what a video really is, fifty at a time.

Source: https://developers.google.com/youtube/v3/docs/videos
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import NoReturn
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from stargazer.broadcasts import Sighting
from stargazer.errors import PayloadError, RefusedError, ThrottledError, TransientError
from stargazer.http import HttpClient, Response
from stargazer.models import BroadcastState, Time

BATCH = 50
_PACIFIC = ZoneInfo("America/Los_Angeles")
_DAY_IS_GONE = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded"}
_SLOW_DOWN = 30.0
_PICTURES = ("maxres", "standard", "high", "medium", "default")


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class _Picture(_Answer):
    url: str


class _Snippet(_Answer):
    title: str = ""
    published_at: Time | None = None
    thumbnails: dict[str, _Picture] = {}


class _LiveStreamingDetails(_Answer):
    scheduled_start_time: Time | None = None
    actual_start_time: Time | None = None
    actual_end_time: Time | None = None


class _Video(_Answer):
    id: str
    snippet: _Snippet = _Snippet()
    live_streaming_details: _LiveStreamingDetails | None = None


class _Videos(_Answer):
    items: list[_Video] = []


def fetch_videos(
    http: HttpClient, base_url: str, key: str, video_ids: Sequence[str], now: datetime
) -> dict[str, Sighting]:
    """Ask what these videos are.

    :param video_ids: any number; each 50 cost one unit of the day's quota.
    :returns: by id; one that is private, deleted or was never there is absent.
    :raises ThrottledError: when the quota is gone, until midnight in California.
    :raises TransientError: when the API has passing trouble.
    :raises RefusedError: when it does not take the key or the question.
    :raises PayloadError: when the answer is none of the API's.
    """
    found: dict[str, Sighting] = {}
    for start in range(0, len(video_ids), BATCH):
        answer = http.get(
            f"{base_url}/v3/videos",
            params={
                "part": "snippet,liveStreamingDetails",
                "id": ",".join(video_ids[start : start + BATCH]),
            },
            # In a header the key stays out of every log of URLs.
            headers={"X-Goog-Api-Key": key},
            redirects=False,
        )
        if answer.status != HTTPStatus.OK:
            _raise_error(answer, now)
        found |= {video.source_id: video for video in parse_videos(answer.body)}
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
    )


def _read_state(live: _LiveStreamingDetails | None) -> BroadcastState:
    if live is None:
        return BroadcastState.VIDEO
    if live.actual_end_time:
        return BroadcastState.ENDED
    return BroadcastState.LIVE if live.actual_start_time else BroadcastState.UPCOMING


def _raise_error(answer: Response, now: datetime) -> NoReturn:
    reason = _read_reason(answer.body)
    said = f"HTTP {answer.status} {reason}".strip()
    if reason in _DAY_IS_GONE:
        raise ThrottledError(said, _until_midnight(now).total_seconds())
    if reason in _TOO_FAST:
        raise ThrottledError(said, answer.retry_after or _SLOW_DOWN)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ThrottledError(said, answer.retry_after or _SLOW_DOWN)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TransientError(said)
    raise RefusedError(said)


def _read_reason(body: bytes) -> str:
    try:
        reason = json.loads(body)["error"]["errors"][0]["reason"]
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
    return str(reason)[:50]


def _until_midnight(now: datetime) -> timedelta:
    local = now.astimezone(_PACIFIC)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(UTC) - now
