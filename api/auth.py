"""Who calls: clients by HTTP Basic, subscribers by the token of their Session."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast
from urllib.parse import urlsplit

import flask
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth
from werkzeug.datastructures import Authorization

from api.body import read_body
from api.state import get_state, patience
from stargazer.accounts import Permission, check_password, find_session, is_allowed
from stargazer.errors import ForbiddenError, UnauthorizedError
from stargazer.models import Account, User


class SessionAuth(HTTPTokenAuth):  # type: ignore[misc]
    """The token of a Session: as a header, or as the predecessor's bots sent it, in the body."""

    def get_auth(self) -> Authorization | None:
        """Find the token; None when there is none."""
        sent: Authorization | None = super().get_auth()
        if sent is not None and sent.token:
            return sent
        token = _read_token_in_body()
        return Authorization("bearer", token=token) if token else None


clients = HTTPBasicAuth(realm="Stargazer")
sessions = SessionAuth("Bearer", realm="Stargazer")


class Access(Enum):
    """Who may call, where it is no matter of a permission."""

    ANYONE = "anyone"
    SESSION = "session"


def guard(access: Access | Permission, view: Callable[[], Any]) -> Any:
    """Run the view if the caller may.

    :raises UnauthorizedError: when there are no credentials.
    :raises ForbiddenError: when they are wrong, or do not carry the permission.
    """
    if access is Access.ANYONE:
        return view()
    if access is Access.SESSION:
        return sessions.login_required(view)()

    def run_allowed() -> Any:
        if not is_allowed(cast("Account", clients.current_user()), access):
            raise ForbiddenError(
                "permission_denied", f"This needs the permission `{access}`, which you do not have"
            )
        return view()

    return clients.login_required(run_allowed)()


def get_session_user() -> User | None:
    """Give the User whose Session this call is made in; None outside of one."""
    return cast("User | None", sessions.current_user())


@clients.verify_password  # type: ignore[untyped-decorator]
def _verify_password(username: str, password: str) -> Account:
    if not username:
        raise UnauthorizedError("credentials_missing", "This needs a username and a password")
    _refuse_foreign_page()
    with patience():
        return check_password(
            get_state().context.store, username, password, flask.request.remote_addr
        )


@sessions.error_handler  # type: ignore[untyped-decorator]
def _ask_for_token(_status: int) -> Any:
    flask.g.challenge = sessions.authenticate_header()
    raise UnauthorizedError("credentials_missing", "This needs the token of a session")


@sessions.verify_token  # type: ignore[untyped-decorator]
def _verify_token(token: str) -> User:
    store = get_state().context.store
    with patience():
        session = find_session(store, token, datetime.now(UTC))
        user = store.users.find(session.user) if session else None
    if user is None:
        raise ForbiddenError("wrong_credentials", "Wrong token, or its time is over")
    return user


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
    site = flask.request.headers.get("Sec-Fetch-Site")
    origin = flask.request.headers.get("Origin")
    if site is not None:
        foreign = site not in ("same-origin", "none")
    else:
        foreign = origin is not None and urlsplit(origin).netloc != flask.request.host
    if foreign:
        raise ForbiddenError("foreign_origin", "A page of another site may not use this password")
