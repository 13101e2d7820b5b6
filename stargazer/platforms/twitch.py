"""How Twitch names accounts."""

import re
from typing import Annotated

from pydantic import StringConstraints

from stargazer.context import Context
from stargazer.errors import GoneError
from stargazer.platforms import AccountParams, Platform, split_address
from stargazer.twitch import Twitch, find_missing

_LOGIN = re.compile(r"[a-z0-9][a-z0-9_]{2,24}")
#: First parts of the paths of pages that are nobody's.
_PAGES = {"directory", "videos", "settings", "downloads", "p", "jobs", "turbo", "search"}
_HOSTS = {"twitch.tv", "www.twitch.tv", "m.twitch.tv", "go.twitch.tv"}


class TwitchParams(AccountParams):
    """An account, by the name in its address."""

    login: Annotated[str, StringConstraints(pattern=rf"^{_LOGIN.pattern}$")]


def recognise(address: str) -> str | None:
    """Read the login out of an address."""
    host, path = split_address(address)
    if host not in _HOSTS:
        return None
    names = [name for name in path if name != "popout"]
    return None if not names or names[0].lower() in _PAGES else names[0]


def resolve(context: Context, name: str) -> TwitchParams:
    """Find the account of a login.

    :raises GoneError: when there is none, or it cannot be a login.
    :raises PlatformError: when Twitch could not be asked.
    """
    login = name.removeprefix("@").lower()
    if not _LOGIN.fullmatch(login):
        raise GoneError(f"{name[:100]!r} is no login of Twitch: 3 to 25 letters, digits and _")
    # Without an app of the operator's nobody can be asked, and the login is believed.
    if find_missing(context.settings) is None:
        users = Twitch(context.http, context.settings).list_users(logins=[login])
        if not users:
            raise GoneError(f"Twitch knows no account of the login {login!r}")
    return TwitchParams(login=login)


TWITCH = Platform(
    kind="twitch",
    params=TwitchParams,
    example={"login": "vedal987"},
    recognise=recognise,
    resolve=resolve,
    find_missing=find_missing,
)
