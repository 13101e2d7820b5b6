"""Clients of the API."""

from stargazer.models.values import Model, Time


class Account(Model):
    """A client's name, password hash and permissions.

    :ivar permissions: component (``api``, ``admin``, ``mq``, ``coordinator``) to ``ro`` or ``rw``.
    """

    username: str
    hash: str
    permissions: dict[str, str]


class Login(Model):
    """Lets a client call without its password until ``valid_until``.

    :ivar token_hash: SHA-256 of the token, which itself is stored nowhere.
    :ivar password_mark: SHA-256 of the account's hash: another password ends it.
    """

    token_hash: str
    username: str
    password_mark: str
    valid_until: Time
