"""Who calls: a client by password or login token, a subscriber by the token of its Session."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

import flask
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth, MultiAuth
from werkzeug.datastructures import Authorization, Headers

from api.body import read_body
from api.state import get_state, patience
from stargazer.accounts import (
    Permission,
    find_login,
    find_session,
    is_allowed,
    parse_permission,
    verify_password,
)
from stargazer.errors import ForbiddenError, UnauthorizedError
from stargazer.models import Account, Session, User

R = TypeVar("R")


class Caller(NamedTuple):
    """Who calls.

    :ivar account: the client; None for a subscriber.
    :ivar by_password: whether the client gave its password, and not the token of a login.
    :ivar session: the Session in which a subscriber calls, with its ``user``.
    """

    account: Account | None = None
    by_password: bool = False
    session: Session | None = None
    user: User | None = None

    def may(self, permission: str) -> bool:
        """Tell whether it is a client with this permission, such as ``api:rw``."""
        return self.account is not None and is_allowed(self.account, parse_permission(permission))


class Access(NamedTuple):
    """Who may call: whoever is one of these.

    :ivar permissions: a client that has one of them.
    :ivar clients: any client, whatever its permissions.
    :ivar sessions: a subscriber in its Session.
    :ivar anyone: without credentials, too; where some come along, they have to be right.
    """

    permissions: tuple[Permission, ...] = ()
    clients: bool = False
    sessions: bool = False
    anyone: bool = False

    def __str__(self) -> str:
        """Write it for people."""
        if self.anyone:
            return "anyone"
        names = ["any account"] if self.clients else [str(each) for each in self.permissions]
        return " or ".join([*names, "a session"] if self.sessions else names)

    def admits(self, caller: Caller) -> bool:
        """Tell whether this caller, whose credentials are right, is one of them."""
        if self.anyone:
            return True
        if caller.account is None:
            return self.sessions and caller.session is not None
        return self.clients or any(is_allowed(caller.account, each) for each in self.permissions)


ANYONE = Access(anyone=True)
ANY_SESSION = Access(sessions=True)
ANY_CALLER = Access(clients=True, sessions=True)


def needs(*permissions: str, or_session: bool = False) -> Access:
    """Admit clients that have one of these permissions, such as ``api:rw``."""
    return Access(tuple(map(parse_permission, permissions)), sessions=or_session)


class _Tokens(HTTPTokenAuth):  # type: ignore[misc]
    """A token, as a header or, as the predecessor's bots sent it, in the body."""

    def is_compatible_auth(self, headers: Headers) -> bool:
        """Tell whether there is a token to look at."""
        if "Authorization" in headers:
            return bool(super().is_compatible_auth(headers))
        return bool(_read_token_in_body())

    def get_auth(self) -> Authorization | None:
        """Find the token; None when there is none."""
        sent: Authorization | None = super().get_auth()
        if sent is not None and sent.token:
            return sent
        token = _read_token_in_body()
        return Authorization("bearer", token=token) if token else None


_REALM = "Stargazer"
_passwords = HTTPBasicAuth(realm=_REALM)
_tokens = _Tokens("Bearer", realm=_REALM)
_both = MultiAuth(_passwords, _tokens)
_BASIC = f'Basic realm="{_REALM}", charset="UTF-8"'
_BEARER = f'Bearer realm="{_REALM}"'


def guard(access: Access, view: Callable[[Caller], R]) -> R:
    """Run the view if the caller may.

    :raises UnauthorizedError: when there are no credentials.
    :raises ForbiddenError: when they are wrong, or do not carry the permission.
    """
    if access.anyone and "Authorization" not in flask.request.headers:
        return view(Caller())
    # A browser asks for a password when it is challenged for one, and a subscriber has none.
    flask.g.challenge = _BEARER if access == ANY_SESSION else _BASIC

    def run_allowed() -> R:
        caller = cast("Caller", _both.current_user())
        if not access.admits(caller):
            raise ForbiddenError("permission_denied", f"This is for: {access}")
        return view(caller)

    return cast("R", _both.login_required(run_allowed)())


def check_credentials(username: str, password: str, address: str | None) -> Account:
    """Find the account that these credentials are of, as :func:`verify_password` does.

    Reading the account has to be done within our patience; hashing takes its time.
    """
    store = get_state().context.store
    with patience():
        account = store.accounts.find(username)
    return verify_password(store, account, username, password, address)


@_passwords.verify_password  # type: ignore[untyped-decorator]
def _verify_password(username: str, password: str) -> Caller:
    if not username:
        raise _missing()
    _refuse_foreign_page()
    account = check_credentials(username, password, flask.request.remote_addr)
    return Caller(account=account, by_password=True)


@_tokens.verify_token  # type: ignore[untyped-decorator]
def _verify_token(token: str) -> Caller:
    if not token:
        raise _missing()
    store, now = get_state().context.store, datetime.now(UTC)
    with patience():
        session = find_session(store, token, now)
        user = store.users.find(session.user) if session else None
        account = find_login(store, token, now)
    if account is None and user is None:
        raise ForbiddenError("wrong_credentials", "Wrong token, or its time is over")
    return Caller(account=account, session=session, user=user)


def _missing() -> UnauthorizedError:
    what = "the token of a session"
    if flask.g.challenge != _BEARER:
        what = "a username and a password, or a token"
    return UnauthorizedError("credentials_missing", f"This needs {what}")


def _read_token_in_body() -> str:
    try:
        body = json.loads(read_body())
    except (ValueError, RecursionError):
        return ""
    token = body.get("token") if isinstance(body, dict) else None
    return token if isinstance(token, str) else ""


def _refuse_foreign_page() -> None:
    # A browser sends the password that it remembers for the status page along with whatever a
    # foreign page makes it send here, and a form needs nobody's leave for that.
    if flask.request.method in ("GET", "HEAD"):
        return
    origin = flask.request.headers.get("Origin")
    if origin in get_state().context.settings.frontend_origins:
        return
    site = flask.request.headers.get("Sec-Fetch-Site")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:
        foreign = origin is not None and urlsplit(origin).netloc != flask.request.host
    if foreign:
        raise ForbiddenError("foreign_origin", "A page of another site may not use this password")
