"""Which hub a page or feed names, and under which address it is known there. All pure.

Source: https://www.w3.org/TR/websub/#discovery
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urljoin

#: One link of a header: its address, and all of its parameters.
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*(?:=\s*(?:"[^"]*"|[^",;\s]+))?)*)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^",;\s]+))')
#: What comes after these is about single entries.
_ENTRIES = {"entry", "item"}
_MOST_PARSED = 256 * 1024


class Discovery(NamedTuple):
    """What is to be asked, and where.

    :ivar hubs: their addresses, the first choice first; never empty.
    """

    hubs: tuple[str, ...]
    topic: str


def discover(url: str, headers: Mapping[str, str], body: bytes) -> Discovery | None:
    """Find the hubs of what was answered; None when it names none.

    The header counts where it names a hub; only then the body is looked at.

    :param url: where the answer came from, after all redirects.
    :param headers: of the answer; several of one name joined by commas.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    for links in (_read_header(lowered.get("link", "")), _read_body(lowered, body)):
        found = list(links)
        hubs = [urljoin(url, target) for rel, target in found if rel == "hub"]
        if hubs:
            topics = [urljoin(url, target) for rel, target in found if rel == "self"]
            return Discovery(tuple(dict.fromkeys(hubs)), topics[0] if topics else url)
    return None


def _read_header(header: str) -> Iterator[tuple[str, str]]:
    for target, parameters in _LINK.findall(header):
        values = {
            name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters)
        }
        for rel in values.get("rel", "").lower().split():
            yield rel, target.strip()


def _read_body(headers: Mapping[str, str], body: bytes) -> Iterable[tuple[str, str]]:
    if "json" in headers.get("content-type", "").lower():
        return _read_json(body)
    parser = _Links()
    # No entity is expanded here, and what is no markup holds no links.
    parser.feed(body[:_MOST_PARSED].decode("utf-8", "replace"))
    return parser.found


def _read_json(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        feed = json.loads(body)
    except ValueError:
        return
    if not isinstance(feed, dict):
        return
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        is_hub = isinstance(hub, dict) and str(hub.get("type", "")).lower() == "websub"
        if is_hub and isinstance(hub.get("url"), str):
            yield "hub", hub["url"]
    if isinstance(feed.get("feed_url"), str):
        yield "self", feed["feed_url"]


class _Links(HTMLParser):
    """Reads the links of HTML, Atom and RSS, up to the first entry."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = tag.rpartition(":")[2]
        self._is_over = self._is_over or name in _ENTRIES
        if name != "link" or self._is_over:
            return
        values = dict(attrs)
        for rel in (values.get("rel") or "").lower().split():
            self.found.append((rel, (values.get("href") or "").strip()))
