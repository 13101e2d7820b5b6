"""One Event to one User."""

from enum import StrEnum
from uuid import UUID

from stargazer.models.values import Model, Time


class DeliveryState(StrEnum):
    """What became of a Delivery."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


class Delivery(Model):
    """One Event to one User.

    :ivar due_at: when the sweeper looks after it, if it is still pending then.
    :ivar claim: the worker that has it in its hand; None: nobody.
    :ivar message_id: the chat app's, once sent.
    :ivar reason: why it is not sent, or not yet.
    """

    event: UUID
    user: UUID
    im: str
    state: DeliveryState = DeliveryState.PENDING
    created_at: Time
    due_at: Time
    claim: str | None = None
    attempts: int = 0
    message_id: str | None = None
    reason: str | None = None
    finished_at: Time | None = None
