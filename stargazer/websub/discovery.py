"""Which hub a page or feed names, and under which address it is known there. All pure.

Source: https://www.w3.org/TR/websub/#discovery
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from stargazer.websub.links import read_body

#: One link of a header: its address, and all of its parameters.
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*(?:=\s*(?:"[^"]*"|[^",;\s]+))?)*)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^",;\s]+))')
#: What is longer is no address that a hub would take.
LONGEST_ADDRESS = 2000


class Discovery(NamedTuple):
    """What is to be asked, and where.

    :ivar hubs: their addresses, the first choice first; never empty.
    """

    hubs: tuple[str, ...]
    topic: str


def discover(url: str, headers: Mapping[str, str], body: bytes) -> Discovery | None:
    """Find the hubs of what was answered; None when it names none.

    The header counts where it names a hub; only then the body is looked at. What is no address of
    the web is passed over.

    :param url: where the answer came from, after all redirects.
    :param headers: of the answer; several of one name joined by commas.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    kind = lowered.get("content-type", "")
    for links in (_read_header(lowered.get("link", "")), read_body(kind, body)):
        found = [(rel, _join(url, target)) for rel, target in links if rel in ("hub", "self")]
        hubs = _choose(found, "hub")
        if hubs:
            return Discovery(hubs, (*_choose(found, "self"), url)[0])
    return None


def _read_header(header: str) -> Iterator[tuple[str, str]]:
    for target, parameters in _LINK.findall(header):
        values = {
            name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters)
        }
        for rel in values.get("rel", "").lower().split():
            yield rel, target


def _choose(links: Iterable[tuple[str, str | None]], wanted: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url for rel, url in links if rel == wanted and url))


def _join(base: str, target: str) -> str | None:
    """Give a whole address; None for what is none."""
    try:
        url = urljoin(base, target.strip())
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        # Half a character, as JSON may hold it, could not even be stored.
        url.encode()
    except ValueError:
        return None
    is_one = target and parts.scheme in ("http", "https") and host and len(url) <= LONGEST_ADDRESS
    return url if is_one else None
