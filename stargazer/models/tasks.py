"""Which accounts are watched, and how that goes."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from pydantic import Field

from stargazer.models.values import Model, Time


class Watch(Model):
    """How watching a Task goes: what its source learnt and needs next time.

    :ivar looked_at: when its platform was last read with success; None before the first look.
    :ivar failures: how often in a row reading failed.
    :ivar paused_until: it is not looked at before, for it failed too often.
    :ivar gone: the platform says that there is no such account, which has raised an alarm.
    :ivar confirmed_at: when the platform last said that the account is there, though it failed.
    :ivar fallback_at: when it was last read in the other way that it has while the first fails.
    :ivar etag: for the next conditional request, as is ``last_modified``.
    """

    looked_at: Time | None = None
    failures: int = 0
    failed_at: Time | None = None
    last_error: str | None = None
    paused_until: Time | None = None
    gone: bool = False
    confirmed_at: Time | None = None
    fallback_at: Time | None = None
    etag: str | None = None
    last_modified: str | None = None


class Task(Model):
    """One account to watch.

    :ivar created_at: what happened there before this is history: recorded, not told.
    :ivar paused: nobody looks at it until an operator says so.
    """

    id: UUID = Field(default_factory=uuid4)
    entity: UUID
    kind: str
    params: dict[str, str]
    created_at: Time = Field(default_factory=lambda: datetime.now(UTC))
    paused: bool = False
    watch: Watch = Watch()
