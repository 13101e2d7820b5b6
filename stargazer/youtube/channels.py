"""Channels and their lists of uploads.

Source: https://developers.google.com/youtube/v3/docs/channels
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import ValidationError

from stargazer.broadcasts.sightings import Sighting
from stargazer.errors import PayloadError
from stargazer.models import BroadcastState, Time, Witness
from stargazer.youtube.api import YouTubeApi
from stargazer.youtube.quota import Purpose
from stargazer.youtube.videos import BATCH, Answer


class _Snippet(Answer):
    title: str = ""


class Channel(Answer):
    """A channel."""

    id: str
    snippet: _Snippet = _Snippet()


class _Channels(Answer):
    items: tuple[Channel, ...] = ()


class _OwnedSnippet(Answer):
    channel_id: str


class _Owned(Answer):
    snippet: _OwnedSnippet


class _Owners(Answer):
    items: tuple[_Owned, ...] = ()


class _ResourceId(Answer):
    video_id: str


class _ItemSnippet(Answer):
    title: str = ""
    published_at: Time | None = None
    resource_id: _ResourceId


class _ItemDetails(Answer):
    video_published_at: Time | None = None


class _Upload(Answer):
    snippet: _ItemSnippet
    content_details: _ItemDetails = _ItemDetails()


class _Uploads(Answer):
    items: tuple[_Upload, ...] = ()


def find_channel(
    api: YouTubeApi, by: Literal["forHandle", "forUsername", "id"], name: str
) -> Channel | None:
    """Find a channel by its handle (with its ``@``), its user's name, or its id."""
    found = _parse_channels(api.ask("channels", {"part": "id,snippet", by: name}, Purpose.NEW))
    return found[0] if found else None


def find_channel_of_video(api: YouTubeApi, video_id: str) -> str | None:
    """Tell whose a video is; None when there is none."""
    body = api.ask("videos", {"part": "snippet", "id": video_id}, Purpose.NEW)
    try:
        found = _Owners.model_validate_json(body).items
    except ValidationError as exc:
        raise PayloadError(f"not a list of videos: {exc.error_count()} errors") from exc
    return found[0].snippet.channel_id if found else None


def list_present(api: YouTubeApi, channel_ids: Sequence[str]) -> set[str]:
    """Tell which of these channels there are; each 50 cost one unit."""
    present: set[str] = set()
    for start in range(0, len(channel_ids), BATCH):
        params = {"part": "id", "id": ",".join(channel_ids[start : start + BATCH])}
        present |= {
            channel.id for channel in _parse_channels(api.ask("channels", params, Purpose.FALLBACK))
        }
    return present


def list_uploads(api: YouTubeApi, channel_id: str) -> list[Sighting]:
    """Give a channel's newest uploads, fifty at most, for one unit.

    :raises GoneError: when there is no such list.
    """
    uploads = "UU" + channel_id.removeprefix("UC")
    params = {"part": "snippet,contentDetails", "playlistId": uploads, "maxResults": str(BATCH)}
    return parse_uploads(api.ask("playlistItems", params, Purpose.FALLBACK))


def parse_uploads(body: bytes) -> list[Sighting]:
    """Read the answer of ``playlistItems.list``.

    :raises PayloadError: when it is no such answer.
    """
    try:
        uploads = _Uploads.model_validate_json(body)
    except ValidationError as exc:
        raise PayloadError(f"not a list of uploads: {exc.error_count()} errors") from exc
    return [_read_upload(item) for item in uploads.items]


def _read_upload(upload: _Upload) -> Sighting:
    video_id = upload.snippet.resource_id.video_id
    return Sighting(
        source_id=video_id,
        state=BroadcastState.UNKNOWN,
        title=upload.snippet.title,
        url=f"https://www.youtube.com/watch?v={video_id}",
        published_at=upload.content_details.video_published_at or upload.snippet.published_at,
        witness=Witness.UPLOADS,
    )


def _parse_channels(body: bytes) -> tuple[Channel, ...]:
    try:
        return _Channels.model_validate_json(body).items
    except ValidationError as exc:
        raise PayloadError(f"not a list of channels: {exc.error_count()} errors") from exc
