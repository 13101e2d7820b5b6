"""The address of a receiver: its URL, and behind ``#`` the secret that we sign with.

A fragment never goes over the wire, so the secret stays between the receiver's owner and us.
"""

from urllib.parse import urlsplit

SHORTEST_SECRET = 16


def parse(given: str) -> tuple[str, str]:
    """Read an address.

    :returns: the stem of a name, which is the receiver's host, and the address.
    :raises ValueError: when it is none.
    """
    try:
        parts = urlsplit(given)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.username is not None:
        raise ValueError("expected a URL such as https://example.org/stargazer#SECRET")
    if len(parts.fragment) < SHORTEST_SECRET:
        raise ValueError(
            f"expected a secret of at least {SHORTEST_SECRET} characters behind the URL,"
            " as in https://example.org/stargazer#SECRET"
        )
    return host, given


def split(address: str) -> tuple[str, str]:
    """Give the URL and the secret of an address."""
    url, _, secret = address.partition("#")
    return url, secret
