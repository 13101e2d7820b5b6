"""What a feed says, in whichever form it says it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urljoin


class Enclosure(NamedTuple):
    """A file that belongs to an entry.

    :ivar type: such as ``audio/mpeg``; empty when nobody says.
    """

    url: str
    type: str = ""


class Entry(NamedTuple):
    """An entry.

    :ivar item_id: a digest of what it is known by, which may be long and is in any alphabet.
    :ivar text: without markup.
    :ivar published_at: None when it does not say.
    """

    item_id: str
    title: str = ""
    text: str = ""
    url: str = ""
    author: str = ""
    published_at: datetime | None = None
    pictures: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()


class Feed(NamedTuple):
    """What a feed says.

    :ivar url: the page that it is about.
    :ivar language: as declared, such as ``ja-JP``; empty when nobody says.
    :ivar ttl: how long it says it may be kept.
    :ivar entries: in the order of the document.
    """

    title: str = ""
    url: str = ""
    language: str = ""
    ttl: timedelta = timedelta()
    entries: Sequence[Entry] = ()


def name_entry(given: str, link: str, title: str, date: str) -> str:
    """Give the digest of what an entry is known by: its id, else its link, else what it says."""
    known_by = given.strip() or link.strip() or f"{title}\n{date}"
    return hashlib.blake2b(known_by.encode(), digest_size=10).hexdigest()


def join_address(base: str, given: str) -> str:
    """Give the whole address of what a feed or page names.

    :returns: empty for what is no address of the web.
    """
    if not given.strip():
        return ""
    try:
        url = urljoin(base, given.strip())
    except ValueError:
        return ""
    return url if url.lower().startswith(("http://", "https://")) else ""
