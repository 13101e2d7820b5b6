"""Who is told, and of what."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from pydantic import Field

from stargazer.models.values import Language, Model, Time


class EventFilter(Model):
    """What a User wants to hear: Events of these kinds of these Entities.

    :ivar entities: ids of Entities.
    :ivar kinds: kinds of Events.
    :ivar kinds_by_entity: for some of the Entities, their own kinds in place of ``kinds``.
    """

    entities: frozenset[UUID] = frozenset()
    kinds: frozenset[str] = frozenset()
    kinds_by_entity: dict[UUID, frozenset[str]] = Field(default_factory=dict)

    def get_kinds(self, entity: UUID) -> frozenset[str]:
        """Give the kinds that are wanted of an Entity; empty for one that is not wanted."""
        if entity not in self.entities:
            return frozenset()
        return self.kinds_by_entity.get(entity, self.kinds)

    def without(self, entity: UUID) -> "EventFilter":
        """Give what is left when an Entity is not wanted any more."""
        own = {each: kinds for each, kinds in self.kinds_by_entity.items() if each != entity}
        return EventFilter(entities=self.entities - {entity}, kinds=self.kinds, kinds_by_entity=own)


class UserSettings(Model):
    """How a User wants to hear it.

    :ivar language: the language of the messages: ``en``, ``ja``, ``zh``, or what is nearest.
    :ivar timezone: the time zone of the times in them, such as ``Asia/Tokyo``.
    :ivar translate: whether texts in other languages are wanted in this one, too.
    :ivar silent_kinds: kinds of Events that are to make no sound; None: those that need not.
    :ivar edit_live: whether the message that a stream is live is to become the one that it has
        ended, where the chat app can do that.
    """

    language: Language = "en"
    timezone: str = "UTC"
    translate: bool = False
    silent_kinds: frozenset[str] | None = None
    edit_live: bool = False


class User(Model):
    """One chat that subscribes.

    :ivar im: the chat app.
    :ivar im_payload: the chat's id there; a name for it where its address is a secret.
    :ivar sealed: that secret, encrypted; see :mod:`stargazer.addresses`.
    :ivar paused: why nothing is sent to it at the moment; None: it is not paused.
    :ivar paused_at: since when.
    """

    id: UUID = Field(default_factory=uuid4)
    im: str
    im_payload: str
    sealed: str | None = None
    name: str = ""
    avatar: str = ""
    event_filter: EventFilter = EventFilter()
    settings: UserSettings = UserSettings()
    paused: str | None = None
    paused_at: Time | None = None
    created_at: Time = Field(default_factory=lambda: datetime.now(UTC))


class Session(Model):
    """Lets one User change its own settings until ``valid_until``.

    :ivar token_hash: SHA-256 of the token, which itself is stored nowhere.
    """

    token_hash: str
    user: UUID
    valid_until: Time
