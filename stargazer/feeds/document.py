"""Which form a feed has."""

import re
import zlib

from stargazer.errors import PayloadError
from stargazer.feeds.entries import Feed
from stargazer.feeds.jsonfeed import parse_json
from stargazer.feeds.syndication import parse_xml
from stargazer.http import MAX_BODY

_GZIP = b"\x1f\x8b"
#: What takes the library minutes is refused: a feed of 1,000 entries has a tenth of that.
_MOST_MARKS = 150_000
_ENDLESS_TAG = re.compile(rb"<(?:[^<>=]*=){1000}")


def parse_feed(body: bytes, content_type: str = "", url: str = "") -> Feed:
    """Read a feed.

    :param body: as sent, at most 10 MB; what it is, is seen by itself, for servers err.
    :param content_type: as sent; it may name the charset.
    :param url: where it came from, for addresses that are relative to it.
    :raises PayloadError: when it is no feed.
    """
    if body.startswith(_GZIP):
        body = _decompress(body)
    if body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return parse_json(body, url)
    if body.count(b"<") + body.count(b"&") > _MOST_MARKS or _ENDLESS_TAG.search(body):
        raise PayloadError("not a feed that can be read: too much markup")
    return parse_xml(body, content_type, url)


def _decompress(body: bytes) -> bytes:
    """Unpack a file that was compressed before a server sent it as it is."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(body, MAX_BODY + 1)
    except zlib.error:
        raise PayloadError("not a feed: broken gzip") from None
    if len(unpacked) > MAX_BODY:
        raise PayloadError(f"an answer above {MAX_BODY} bytes")
    return unpacked
