"""RSS 0.9x to 2.0, RDF and Atom, by the library ``feedparser``.

It reads what is broken in a hundred ways, wrong charsets included, and expands no entities but
characters.
"""

import calendar
import io
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from stargazer.errors import PayloadError
from stargazer.feeds.entries import Enclosure, Entry, Feed, join_address, name_entry
from stargazer.feeds.markup import list_pictures, strip_markup

#: How often a feed says that it changes.
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_LONGEST_TTL = timedelta(days=1)
_HTML = {"text/html", "application/xhtml+xml"}


def parse_xml(body: bytes, content_type: str, url: str) -> Feed:
    """Read a feed in XML.

    :raises PayloadError: when it is none.
    """
    # Without the address: what is relative to it would be another id after a redirect.
    headers = {"content-type": content_type} if content_type else {}
    try:
        # Bytes by themselves might be taken for an address or a path.
        found = feedparser.parse(
            io.BytesIO(body),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as exc:  # noqa: BLE001 - of a library, on what anybody may have written
        raise PayloadError(f"not a feed: {type(exc).__name__}") from None
    # The version is what was recognised; a page may hold something that looks like an entry.
    if not found.get("version"):
        raise PayloadError("not a feed: neither RSS, RDF nor Atom")
    head = found.feed
    return Feed(
        title=strip_markup(head.get("title", "")),
        url=join_address(url, head.get("link", "")),
        language=head.get("language", ""),
        ttl=_read_ttl(head),
        entries=tuple(_read_entry(entry, url) for entry in found.entries),
    )


def _read_entry(entry: Any, base: str) -> Entry:
    title, html, is_html = entry.get("title", ""), *_choose_text(entry)
    link = entry.get("link", "")
    date = _read_own(entry, "published") or _read_own(entry, "updated") or ""
    pictures = (*_list_media_pictures(entry, base), *list_pictures(html, base))
    return Entry(
        item_id=name_entry(entry.get("id", ""), link, title, date),
        title=" ".join(strip_markup(title).split()),
        text=strip_markup(html) if is_html else html.strip(),
        url=join_address(base, link),
        author=entry.get("author_detail", {}).get("name") or entry.get("author", ""),
        published_at=_read_time(entry),
        pictures=tuple(dict.fromkeys(filter(None, pictures))),
        enclosures=tuple(_list_enclosures(entry, base)),
    )


def _choose_text(entry: Any) -> tuple[str, bool]:
    """Give the longest text there is, and whether it is HTML."""
    parts = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    best = max(parts, key=lambda part: len(part.get("value") or ""))
    # RSS says nothing of it, and the library takes for plain what has no markup that it knows.
    return best.get("value") or "", best.get("type", "text/html") in _HTML


def _list_media_pictures(entry: Any, base: str) -> Iterable[str]:
    for each in (*entry.get("media_content", ()), *entry.get("media_thumbnail", ())):
        kind = f"{each.get('medium', '')}{each.get('type', '')}"
        if not kind or "image" in kind:
            yield join_address(base, each.get("url", ""))
    for each in entry.get("enclosures", ()):
        if each.get("type", "").startswith("image/"):
            yield join_address(base, each.get("href", ""))


def _list_enclosures(entry: Any, base: str) -> Iterable[Enclosure]:
    for each in entry.get("enclosures", ()):
        url = join_address(base, each.get("href", ""))
        if url and not each.get("type", "").startswith("image/"):
            yield Enclosure(url, each.get("type", ""))


def _read_own(entry: Any, name: str) -> Any:
    # The library would give one date for another, and complain of being asked.
    return entry.get(name) if name in entry else None


def _read_time(entry: Any) -> datetime | None:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        if parts := _read_own(entry, name):
            with suppress(ValueError, OverflowError, OSError):
                return datetime.fromtimestamp(calendar.timegm(parts), UTC)
    return None


def _read_ttl(head: Any) -> timedelta:
    ttl = timedelta()
    minutes = str(head.get("ttl", "")).strip()
    if minutes.isdecimal():
        ttl = timedelta(minutes=min(int(minutes), _LONGEST_TTL // timedelta(minutes=1)))
    period = _PERIODS.get(str(head.get("sy_updateperiod", "")).strip().lower())
    times = str(head.get("sy_updatefrequency", "1")).strip()
    if period:
        ttl = max(ttl, period / (min(int(times), 1000) or 1 if times.isdecimal() else 1))
    return min(ttl, _LONGEST_TTL)
