"""Tokens: what a client gets for its password, and a bot for one of its Users.

Only their hashes are stored. What sort of token it is shows in its first letters, so that one
look into the database tells whose it is.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from stargazer.accounts.memory import Memory
from stargazer.models import Account, Login, Session
from stargazer.store import Store
from stargazer.store.tokens import hash_token

_LOGIN = "account-"
_logins = Memory[str, Login]()


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


def find_session(store: Store, token: str, now: datetime) -> Session | None:
    """Find the Session of a token; None when there is none, or its time is over."""
    return None if token.startswith(_LOGIN) else store.sessions.find(token, now)


def new_login(
    store: Store, account: Account, now: datetime, lifetime: timedelta
) -> tuple[str, Login]:
    """Let a client call for a while without its password.

    :returns: the token, which is stored nowhere, and the Login.
    """
    token = _LOGIN + secrets.token_urlsafe(32)
    login = Login(
        token_hash=hash_token(token),
        username=account.username,
        password_mark=_mark(account),
        valid_until=now + lifetime,
    )
    store.logins.delete_expired(now)
    store.logins.save(login)
    return token, login


def find_login(store: Store, token: str, now: datetime) -> Account | None:
    """Find whose token this is; None when its time is over, or the password has changed since.

    The account is read each time, so a change of it counts at once; the Login, which nothing
    changes until its time is over, is remembered for a minute.
    """
    if not token.startswith(_LOGIN):
        return None
    key = hash_token(token)
    login = _logins.find(key)
    if login is None:
        login = store.logins.find(token, now)
        if login is None:
            return None
        _logins.add(key, login)
    account = store.accounts.find(login.username) if login.valid_until > now else None
    return account if account and login.password_mark == _mark(account) else None


def _mark(account: Account) -> str:
    return hashlib.sha256(account.hash.encode()).hexdigest()
