"""The links of a whole page or feed, not those of single entries. All pure."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from xml.parsers import expat

_MOST_PARSED = 256 * 1024
#: The elements of feeds whose links are the feed's own.
_HEADS = {"feed", "channel", "RDF"}
_ROOTS = {"feed", "rss", "RDF"}
#: What is in these is about single entries, or what anybody may have written.
_OTHERS = {"body", "entry", "item"}


class _DeclaredError(Exception):
    """The document declares an entity."""


def read_body(kind: str, body: bytes) -> Iterable[tuple[str, str]]:
    """Give the relation and the address of each link, as they are written there.

    :param kind: the content type.
    """
    if "json" in kind.lower() or body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return _read_json(body)
    return _read_xml(body[:_MOST_PARSED]) or _read_html(body[:_MOST_PARSED])


def _read_json(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
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


def _read_xml(body: bytes) -> list[tuple[str, str]]:
    """Read a feed, as far as it is one; empty for anything else.

    No entity is expanded, for at the first that is declared the reading ends.
    """
    found: list[tuple[str, str]] = []
    path: list[str] = []

    def start(name: str, values: dict[str, str]) -> None:
        path.append(name.rpartition(" ")[2])
        if path[0] in _ROOTS and len(path) > 1 and path[-1] == "link" and path[-2] in _HEADS:
            found.extend(_pair(values))

    def end(_name: str) -> None:
        path.pop()

    def declare(*_declaration: object) -> None:
        raise _DeclaredError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = declare
    # What was read before the trouble is as good as ever.
    with suppress(expat.ExpatError, _DeclaredError, ValueError, LookupError):
        parser.Parse(body, False)  # noqa: FBT003 - it takes no keywords
    return found


def _read_html(body: bytes) -> list[tuple[str, str]]:
    """Read a page, or a feed that is no whole XML; here too no entity is expanded."""
    parser = _Links()
    # The parser raises it for what it does not know between ``<![`` and ``]``
    # (https://github.com/python/cpython/issues/77057).
    with suppress(AssertionError):
        parser.feed(body.decode("utf-8", "replace"))
    return parser.found


class _Links(HTMLParser):
    """Reads links up to what is not about the whole."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = tag.rpartition(":")[2]
        self._is_over = self._is_over or name in _OTHERS
        if name == "link" and not self._is_over:
            self.found.extend(_pair({key: value or "" for key, value in attrs}))


def _pair(values: dict[str, str]) -> Iterator[tuple[str, str]]:
    for rel in values.get("rel", "").lower().split():
        yield rel, values.get("href", "")
