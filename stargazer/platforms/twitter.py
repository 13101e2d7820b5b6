"""How X, formerly Twitter, names accounts."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import StringConstraints

from stargazer.context import Context
from stargazer.errors import CredentialsError, GoneError
from stargazer.platforms import AccountParams, Platform, split_address
from stargazer.twitter.api import Twitter, find_missing
from stargazer.twitter.spending import list_budgets

_NAME = re.compile(r"[a-z0-9_]{1,15}")
_NUMBER = re.compile(r"\d{16,20}")
_HOSTS = {"x.com", "twitter.com"}
#: First parts of the paths of pages that are nobody's.
_PAGES = {"home", "i", "search", "hashtag", "intent", "share", "settings", "explore", "messages"}


class TwitterParams(AccountParams):
    """An account, by its name in lower case; its owner may change it, and is found all the same."""

    id: Annotated[str, StringConstraints(pattern=rf"^{_NAME.pattern}$")]


def recognise(address: str) -> str | None:
    """Read the name out of an address, of a page or of a tweet."""
    host, path = split_address(address)
    if host.removeprefix("www.").removeprefix("mobile.") not in _HOSTS or not path:
        return None
    if path[:2] == ["i", "user"]:
        return next(iter(path[2:]), None)
    return None if path[0].lower() in _PAGES else path[0]


def resolve(context: Context, name: str) -> TwitterParams:
    """Take an account's name, or find out the name of a number.

    A name is believed, as asking costs money; the first look says if nobody has it.

    :raises GoneError: when it cannot be a name, or nobody has this number.
    :raises PlatformError: when X would have to be asked, and cannot be.
    """
    if _NUMBER.fullmatch(name):
        missing = find_missing(context.settings)
        if missing:
            raise CredentialsError(f"a number is looked up at X, and {missing}", 0)
        users, _ = Twitter(context, datetime.now(UTC)).list_users(ids=[name])
        if not users:
            raise GoneError(f"X knows no account with the number {name}")
        name = users[0].username
    found = name.removeprefix("@").lower()
    if not _NAME.fullmatch(found):
        raise GoneError(f"{name[:100]!r} is no name on X: 1 to 15 letters, digits and _")
    return TwitterParams(id=found)


TWITTER = Platform(
    kind="twitter",
    params=TwitterParams,
    example={"id": "tokino_sora"},
    recognise=recognise,
    resolve=resolve,
    find_missing=find_missing,
    list_budgets=list_budgets,
)
