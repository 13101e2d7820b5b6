"""Asking a hub to begin or end a subscription."""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from stargazer.errors import PlatformError, RefusedError
from stargazer.http import HttpClient
from stargazer.models import Lease

HUB_TIMEOUT = 30.0
_MOST_REDIRECTS = 5
_AGAIN_THERE = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def is_safe(hub: str, named_by: str | None = None) -> bool:
    """Tell whether a hub may be asked, and given a secret: over TLS, or on this machine.

    Whatever names a hub makes us post to it. So a feed or hub of elsewhere may not name what
    listens on this machine. An operator's own network is not told apart from others: over TLS a hub
    may be anywhere.

    :param named_by: the address that names it, or redirects to it; None: an operator does.
    """
    try:
        parts = urlsplit(hub)
    except ValueError:
        return False
    if parts.scheme == "https":
        return True
    is_here = named_by is None or urlsplit(named_by).hostname in _LOOPBACK
    return is_here and parts.scheme == "http" and parts.hostname in _LOOPBACK


def ask(http: HttpClient, lease: Lease, mode: str, span: timedelta) -> str:
    """Ask the hub to ``subscribe`` or ``unsubscribe``; it verifies that with a call of its own.

    :returns: where the hub is from now on: another address after a permanent redirect.
    :raises PlatformError: of the kind that says how to react.
    """
    url = home = lease.home or lease.hub
    named_by: str | None = None
    form = {
        "hub.mode": mode,
        "hub.topic": lease.topic,
        "hub.callback": lease.callback,
        "hub.secret": lease.secret,
        "hub.lease_seconds": str(int(span.total_seconds())),
        "hub.verify": "async",
    }
    for _ in range(_MOST_REDIRECTS):
        if not is_safe(url, named_by):
            raise RefusedError("the hub is not reached over TLS, and gets no secret of ours")
        answer = http.post(url, form=form, repeatable=True, timeout=HUB_TIMEOUT)
        target = answer.headers.get("Location")
        if answer.status not in _AGAIN_THERE or not target:
            answer.raise_for_status()
            return home
        is_moved = url == home and answer.status == HTTPStatus.PERMANENT_REDIRECT
        named_by, url = url, _join(url, target)
        home = url if is_moved else home
    raise PlatformError("redirects without end")


def _join(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        raise PlatformError("a redirect to what is no address") from None
