"""Where accounts are: one module per platform says what names an account there.

People paste what they have: the address of a page, an ``@name``, an id. A platform *recognises*
its own in that, without asking anybody, and *resolves* it into the parameters of a Task, which may
need a question to the platform.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from stargazer.budgets import Budget
from stargazer.context import Context
from stargazer.settings import Settings


class AccountParams(BaseModel):
    """What names an account; each platform has its own, with one field."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Platform:
    """How the accounts of one kind are named.

    :ivar kind: of its Tasks, and the name of its queue.
    :ivar params: the parameters of a Task in the one form in which they are stored.
    :ivar example: such parameters.
    :ivar recognise: gives the part of a pasted address that names an account here; None when it is
        no address of this platform.
    :ivar resolve: makes the parameters out of such a part, or of what was pasted as it is.
        It raises :class:`~stargazer.errors.GoneError` when there is no such account, with a
        sentence that says what was tried, and another
        :class:`~stargazer.errors.PlatformError` when the platform could not be asked.
    :ivar find_missing: names the settings without which its accounts are not watched; None: none.
    :ivar list_budgets: shows what may be used of it, and how much of that is used up.
    :ivar has_hubs: whether WebSub hubs tell us of its accounts.
    :ivar name_account: gives what hubs and logs call an account: its one parameter, unless that may
        hold a secret.
    """

    kind: str
    params: type[AccountParams]
    example: Mapping[str, str]
    recognise: Callable[[str], str | None]
    resolve: Callable[[Context, str], AccountParams]
    find_missing: Callable[[Settings], str | None] = lambda _settings: None
    list_budgets: Callable[[Context, datetime], Sequence[Budget]] = lambda _context, _now: ()
    has_hubs: bool = False
    name_account: Callable[[Mapping[str, str]], str] = lambda params: next(
        iter(params.values()), ""
    )

    @property
    def field(self) -> str:
        """The name of the one parameter."""
        return next(iter(self.params.model_fields))


def split_address(address: str) -> tuple[str, list[str]]:
    """Take the address of a page apart, with or without ``https://`` in front.

    :returns: the host, in lower case, and the parts of the path; empty for what is no address.
    """
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
    except ValueError:
        return "", []
    if parts.scheme not in ("http", "https", ""):
        return "", []
    return parts.hostname or "", [part for part in parts.path.split("/") if part]
