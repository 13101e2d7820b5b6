"""JSON Feed.

Source: https://www.jsonfeed.org/version/1.1/
"""

import json
from datetime import UTC, datetime
from typing import Any

from stargazer.errors import PayloadError
from stargazer.feeds.entries import Enclosure, Entry, Feed, join_address, name_entry
from stargazer.feeds.markup import list_pictures, strip_markup

_VERSION = "jsonfeed.org/version/"
_MOST_AUTHORS = 3
_MOST_ITEMS = 5000


def parse_json(body: bytes, url: str) -> Feed:
    """Read a JSON Feed.

    :raises PayloadError: when it is none.
    """
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise PayloadError("not a feed: neither XML nor JSON") from None
    if not (isinstance(feed, dict) and _VERSION in str(feed.get("version"))):
        raise PayloadError("not a feed: JSON, but no JSON Feed")
    items = feed.get("items")
    if not isinstance(items, list):
        raise PayloadError("not a feed: a JSON Feed without items")
    return Feed(
        title=_read(feed, "title"),
        url=join_address(url, _read(feed, "home_page_url")),
        language=_read(feed, "language"),
        entries=tuple(
            _read_item(item, feed, url) for item in items[:_MOST_ITEMS] if isinstance(item, dict)
        ),
    )


def _read_item(item: dict[str, Any], feed: dict[str, Any], base: str) -> Entry:
    html = _read(item, "content_html")
    title, date = _read(item, "title"), _read(item, "date_published")
    link = _read(item, "url") or _read(item, "external_url")
    shown = [join_address(base, _read(item, name)) for name in ("image", "banner_image")]
    # Version 1.0 has one author, and a number for an id has been seen.
    given = item.get("id")
    return Entry(
        item_id=name_entry("" if given is None else str(given), link, title, date),
        title=strip_markup(title) if "<" in title else title,
        text=strip_markup(html) if html else _read(item, "content_text") or _read(item, "summary"),
        url=join_address(base, link),
        author=_read_authors(item) or _read_authors(feed),
        published_at=_read_time(date),
        pictures=tuple(dict.fromkeys([*filter(None, shown), *list_pictures(html, base)])),
        enclosures=tuple(
            Enclosure(target, _read(each, "mime_type"))
            for each in _list(item, "attachments")
            if (target := join_address(base, _read(each, "url")))
        ),
    )


def _read_authors(part: dict[str, Any]) -> str:
    authors = _list(part, "authors")
    if isinstance(part.get("author"), dict):
        authors.append(part["author"])
    names = [_read(each, "name") for each in authors]
    return ", ".join(dict.fromkeys(filter(None, names[:_MOST_AUTHORS])))


def _read(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    return value.strip() if isinstance(value, str) else ""


def _list(part: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = part.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _read_time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        return None
