"""Clients of the API."""

from stargazer.models.values import Model


class Account(Model):
    """A client's name, password hash and permissions.

    :ivar permissions: component (``api``, ``admin``, ``mq``, ``coordinator``) to ``ro`` or ``rw``.
    """

    username: str
    hash: str
    permissions: dict[str, str]
