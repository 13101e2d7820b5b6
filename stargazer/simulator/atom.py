"""The Atom documents of YouTube, written as YouTube writes them: pushes, tombstones, feeds.

They are text templates and not trees, because the parsers under test shall meet the same spacing
and the same namespaces as in the wild.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from stargazer.simulator.nouns import Channel, Video

HUB = "https://pubsubhubbub.appspot.com"
_ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
_YOUTUBE = 'xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
_MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
_TOMBSTONES = 'xmlns:at="http://purl.org/atompub/tombstones/1.0"'
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def topic_of(channel_id: str) -> str:
    """Return the topic that pushes name as their own, whichever form was subscribed."""
    return f"https://www.youtube.com/xml/feeds/videos.xml?channel_id={channel_id}"


def render_push(channel: Channel, video: Video) -> bytes:
    """Write what the hub delivers when a video was added or changed."""
    updated = _precise(video.updated_ns)
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<feed {_YOUTUBE} {_ATOM}><link rel="hub" href="{HUB}"/>'
        f'<link rel="self" href={quoteattr(topic_of(channel.id))}/>'
        f"<title>YouTube video feed</title><updated>{updated}</updated>"
        f"{_entry(channel, video, updated)}</feed>\n"
    ).encode()


def render_tombstone(channel: Channel, video: Video, deleted_at: datetime) -> bytes:
    """Write what the hub delivers when a video was deleted or made private."""
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f"<feed {_TOMBSTONES} {_ATOM}>"
        f'<at:deleted-entry ref={quoteattr(f"yt:video:{video.id}")} when="{_whole(deleted_at)}">\n'
        f"  <link href={quoteattr(video.url)}/>\n"
        "  <at:by>\n"
        f"   <name>{_text(channel.title)}</name>\n"
        f"   <uri>{_text(channel.url)}</uri>\n"
        "  </at:by>\n"
        " </at:deleted-entry></feed>\n"
    ).encode()


def render_feed(channel: Channel, videos: Iterable[Video]) -> bytes:
    """Write a channel's feed.

    The feed's own ids lack the ``UC`` which those of its entries have; so it is in the wild.
    """
    short_id = _text(channel.id.removeprefix("UC"))
    href = f"http://www.youtube.com/feeds/videos.xml?channel_id={channel.id}"
    entries = "".join(
        _entry(channel, video, _precise(video.updated_ns, whole=True), _media(video))
        for video in videos
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<feed {_YOUTUBE} {_MEDIA} {_ATOM}>\n"
        f' <link rel="self" href={quoteattr(href)}/>\n'
        f" <id>yt:channel:{short_id}</id>\n"
        f" <yt:channelId>{short_id}</yt:channelId>\n"
        f" <title>{_text(channel.title)}</title>\n"
        f' <link rel="alternate" href={quoteattr(channel.url)}/>\n'
        " <author>\n"
        f"  <name>{_text(channel.title)}</name>\n"
        f"  <uri>{_text(channel.url)}</uri>\n"
        " </author>\n"
        f" <published>{_whole(channel.created_at)}</published>\n"
        f"{entries}</feed>\n"
    ).encode()


def _entry(channel: Channel, video: Video, updated: str, media: str = "") -> str:
    return (
        f"{' ' if media else ''}<entry>\n"
        f"  <id>yt:video:{_text(video.id)}</id>\n"
        f"  <yt:videoId>{_text(video.id)}</yt:videoId>\n"
        f"  <yt:channelId>{_text(video.channel_id)}</yt:channelId>\n"
        f"  <title>{_text(video.title)}</title>\n"
        f'  <link rel="alternate" href={quoteattr(video.url)}/>\n'
        "  <author>\n"
        f"   <name>{_text(channel.title)}</name>\n"
        f"   <uri>{_text(channel.url)}</uri>\n"
        "  </author>\n"
        f"  <published>{_whole(video.published_at)}</published>\n"
        f"  <updated>{updated}</updated>\n"
        f"{media} </entry>{chr(10) if media else ''}"
    )


def _media(video: Video) -> str:
    content = f"https://www.youtube.com/v/{video.id}?version=3"
    thumbnail = f"https://i1.ytimg.com/vi/{video.id}/hqdefault.jpg"
    return (
        "  <media:group>\n"
        f"   <media:title>{_text(video.title)}</media:title>\n"
        f"   <media:content url={quoteattr(content)}"
        ' type="application/x-shockwave-flash" width="640" height="390"/>\n'
        f'   <media:thumbnail url={quoteattr(thumbnail)} width="480" height="360"/>\n'
        f"   <media:description>{_text(video.description)}</media:description>\n"
        "   <media:community>\n"
        '    <media:starRating count="0" average="0.00" min="1" max="5"/>\n'
        '    <media:statistics views="0"/>\n'
        "   </media:community>\n"
        "  </media:group>\n"
    )


def _text(value: str) -> str:
    # YouTube lets no control character into a title, and no XML parser would let one through.
    return escape(_NOT_XML.sub("", value))


def _whole(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _precise(unix_ns: int, *, whole: bool = False) -> str:
    seconds, rest = divmod(unix_ns, 1_000_000_000)
    time = datetime.fromtimestamp(seconds, UTC)
    return _whole(time) if whole else time.strftime(f"%Y-%m-%dT%H:%M:%S.{rest:09d}+00:00")
