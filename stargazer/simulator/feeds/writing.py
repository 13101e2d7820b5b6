"""The simulated feeds as documents.

Sources: https://www.rssboard.org/rss-specification https://web.resource.org/rss/1.0/spec
https://www.rfc-editor.org/rfc/rfc4287 https://www.jsonfeed.org/version/1.1/
"""

import json
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from stargazer.simulator.feeds.world import FeedItem, FeedSite

TYPES = {
    "rss": "application/rss+xml",
    "rss091": "text/xml",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
_SITE = "https://site.invalid"
_SPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "content": "http://purl.org/rss/1.0/modules/content/",
}


def write_feed(site: FeedSite, url: str) -> bytes:
    """Write a feed as its server sends it.

    :param url: its own.
    """
    if site.raw is not None:
        return site.raw.encode(site.charset)
    if site.form == "json":
        return json.dumps(_write_json(site, url)).encode()
    declared = site.declared or site.charset
    text = f'<?xml version="1.0" encoding="{declared}"?>\n'
    text += {"rss": _write_rss, "rss091": _write_rss, "rdf": _write_rdf, "atom": _write_atom}[
        site.form
    ](site, url)
    return text.encode(site.charset, "xmlcharrefreplace")


def _write_rss(site: FeedSite, url: str) -> str:
    is_old = site.form == "rss091"
    spaces = "" if is_old else _declare(*_SPACES)
    head = _tag("title", site.title) + _tag("link", _SITE) + _tag("description", "About it")
    head += _tag("language", site.language) + _tag("ttl", site.ttl)
    if site.hub:
        head += f'<atom:link rel="hub" href="{escape(site.hub)}"/>'
        head += f'<atom:link rel="self" href="{escape(url)}"/>'
    items = "".join(_write_rss_item(item, is_old=is_old) for item in site.items.values())
    version = "0.91" if is_old else "2.0"
    return f'<rss version="{version}"{spaces}><channel>{head}{items}</channel></rss>'


def _write_rss_item(item: FeedItem, *, is_old: bool) -> str:
    parts = _tag("title", item.title or None) + _tag("link", item.link)
    parts += _tag("description", item.html or None)
    if not is_old:
        if item.id is not None:
            parts += f'<guid isPermaLink="false">{escape(item.id)}</guid>'
        parts += _tag("dc:creator", item.author or None)
        if item.published_at:
            parts += _tag("pubDate", format_datetime(item.published_at))
        if item.picture:
            parts += f'<media:thumbnail url="{escape(item.picture)}"/>'
        if item.enclosure:
            parts += f'<enclosure url="{escape(item.enclosure)}" length="1" type="audio/mpeg"/>'
    return f"<item>{parts}</item>"


def _write_rdf(site: FeedSite, _url: str) -> str:
    head = f'<channel rdf:about="{_SITE}">' + _tag("title", site.title) + _tag("link", _SITE)
    head += _tag("dc:language", site.language) + "</channel>"
    items = ""
    for item in site.items.values():
        about = item.id or item.link
        items += f'<item rdf:about="{escape(about)}">' if about else "<item>"
        items += _tag("title", item.title) + _tag("link", item.link)
        items += _tag("content:encoded", item.html or None) + _tag("dc:date", _iso(item))
        items += _tag("dc:creator", item.author or None) + "</item>"
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    rss = 'xmlns="http://purl.org/rss/1.0/"'
    return f"<rdf:RDF {rdf} {rss}{_declare('dc', 'content')}>{head}{items}</rdf:RDF>"


def _write_atom(site: FeedSite, url: str) -> str:
    lang = f' xml:lang="{site.language}"' if site.language else ""
    head = _tag("id", "urn:site") + _tag("title", site.title) + f'<link href="{_SITE}"/>'
    head += f'<link rel="self" href="{escape(url)}"/>'
    if site.hub:
        head += f'<link rel="hub" href="{escape(site.hub)}"/>'
    items = ""
    for item in site.items.values():
        items += "<entry>" + _tag("id", item.id) + _tag("title", item.title)
        items += f'<link href="{escape(item.link)}"/>' if item.link else ""
        items += _tag("published", _iso(item)) + _tag("updated", _iso(item))
        if item.author:
            items += f"<author>{_tag('name', item.author)}</author>"
        if item.html:
            items += f'<content type="html">{escape(item.html)}</content>'
        if item.picture:
            items += f'<media:thumbnail url="{escape(item.picture)}"/>'
        if item.enclosure:
            items += f'<link rel="enclosure" type="audio/mpeg" href="{escape(item.enclosure)}"/>'
        items += "</entry>"
    return f'<feed xmlns="{_SPACES["atom"]}"{_declare("media")}{lang}>{head}{items}</feed>'


def _write_json(site: FeedSite, url: str) -> dict[str, Any]:
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "home_page_url": _SITE,
        "feed_url": url,
        "language": site.language,
        "items": [_write_json_item(item) for item in site.items.values()],
    }
    if site.hub:
        feed["hubs"] = [{"type": "WebSub", "url": site.hub}]
    return {name: value for name, value in feed.items() if value is not None}


def _write_json_item(item: FeedItem) -> dict[str, Any]:
    fields = {
        "id": item.id,
        "url": item.link,
        "title": item.title or None,
        "content_html": item.html,
        "date_published": _iso(item),
        "image": item.picture,
        "authors": [{"name": item.author}] if item.author else None,
        "attachments": [{"url": item.enclosure, "mime_type": "audio/mpeg"}]
        if item.enclosure
        else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _iso(item: FeedItem) -> str | None:
    at: datetime | None = item.published_at
    return at.isoformat() if at else None


def _declare(*names: str) -> str:
    return "".join(f' xmlns:{name}="{_SPACES[name]}"' for name in names)


def _tag(name: str, value: object | None) -> str:
    return "" if value is None else f"<{name}>{escape(str(value))}</{name}>"
