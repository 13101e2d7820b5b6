"""YouTube's Atom feeds: what its hub pushes, and what a channel's feed answers."""

from datetime import datetime
from typing import NamedTuple
from xml.etree import ElementTree as ET

from stargazer.broadcasts import Sighting
from stargazer.errors import PayloadError
from stargazer.models import BroadcastState, Marks, Witness

_NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "yt": "http://www.youtube.com/xml/schemas/2015",
    "media": "http://search.yahoo.com/mrss/",
    "at": "http://purl.org/atompub/tombstones/1.0",
}
_ROOT = f"{{{_NAMES['atom']}}}feed"
_VIDEO = "yt:video:"


class Feed(NamedTuple):
    """What one feed document says.

    :ivar sightings: in the order of the document; a feed cannot tell a stream from a video.
    :ivar channels: the channel of each sighting, in the same order.
    :ivar deleted: ids of videos that are gone or private now.
    """

    sightings: tuple[Sighting, ...]
    channels: tuple[str, ...]
    deleted: tuple[str, ...]

    def of_channel(self, channel_id: str) -> list[Sighting]:
        """Give the sightings of one channel; a push must not speak for another one."""
        pairs = zip(self.sightings, self.channels, strict=True)
        return [sighting for sighting, channel in pairs if channel == channel_id]


def parse_feed(body: bytes) -> Feed:
    """Read a feed.

    :param body: UTF-8 XML as sent.
    :raises PayloadError: when it is not such a feed, or declares entities.

    Source: https://developers.google.com/youtube/v3/guides/push_notifications
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise PayloadError(f"not UTF-8: byte {exc.start}") from exc
    # A feed needs no document type, and without one there are no entities to expand.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise PayloadError("declares a document type")
    try:
        root = ET.fromstring(text)  # noqa: S314 - no entity can be declared, see above
    except ET.ParseError as exc:
        raise PayloadError(f"not XML: {exc}") from exc
    if root.tag != _ROOT:
        raise PayloadError(f"not an Atom feed: {root.tag[:80]}")
    entries = [_parse_entry(entry) for entry in root.iterfind("atom:entry", _NAMES)]
    deleted = [
        entry.get("ref", "").removeprefix(_VIDEO)
        for entry in root.iterfind("at:deleted-entry", _NAMES)
    ]
    return Feed(
        tuple(sighting for sighting, _ in entries),
        tuple(channel for _, channel in entries),
        tuple(deleted),
    )


def _parse_entry(entry: ET.Element) -> tuple[Sighting, str]:
    video_id = entry.findtext("yt:videoId", "", _NAMES).strip()
    channel_id = entry.findtext("yt:channelId", "", _NAMES).strip()
    if not video_id or not channel_id:
        raise PayloadError("an entry without video or channel")
    link = entry.find("atom:link[@rel='alternate']", _NAMES)
    thumbnail = entry.find("media:group/media:thumbnail", _NAMES)
    url = link.get("href", "") if link is not None else ""
    sighting = Sighting(
        source_id=video_id,
        state=BroadcastState.UNKNOWN,
        title=entry.findtext("atom:title", "", _NAMES).strip(),
        url=url or f"https://www.youtube.com/watch?v={video_id}",
        published_at=_parse_time(entry.findtext("atom:published", "", _NAMES)),
        picture=thumbnail.get("url") if thumbnail is not None else None,
        witness=Witness.FEED,
        updated_at=_parse_time(entry.findtext("atom:updated", "", _NAMES)),
        marks=Marks(short="/shorts/" in url),
    )
    return sighting, channel_id


def _parse_time(text: str) -> datetime | None:
    # The fraction has up to nine digits, of which Python reads six and ignores the rest.
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo else None
