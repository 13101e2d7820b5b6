"""Videos, channels and playlist items as the Data API shows them."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from stargazer.simulator.apirequest import make_page_token
from stargazer.simulator.nouns import Channel, Video

VIDEO_PARTS = frozenset({"id", "snippet", "liveStreamingDetails", "status", "contentDetails"})
CHANNEL_PARTS = frozenset({"id", "snippet", "contentDetails"})
ITEM_PARTS = frozenset({"id", "snippet", "contentDetails", "status"})
_THUMBNAILS = (
    ("default", "default", 120, 90),
    ("medium", "mqdefault", 320, 180),
    ("high", "hqdefault", 480, 360),
)
_UPLOAD_LENGTH = timedelta(minutes=4, seconds=13)


def show_list(kind: str, items: Sequence[Any], total: int, per_page: int) -> dict[str, Any]:
    """Wrap items as an answer; ``kind`` is that of one item."""
    return {
        "kind": f"youtube#{kind}ListResponse",
        "etag": _etag(repr(items)),
        "items": list(items),
        "pageInfo": {"totalResults": total, "resultsPerPage": per_page},
    }


def show_video(video: Video, channel: Channel, parts: frozenset[str]) -> dict[str, Any]:
    """Show a video; a part which it does not have is left out even if asked for."""
    snippet = {
        "publishedAt": format_time(video.published_at),
        "channelId": video.channel_id,
        "title": video.title,
        "description": video.description,
        "thumbnails": _show_thumbnails(video),
        "channelTitle": channel.title,
        "categoryId": "24",
        "liveBroadcastContent": video.live_content,
        "localized": {"title": video.title, "description": video.description},
    }
    status = {
        "uploadStatus": "processed" if _is_processed(video) else "uploaded",
        "privacyStatus": video.privacy,
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        "madeForKids": False,
    }
    content_details = {
        "duration": format_duration(_length_of(video)),
        "dimension": "2d",
        "definition": "hd",
        "caption": "false",
        "licensedContent": True,
        "projection": "rectangular",
    }
    found: dict[str, dict[str, Any]] = {
        "snippet": snippet,
        "status": status,
        "contentDetails": content_details,
    }
    if video.is_broadcast:
        found["liveStreamingDetails"] = _show_live(video)
    return _show("video", video.id, found, parts)


def show_channel(channel: Channel, parts: frozenset[str]) -> dict[str, Any]:
    """Show a channel."""
    snippet: dict[str, Any] = {
        "title": channel.title,
        "description": "",
        "publishedAt": format_time(channel.created_at),
        "localized": {"title": channel.title, "description": ""},
    }
    if channel.handle is not None:
        snippet["customUrl"] = "@" + channel.handle.removeprefix("@").lower()
    details = {"relatedPlaylists": {"likes": "", "uploads": channel.uploads}}
    found: dict[str, dict[str, Any]] = {"snippet": snippet, "contentDetails": details}
    return _show("channel", channel.id, found, parts)


def show_uploads(
    channel: Channel, videos: Sequence[Video], parts: frozenset[str], page: slice
) -> dict[str, Any]:
    """Show one page of a channel's uploads, with the tokens of the pages beside it."""
    items = [
        _show_item(video, channel, parts, position)
        for position, video in list(enumerate(videos))[page]
    ]
    size = page.stop - page.start
    answer = show_list("playlistItem", items, len(videos), size)
    if page.stop < len(videos) and size:
        answer["nextPageToken"] = make_page_token(page.stop)
    if page.start and size:
        answer["prevPageToken"] = make_page_token(max(0, page.start - size))
    return answer


def format_time(time: datetime) -> str:
    """Write a time as the API does: whole seconds, in UTC, with a ``Z``."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_duration(duration: timedelta) -> str:
    """Write a span as the API does, such as ``PT1H2M3S``; nothing is ``P0D``."""
    seconds = int(duration.total_seconds())
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    date = f"{days}D" if days else ""
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    return f"P{date}{f'T{time}' if time else ''}" if date or time else "P0D"


def _is_processed(video: Video) -> bool:
    # A premiere is uploaded as a whole before it begins; that is how it is told from a stream.
    return video.live_content == "none" or video.duration is not None


def _length_of(video: Video) -> timedelta:
    if video.duration is not None:
        return video.duration
    if video.live_content != "none":
        return timedelta()
    if video.ended_at is not None and video.started_at is not None:
        return max(timedelta(), video.ended_at - video.started_at)
    return _UPLOAD_LENGTH


def _show_live(video: Video) -> dict[str, str]:
    times = {
        "actualStartTime": video.started_at,
        "actualEndTime": video.ended_at,
        "scheduledStartTime": video.scheduled_at,
    }
    shown = {name: format_time(time) for name, time in times.items() if time is not None}
    if video.live_content == "live":
        shown["concurrentViewers"] = "1888"
    if video.live_content != "none":
        shown["activeLiveChatId"] = base64.b64encode(f"chat of {video.id}".encode()).decode()
    return shown


def _show_item(
    video: Video, channel: Channel, parts: frozenset[str], position: int
) -> dict[str, Any]:
    published = format_time(video.published_at)
    snippet = {
        "publishedAt": published,
        "channelId": channel.id,
        "title": video.title,
        "description": video.description,
        "thumbnails": _show_thumbnails(video),
        "channelTitle": channel.title,
        "playlistId": channel.uploads,
        "position": position,
        "resourceId": {"kind": "youtube#video", "videoId": video.id},
        "videoOwnerChannelTitle": channel.title,
        "videoOwnerChannelId": channel.id,
    }
    found: dict[str, dict[str, Any]] = {
        "snippet": snippet,
        "contentDetails": {"videoId": video.id, "videoPublishedAt": published},
        "status": {"privacyStatus": video.privacy},
    }
    item_id = base64.b64encode(f"{channel.uploads}.{video.id}".encode()).decode()
    return _show("playlistItem", item_id, found, parts)


def _show(
    kind: str, own_id: str, found: Mapping[str, Mapping[str, Any]], parts: frozenset[str]
) -> dict[str, Any]:
    shown = {name: part for name, part in found.items() if name in parts}
    # The id is shown whether it was asked for or not; so it is in the wild.
    return {"kind": f"youtube#{kind}", "etag": _etag(repr(shown)), "id": own_id, **shown}


def _show_thumbnails(video: Video) -> dict[str, dict[str, Any]]:
    return {
        size: {
            "url": f"https://i.ytimg.com/vi/{video.id}/{file}.jpg",
            "width": width,
            "height": height,
        }
        for size, file, width, height in _THUMBNAILS
    }


def _etag(content: str) -> str:
    return hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()[:27]
