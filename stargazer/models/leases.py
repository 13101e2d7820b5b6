"""Subscriptions at WebSub hubs."""

from enum import StrEnum

from stargazer.models.values import Model, Time


class LeaseState(StrEnum):
    """How a WebSub subscription stands with its hub."""

    PENDING = "pending"
    VERIFIED = "verified"
    DENIED = "denied"
    FAILED = "failed"
    REMOVED = "removed"


class Lease(Model):
    """A WebSub subscription: one topic at one hub.

    :ivar token: the unguessable end of the callback URL, and the key.
    :ivar secret: what the hub signs with.
    :ivar callback: the whole URL that the hub was given.
    :ivar renew_at: when it is asked for (again).
    :ivar failures: how often in a row the hub refused or did not answer.
    """

    token: str
    kind: str
    account: str
    hub: str
    topic: str
    callback: str
    secret: str
    state: LeaseState = LeaseState.PENDING
    asked_at: Time | None = None
    expires_at: Time | None = None
    renew_at: Time
    failures: int = 0
    last_error: str | None = None
