"""Leave for a subscriber to change its own settings."""

import calendar
from typing import Self
from uuid import UUID

from pydantic import model_validator

from api.methods.users import Address, Im
from api.rpc import Call, Params, Result, method
from stargazer.accounts import Permission, new_session
from stargazer.errors import NotFoundError
from stargazer.models import User
from stargazer.store import Store


class NewSession(Params):
    """Whose: either the User's id, or its address."""

    user_id: UUID | None = None
    im: Im | None = None
    im_payload: Address | None = None

    @model_validator(mode="after")
    def _names_one_user(self) -> Self:
        by_address = (self.im is not None) + (self.im_payload is not None)
        if by_address != (2 if self.user_id is None else 0):
            raise ValueError("expected either `user_id`, or both `im` and `im_payload`")
        return self


class SessionResult(Result):
    """The token, and until when it is valid, in UNIX seconds."""

    token: str
    valid_until: int


@method("newSession", Permission("api", "rw"))
def create_session(call: Call, params: NewSession) -> SessionResult:
    """Let a user change its own settings for a while."""
    context = call.state.context
    user = _find_user(context.store, params)
    token, session = new_session(
        context.store, user.id, call.now, context.settings.session_lifetime
    )
    return SessionResult(token=token, valid_until=calendar.timegm(session.valid_until.timetuple()))


def _find_user(store: Store, params: NewSession) -> User:
    if params.user_id is not None:
        user, named = store.users.find(params.user_id), f"ID `{params.user_id}`"
    else:
        user = store.users.find_by_address(str(params.im), str(params.im_payload))
        named = f"`{params.im}` address `{params.im_payload}`"
    if user is None:
        raise NotFoundError("user_not_found", f"Cannot find user with {named}")
    return user
