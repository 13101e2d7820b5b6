"""Passwords: hashed at a cost, and remembered for a minute so that each call need not pay it."""

import hashlib
import hmac
import logging
import math
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from threading import Lock

from werkzeug.security import check_password_hash, generate_password_hash

from stargazer.accounts.memory import Memory
from stargazer.accounts.permissions import parse_permissions
from stargazer.errors import ForbiddenError, TooManyCallsError
from stargazer.models import Account
from stargazer.store import Store

log = logging.getLogger(__name__)

#: About a quarter of a second, and above what OWASP recommends for PBKDF2 with SHA-256 (600,000).
ITERATIONS = 1_000_000
_METHOD = f"pbkdf2:sha256:{ITERATIONS}"
# An unknown user costs what a known one does, so that the time does not tell which names exist.
_NOBODY = f"{_METHOD}$0000000000000000${'0' * 64}"
_SHORTEST, _LONGEST = 8, 1000
_USERNAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: So many wrong passwords may come from one address, or for one account, within the window.
_MOST_WRONG = 10
_WINDOW = timedelta(minutes=1)


def new_account(username: str, password: str, permissions: Iterable[str]) -> Account:
    """Make an account, which is not stored yet; takes about a quarter of a second.

    :param permissions: such as ``api:rw``.
    :raises ValueError: saying what is wrong.
    """
    granted = parse_permissions(permissions)
    return Account(
        username=check_username(username),
        hash=hash_password(check_strength(password)),
        permissions=granted,
    )


def check_username(username: str) -> str:
    """Give the name back if it may be an account's, here as in RabbitMQ and Redis.

    :raises ValueError: saying what is wrong with it.
    """
    if not _USERNAME.fullmatch(username):
        raise ValueError("a username has 1 to 64 letters, digits, dots, dashes and underscores")
    return username


def check_strength(password: str) -> str:
    """Give the password back if it may be an account's.

    :raises ValueError: saying what is wrong with it.
    """
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise ValueError(f"a password has {_SHORTEST} to {_LONGEST} characters")
    return password


def hash_password(password: str) -> str:
    """Hash a password for :class:`Account`; takes about a quarter of a second."""
    return generate_password_hash(password, _METHOD)


def check_password(
    store: Store, username: str, password: str, address: str | None = None
) -> Account:
    """Find the account that these credentials are of.

    The account is read each time, so a change of it counts at once; only the costly comparison
    is remembered for a minute.

    :param address: where they come from; None where that says nothing of who sent them.
    :raises ForbiddenError: whether it is the name or the password that is wrong is not told.
    :raises TooManyCallsError: when too many were wrong within the last minute.
    """
    return verify_password(store, store.accounts.find(username), username, password, address)


def verify_password(
    store: Store, account: Account | None, username: str, password: str, address: str | None
) -> Account:
    """Do what :func:`check_password` does with an account that was just read.

    :param account: None when there is none of this name.
    """
    if account is not None and _verified.holds(account, password):
        return account
    # Those who come at the same time with the same name wait for the first, and need not pay.
    with _verified.locks[hash(username) % len(_verified.locks)]:
        if account is not None and _verified.holds(account, password):
            return account
        return _check(store, account, username, password, address)


def _check(
    store: Store, account: Account | None, username: str, password: str, address: str | None
) -> Account:
    guessed = _get_keys(username, address)
    _refuse_many(store, guessed)
    is_right = _is_right(account.hash if account else _NOBODY, password)
    if account is None or not is_right:
        for key in guessed:
            store.guesses.add(key, datetime.now(UTC), _WINDOW)
        raise ForbiddenError("wrong_credentials", "Wrong username or password")
    if _read_cost(account.hash) < ITERATIONS:
        stronger = account.model_copy(update={"hash": hash_password(password)})
        # If somebody changes the account meanwhile, that is what counts.
        if store.accounts.replace(account, stronger):
            log.info("password_hash_upgraded", extra={"account": username})
            account = stronger
    _verified.add(account, password)
    return account


def _get_keys(username: str, address: str | None) -> list[str]:
    # Anybody may send any name, however long.
    account = f"account {hashlib.sha256(username.encode()).hexdigest()}"
    return [account, f"address {address}"] if address else [account]


def _refuse_many(store: Store, keys: Iterable[str]) -> None:
    now = datetime.now(UTC)
    waits = [
        began + _WINDOW - now
        for count, began in (store.guesses.count(key, now - _WINDOW) for key in keys)
        if count >= _MOST_WRONG
    ]
    if waits:
        raise TooManyCallsError(
            "too_many_failures",
            "Too many wrong passwords; wait a minute",
            retry_after=math.ceil(max(waits).total_seconds()),
        )


class _Verified:
    """Passwords that were right within the last minute, by a digest that only we can make."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right = Memory[bytes, bool]()
        self.locks = [Lock() for _ in range(64)]

    def _digest(self, account: Account, password: str) -> bytes:
        # Each part is hashed by itself, so that no two accounts can run into one another.
        parts = (account.username, password, account.hash)
        message = b"".join(hashlib.sha256(part.encode()).digest() for part in parts)
        return hmac.digest(self._key, message, "sha256")

    def holds(self, account: Account, password: str) -> bool:
        return self._right.find(self._digest(account, password)) is not None

    def add(self, account: Account, password: str) -> None:
        self._right.add(self._digest(account, password), value=True)


_verified = _Verified()


def _is_right(stored: str, password: str) -> bool:
    try:
        is_right = check_password_hash(stored, password)
    except ValueError:
        # A hash that somebody wrote by hand, in a form that nobody reads.
        log.warning("password_hash_unreadable")
        is_right = False
    missing = ITERATIONS - _read_cost(stored)
    if missing > 0:
        # A hash of the past must not answer faster than an unknown name.
        hashlib.pbkdf2_hmac("sha256", password.encode(), b"", missing)
    return is_right


def _read_cost(stored: str) -> int:
    """Give the iterations of a hash; 0 for one that is made in another way."""
    method, _, rest = stored.partition("$")
    name, _, iterations = method.rpartition(":")
    return int(iterations) if name == "pbkdf2:sha256" and iterations.isdecimal() and rest else 0
