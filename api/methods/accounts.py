"""The clients of the API, and their logins."""

from datetime import timedelta
from typing import Annotated, Literal

import flask
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from api.auth import ANYONE, check_credentials, needs
from api.paging import Page, Paged, take_page
from api.rpc import Call, Done, Params, Result, method
from api.times import to_unix
from stargazer.accounts import (
    check_strength,
    check_username,
    hash_password,
    new_account,
    new_login,
)
from stargazer.errors import ConflictError, ForbiddenError, NotFoundError, UnauthorizedError
from stargazer.models import Account

Level = Literal["ro", "rw"]
Username = Annotated[
    str,
    AfterValidator(check_username),
    Field(examples=["bot"], json_schema_extra={"pattern": "^[A-Za-z0-9._-]{1,64}$"}),
]
Password = Annotated[
    str,
    AfterValidator(check_strength),
    Field(examples=["correct horse"], json_schema_extra={"minLength": 8, "maxLength": 1000}),
]
_UNKNOWN = {"account_not_found": 404}


class Permissions(Params):
    """What an account may do: nothing that is left out.

    :ivar api: users, sessions and interest: for bots.
    :ivar admin: entities, tasks, groups, accounts and the status page: for operators.
    :ivar mq: the message broker.
    :ivar coordinator: what workers ask.
    """

    api: Level | None = None
    admin: Level | None = None
    mq: Level | None = None
    coordinator: Level | None = None

    def list_names(self) -> list[str]:
        """Write them as ``api:rw``."""
        return [f"{component}:{level}" for component, level in self._granted().items()]

    def _granted(self) -> dict[str, str]:
        return self.model_dump(exclude_none=True)


class Credentials(Params):
    """A name and its password; left out where they come by HTTP Basic.

    :ivar username: the account.
    :ivar password: its password.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "bot", "password": "correct horse"}]}
    )

    username: Annotated[str, StringConstraints(max_length=200)] | None = None
    password: Annotated[str, StringConstraints(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Credentials":
        if (self.username is None) != (self.password is None):
            raise ValueError("expected both `username` and `password`, or neither")
        return self


class LoginResult(Result):
    """A login.

    :ivar token: to be sent as ``Authorization: Bearer``.
    :ivar valid_until: when it ends, in UNIX seconds.
    :ivar permissions: component (``api``, ``admin``, ``mq``, ``coordinator``) to ``ro`` or ``rw``.
    """

    token: str
    valid_until: int
    permissions: dict[str, str]


class AddAccount(Params):
    """A client.

    :ivar username: what it is called.
    :ivar password: what it proves that with.
    :ivar permissions: what it may do.
    """

    username: Username
    password: Password
    permissions: Permissions


class UpdateAccount(Params):
    """What is to change; what is left out stays.

    :ivar username: which account.
    :ivar password: its new password.
    :ivar permissions: what it may do from now on, all of it.
    """

    username: Annotated[str, Field(examples=["bot"])]
    password: Password | None = None
    permissions: Permissions | None = None


class AccountRef(Params):
    """Which account.

    :ivar username: its name.
    """

    username: Annotated[str, Field(examples=["bot"])]


class AccountResult(Result):
    """A client, without anything of its password.

    :ivar username: its name.
    :ivar permissions: component (``api``, ``admin``, ``mq``, ``coordinator``) to ``ro`` or ``rw``.
    """

    username: str
    permissions: dict[str, str]


class AccountsResult(Paged):
    """Accounts, by name.

    :ivar accounts: those of this page.
    """

    accounts: tuple[AccountResult, ...]


@method(
    "login",
    ANYONE,
    errors={"wrong_credentials": 403, "permission_denied": 403, "too_many_failures": 429},
    hashes=True,
)
def log_in(call: Call, params: Credentials) -> LoginResult:
    """Get a token in exchange for a password, to call without it for some hours."""
    account = call.caller.account if call.caller.by_password else None
    if params.username is not None and params.password is not None:
        address = flask.request.remote_addr
        account = check_credentials(params.username, params.password, address)
    if account is None:
        raise UnauthorizedError("credentials_missing", "This needs a username and a password")
    if not account.permissions.keys() & {"api", "admin", "coordinator"}:
        raise ForbiddenError("permission_denied", "This account may not call the API")
    lifetime: timedelta = call.state.context.settings.login_lifetime
    token, login = new_login(call.store, account, call.now, lifetime)
    return LoginResult(
        token=token, valid_until=to_unix(login.valid_until), permissions=account.permissions
    )


@method("getAccounts", needs("admin:ro"))
def get_accounts(call: Call, params: Page) -> AccountsResult:
    """List the accounts and what they may do."""
    accounts, cursor = take_page(
        call.store.accounts.list_all(), lambda account: account.username, params
    )
    return AccountsResult(accounts=tuple(map(_show, accounts)), next_cursor=cursor)


@method("addAccount", needs("admin:rw"), "newAccount", errors={"account_exists": 409}, hashes=True)
def add_account(call: Call, params: AddAccount) -> AccountResult:
    """Let one more client call the API."""
    account = new_account(params.username, params.password, params.permissions.list_names())
    if not call.store.accounts.insert(account):
        raise ConflictError("account_exists", f"There is an account `{params.username}` already")
    return _show(account)


@method(
    "updateAccount", needs("admin:rw"), errors={**_UNKNOWN, "account_changed": 409}, hashes=True
)
def update_account(call: Call, params: UpdateAccount) -> AccountResult:
    """Change what an account may do, or its password, which ends its logins."""
    account = _find(call, params.username)
    changes: dict[str, object] = {}
    if params.permissions is not None:
        changes["permissions"] = params.permissions.model_dump(exclude_none=True)
    if params.password is not None:
        changes["hash"] = hash_password(params.password)
    changed = account.model_copy(update=changes)
    if not call.store.accounts.replace(account, changed):
        raise ConflictError("account_changed", "Somebody else changes this account; try again")
    return _show(changed)


@method("delAccount", needs("admin:rw"), errors=_UNKNOWN)
def delete_account(call: Call, params: AccountRef) -> Done:
    """Remove an account; it is refused from its next call on."""
    _find(call, params.username)
    call.store.accounts.delete(params.username)
    return Done()


def _find(call: Call, username: str) -> Account:
    account = call.store.accounts.find(username)
    if account is None:
        raise NotFoundError("account_not_found", f"Cannot find account `{username}`")
    return account


def _show(account: Account) -> AccountResult:
    return AccountResult(username=account.username, permissions=account.permissions)
