"""Who is told, and of what."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from pydantic import Field

from stargazer.models.values import Language, Model, Time


class EventFilter(Model):
    """What a User wants to hear: Events of these kinds of these Entities."""

    entities: frozenset[UUID] = frozenset()
    kinds: frozenset[str] = frozenset()


class UserSettings(Model):
    """How a User wants to hear it."""

    language: Language = "en"
    timezone: str = "UTC"


class User(Model):
    """One chat that subscribes.

    :ivar im: the chat app.
    :ivar im_payload: the chat's id there.
    :ivar paused: why nothing is sent to it at the moment; None: it is not paused.
    """

    id: UUID = Field(default_factory=uuid4)
    im: str
    im_payload: str
    name: str = ""
    avatar: str = ""
    event_filter: EventFilter = EventFilter()
    settings: UserSettings = UserSettings()
    paused: str | None = None
    created_at: Time = Field(default_factory=lambda: datetime.now(UTC))


class Session(Model):
    """Lets one User change its own settings until ``valid_until``.

    :ivar token_hash: SHA-256 of the token, which itself is stored nowhere.
    """

    token_hash: str
    user: UUID
    valid_until: Time
