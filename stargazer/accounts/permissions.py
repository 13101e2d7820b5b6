"""What an account may do: a level (``ro`` or ``rw``) on each of four components."""

from collections.abc import Iterable
from typing import NamedTuple

from stargazer.models import Account

COMPONENTS = ("api", "admin", "mq", "coordinator")
LEVELS = ("ro", "rw")


class Permission(NamedTuple):
    """Leave to read (``ro``), or to read and write (``rw``), one component."""

    component: str
    level: str

    def __str__(self) -> str:
        """Write it as it is read: ``api:rw``."""
        return f"{self.component}:{self.level}"


def parse_permission(text: str) -> Permission:
    """Read ``api:rw``.

    :raises ValueError: naming what would be right.
    """
    component, _, level = text.partition(":")
    if component not in COMPONENTS or level not in LEVELS:
        raise ValueError(
            f"{text!r} is no permission: one of {', '.join(COMPONENTS)},"
            f" a colon, and {' or '.join(LEVELS)}"
        )
    return Permission(component, level)


def parse_permissions(texts: Iterable[str]) -> dict[str, str]:
    """Read several, as :class:`Account` holds them; of one component, the higher level counts.

    :raises ValueError: naming the first that is wrong.
    """
    parsed = sorted(parse_permission(text) for text in texts)
    return {permission.component: permission.level for permission in parsed}


def is_allowed(account: Account, permission: Permission) -> bool:
    """Tell whether the account has the permission; ``rw`` includes ``ro``."""
    granted = account.permissions.get(permission.component)
    return granted == "rw" or (granted == "ro" and permission.level == "ro")
