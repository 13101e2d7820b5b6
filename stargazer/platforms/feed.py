"""How feeds are named: by their addresses, or that of a page that names one.

An operator adds them, who may also mean a feed of their own network: addresses are not restricted,
but to HTTP.
"""

from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, StringConstraints

from stargazer.context import Context
from stargazer.errors import GoneError, PayloadError, RefusedError
from stargazer.feeds import find_feeds, name_feed, parse_feed
from stargazer.http import Response
from stargazer.platforms import AccountParams, Platform

#: So many of the feeds that a page names are tried.
_MOST_TRIED = 3
_LONGEST = 2000
_AWAY = 500
_THROTTLED = 429


def _check(url: str) -> str:
    if normalise(url) != url:
        raise ValueError("an http or https address, as it is stored, is needed")
    return url


class FeedParams(AccountParams):
    """A feed."""

    url: Annotated[str, StringConstraints(max_length=_LONGEST), AfterValidator(_check)]


def recognise(address: str) -> str | None:
    """Take any address for one that may be a feed's."""
    named = _read_scheme(address)
    return named if "://" in address and normalise(named) else None


def resolve(context: Context, name: str) -> FeedParams:
    """Find the feed at an address, or the first one that the page there names.

    :raises GoneError: when there is none.
    :raises PlatformError: when the server could not be asked.
    """
    named = _read_scheme(name)
    url = normalise(named if "://" in named else f"https://{named}")
    if url is None:
        raise GoneError("the address of a feed begins with http:// or https://")
    answer = _get(context, url)
    if _is_feed(answer):
        return FeedParams(url=url)
    named_there = find_feeds(answer.body, answer.url)[:_MOST_TRIED]
    for each in named_there:
        found = normalise(each)
        if found and _has_feed(context, found):
            return FeedParams(url=found)
    tried = f"the page there names {len(named_there)}, and none of them is one"
    reason = tried if named_there else "nor does a page there name one"
    raise GoneError(f"there is no feed at that address; {reason}")


def _get(context: Context, url: str) -> Response:
    answer = context.http.get(url)
    if not answer.is_success and answer.status != _THROTTLED and answer.status < _AWAY:
        raise RefusedError(f"the server of the feed answers HTTP {answer.status}")
    answer.raise_for_status()
    return answer


def _has_feed(context: Context, url: str) -> bool:
    try:
        return _is_feed(_get(context, url))
    except RefusedError:
        return False


def _is_feed(answer: Response) -> bool:
    try:
        parse_feed(answer.body, answer.headers.get("Content-Type", ""), answer.url)
    except PayloadError:
        return False
    return True


def _read_scheme(address: str) -> str:
    """Give the address that ``feed:`` is put in front of, in one of two ways."""
    if address.lower().startswith(("feed:http://", "feed:https://")):
        return address[len("feed:") :]
    if address.lower().startswith("feed://"):
        return f"https://{address[len('feed://') :]}"
    return address


def normalise(url: str) -> str | None:
    """Write an address in one way, for it is compared with others; None for what is none."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    is_one = parts.scheme in ("http", "https") and host and not set(url) & set(' \t\r\n\\<>"{}')
    if not is_one:
        return None
    user, at, where = parts.netloc.rpartition("@")
    netloc = f"{user}{at}{where.lower()}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


FEED = Platform(
    kind="feed",
    params=FeedParams,
    example={"url": "https://example.com/feed.xml"},
    recognise=recognise,
    resolve=resolve,
    has_hubs=True,
    name_account=lambda params: name_feed(params.get("url", "")),
)
