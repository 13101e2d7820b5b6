"""Who may do what: passwords, permissions and sessions."""

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from werkzeug.security import check_password_hash, generate_password_hash

from stargazer.errors import ForbiddenError
from stargazer.models import Account, Session
from stargazer.store import Store
from stargazer.store.sessions import hash_token

log = logging.getLogger(__name__)

COMPONENTS = ("api", "admin", "mq", "coordinator")
LEVELS = ("ro", "rw")
_METHOD = "pbkdf2:sha256:1000000"
# An unknown user costs what a known one does, so that the time does not tell which names exist.
_NOBODY = f"{_METHOD}$0000000000000000${'0' * 64}"
_REMEMBERED_FOR = 60.0
_REMEMBERED_AT_MOST = 1000


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


def hash_password(password: str) -> str:
    """Hash a password for :class:`Account`; takes about half a second."""
    return generate_password_hash(password, _METHOD)


def check_password(store: Store, username: str, password: str) -> Account:
    """Find the account that these credentials are of.

    The account is read each time, so a change of it counts at once; only the costly comparison
    is remembered for a minute.

    :raises ForbiddenError: whether it is the name or the password that is wrong is not told.
    """
    account = store.accounts.find(username)
    if account is not None and _verified.holds(account, password):
        return account
    is_right = _is_right(account.hash if account else _NOBODY, password)
    if account is None or not is_right:
        raise ForbiddenError("wrong_credentials", "Wrong username or password")
    _verified.add(account, password)
    return account


def new_session(
    store: Store, user: UUID, now: datetime, lifetime: timedelta
) -> tuple[str, Session]:
    """Let a User change its own settings for a while.

    :returns: the token, which is stored nowhere, and the Session.
    """
    token = secrets.token_urlsafe(32)
    session = Session(token_hash=hash_token(token), user=user, valid_until=now + lifetime)
    store.sessions.delete_expired(now)
    store.sessions.save(session)
    return token, session


class _Verified:
    """Passwords that were right within the last minute, by a digest that only we can make."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._until: dict[bytes, float] = {}

    def _digest(self, account: Account, password: str) -> bytes:
        # Each part is hashed by itself, so that no two accounts can run into one another.
        parts = (account.username, password, account.hash)
        message = b"".join(hashlib.sha256(part.encode()).digest() for part in parts)
        return hmac.digest(self._key, message, "sha256")

    def holds(self, account: Account, password: str) -> bool:
        return self._until.get(self._digest(account, password), 0.0) > time.monotonic()

    def add(self, account: Account, password: str) -> None:
        now = time.monotonic()
        if len(self._until) >= _REMEMBERED_AT_MOST:
            self._until = {key: until for key, until in self._until.items() if until > now}
        if len(self._until) < _REMEMBERED_AT_MOST:
            self._until[self._digest(account, password)] = now + _REMEMBERED_FOR


_verified = _Verified()


def _is_right(stored: str, password: str) -> bool:
    try:
        return check_password_hash(stored, password)
    except ValueError:
        # A hash that somebody wrote by hand, in a form that nobody reads.
        log.warning("password_hash_unreadable")
        return False
