"""Leave for a subscriber to change its own settings."""

from uuid import UUID

from api.auth import ANY_SESSION, ANYONE, needs
from api.methods.settings import Own, get_own_user
from api.methods.users import UNKNOWN_USER, UserRef, UserResult, show_user
from api.rpc import Call, Done, Result, method
from api.times import to_unix
from stargazer.accounts import find_session, new_session
from stargazer.errors import ForbiddenError, NotFoundError, UnauthorizedError
from stargazer.models import Session


class AuthMe(Own):
    """The token, and whose it should be.

    :ivar user_id: the User whose session it should be; left out, whoever's it is.
    """

    user_id: UUID | None = None


class SessionResult(Result):
    """A session.

    :ivar token: to be sent as ``Authorization: Bearer``, or as the parameter ``token``.
    :ivar valid_until: when it ends, in UNIX seconds.
    :ivar url: the link that opens the User's settings with it, for nobody else to see.
    """

    token: str
    valid_until: int
    url: str


class CheckResult(Result):
    """Whether the token is valid; then also whose it is, and until when.

    :ivar valid: whether it is.
    :ivar user_id: the User whose session it is.
    :ivar valid_until: when it ends, in UNIX seconds.
    """

    valid: bool
    user_id: UUID | None = None
    valid_until: int | None = None


class MeResult(Result):
    """The User whose Session it is, and until when.

    :ivar user: the User.
    :ivar valid_until: when the session ends, in UNIX seconds.
    """

    user: UserResult
    valid_until: int


@method("newSession", needs("api:rw", "admin:rw"), "newToken", errors=UNKNOWN_USER)
def create_session(call: Call, params: UserRef) -> SessionResult:
    """Let a user change its own settings for a while."""
    user = params.get(call.store)
    settings = call.state.context.settings
    token, session = new_session(call.store, user.id, call.now, settings.session_lifetime)
    return SessionResult(
        token=token,
        valid_until=to_unix(session.valid_until),
        url=settings.make_session_url(user.im, token),
    )


@method("checkSession", ANYONE, "checkToken")
def check_session(call: Call, params: Own) -> CheckResult:
    """Tell whether a session is valid, to whoever holds its token."""
    session = _find(call, params)
    if session is None:
        return CheckResult(valid=False)
    return CheckResult(valid=True, user_id=session.user, valid_until=to_unix(session.valid_until))


@method("delSession", ANYONE, "delToken", errors={"session_not_found": 404})
def delete_session(call: Call, params: Own) -> Done:
    """End a session, for whoever holds its token."""
    session = _find(call, params)
    if session is None:
        raise NotFoundError("session_not_found", "There is no such session, or it is over")
    call.store.sessions.delete(session)
    return Done()


@method("authMe", ANY_SESSION, "authUser", errors={"foreign_user": 403})
def authenticate(call: Call, params: AuthMe) -> MeResult:
    """Tell whose session this is."""
    user = get_own_user(call)
    if params.user_id not in (None, user.id):
        raise ForbiddenError("foreign_user", "This session is another user's")
    session = call.caller.session
    if session is None:
        raise TypeError("a method for sessions was called without one")
    return MeResult(user=show_user(user), valid_until=to_unix(session.valid_until))


def _find(call: Call, params: Own) -> Session | None:
    if params.token is not None:
        return find_session(call.store, params.token, call.now)
    if call.caller.session is None:
        raise UnauthorizedError("credentials_missing", "This needs the token of a session")
    return call.caller.session
