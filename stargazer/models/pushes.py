"""What a platform pushed to us."""

from uuid import UUID, uuid4

from pydantic import Field

from stargazer.models.values import Model, Time


class Push(Model):
    """A push whose signature was right, until it is worked on.

    :ivar kind: of the Tasks that it is for.
    :ivar account: what names the account there.
    :ivar body: as it was sent, decompressed.
    :ivar published_at: when it was last given to the broker.
    """

    id: UUID = Field(default_factory=uuid4)
    kind: str
    account: str
    body: bytes
    received_at: Time
    published_at: Time
