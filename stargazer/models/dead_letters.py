"""What could not go on."""

from uuid import UUID, uuid4

from pydantic import Field

from stargazer.models.values import Model, Time


class DeadLetter(Model):
    """An Event that a middleware could not let pass, or something sent to us that is none.

    :ivar event: of an Event; it is in the outbox, with its tags.
    :ivar body: of what is no Event: as it came.
    :ivar by: the tag of the middleware, or the queue.
    """

    id: UUID = Field(default_factory=uuid4)
    event: UUID | None = None
    body: str | None = None
    by: str
    reason: str
    created_at: Time
