"""Feeds of any kind: RSS, RDF, Atom and JSON Feed. All pure.

What they say is read with patience: a feed is what somebody's own program wrote, and whatever can
be understood of it is.
"""

import hashlib

from stargazer.feeds.autodiscovery import find_feeds
from stargazer.feeds.document import parse_feed
from stargazer.feeds.entries import Enclosure, Entry, Feed
from stargazer.feeds.pace import choose_span

__all__ = ["Enclosure", "Entry", "Feed", "choose_span", "find_feeds", "name_feed", "parse_feed"]


def name_feed(url: str) -> str:
    """Give what logs and hubs call a feed, whose address may hold a secret."""
    return hashlib.blake2b(url.encode(), digest_size=10).hexdigest()
