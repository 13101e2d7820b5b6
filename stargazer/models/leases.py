"""Subscriptions at WebSub hubs."""

from enum import StrEnum

from stargazer.models.values import Model, Time


class LeaseState(StrEnum):
    """How a WebSub subscription stands with its hub."""

    PENDING = "pending"
    VERIFIED = "verified"
    DENIED = "denied"
    FAILED = "failed"
    LAPSED = "lapsed"
    REMOVED = "removed"


class Lease(Model):
    """A WebSub subscription: one topic at one hub.

    :ivar token: the unguessable end of the callback URL, and the key.
    :ivar hub: its address as it was named; ``home`` where it said that it is now, or None.
    :ivar named_by: the address that names the hub, and may name another one tomorrow; it may hold a
        secret. None: an operator or a platform names it.
    :ivar secret: what the hub signs with.
    :ivar callback: the whole URL that the hub was given.
    :ivar asked_at: when the hub was last asked; later than ``verified_at`` while we wait for it.
    :ivar renew_at: when it is asked for (again).
    :ivar failures: how often in a row the hub refused or did not answer.
    """

    token: str
    kind: str
    account: str
    hub: str
    home: str | None = None
    named_by: str | None = None
    topic: str
    callback: str
    secret: str
    state: LeaseState = LeaseState.PENDING
    asked_at: Time | None = None
    verified_at: Time | None = None
    expires_at: Time | None = None
    renew_at: Time
    failures: int = 0
    last_error: str | None = None
