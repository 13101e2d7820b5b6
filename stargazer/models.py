"""The nouns of the system: parsed once where data enters, frozen from there on."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID, uuid4, uuid5

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

EVENT_NAMESPACE = UUID("6d0f52a5-3a0b-5c1c-8f3c-1f6a1f0f8b5e")

Fields = dict[str, Any]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Za-z]{2,4})?$")]


def _to_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Time = Annotated[datetime, AfterValidator(_to_utc)]


class Model(BaseModel):
    """A frozen value; unknown keys are ignored, as other versions of us may have written them."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Name(Model):
    """A name in several languages.

    :ivar name: language (ISO 639-1, such as ``ja`` or ``zh-Hans``) to name.
    :ivar default_language: a key of ``name``.
    """

    name: dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(
        min_length=1
    )
    default_language: Language

    @model_validator(mode="after")
    def _default_is_there(self) -> Self:
        if self.default_language not in self.name:
            raise ValueError(f"no name in the default language {self.default_language!r}")
        return self

    def get_in(self, language: str) -> str:
        """Give the name in ``language``, else in its base language, else in the default one."""
        base = language.partition("-")[0]
        return self.name.get(language) or self.name.get(base) or self.name[self.default_language]


class Meta(Model):
    """What is told of an Entity."""

    name: Name
    group: UUID | None = None


class Entity(Model):
    """A VTuber, or any creator."""

    id: UUID = Field(default_factory=uuid4)
    meta: Meta
    tasks: tuple[UUID, ...] = ()


class Group(Model):
    """An agency."""

    id: UUID = Field(default_factory=uuid4)
    name: Name


class Watch(Model):
    """How watching a Task goes: what its source learnt and needs next time.

    :ivar looked_at: when its platform was last read with success; None before the first look.
    :ivar failures: how often in a row reading failed.
    :ivar etag: for the next conditional request, as is ``last_modified``.
    """

    looked_at: Time | None = None
    failures: int = 0
    failed_at: Time | None = None
    last_error: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class Task(Model):
    """One account to watch.

    :ivar created_at: what happened there before this is history: recorded, not told.
    """

    id: UUID = Field(default_factory=uuid4)
    entity: UUID
    kind: str
    params: dict[str, str]
    created_at: Time = Field(default_factory=lambda: datetime.now(UTC))
    watch: Watch = Watch()


class Event(Model):
    """Something happened to an Entity."""

    id: UUID = Field(default_factory=uuid4)
    kind: str
    entity: UUID
    fields: Fields

    @classmethod
    def from_source(
        cls, task: Task, source_id: str, kind: str, happened_at: datetime, fields: Fields
    ) -> "SourceEvent":
        """Make the Event whose id follows from its natural key.

        :param source_id: what the platform calls the thing, and its revision where it has one.
        :returns: the same id each time the same thing is seen again.
        """
        natural_key = f"{task.id} {source_id} {kind}"
        return SourceEvent(
            id=uuid5(EVENT_NAMESPACE, natural_key),
            kind=kind,
            entity=task.entity,
            fields=fields,
            task=task.id,
            source_id=source_id,
            happened_at=happened_at,
        )


class SourceEvent(Event):
    """An Event as a source makes it, with what its natural key is made of."""

    task: UUID
    source_id: str
    happened_at: Time


class OutboxState(StrEnum):
    """How far an Event got: ``open`` until all its Deliveries are in the ledger."""

    OPEN = "open"
    DONE = "done"
    STALE = "stale"


class StoredEvent(Event):
    """An Event in the outbox.

    :ivar tags: what must still treat it; the last one first.
    :ivar published_at: when it was last given to the broker; None: never.
    :ivar deliveries: to how many Users it went, once it is ``done``.
    """

    task: UUID | None = None
    source_id: str | None = None
    happened_at: Time
    created_at: Time
    tags: tuple[str, ...] = ()
    state: OutboxState = OutboxState.OPEN
    published_at: Time | None = None
    publications: int = 0
    deliveries: int = 0


class BroadcastState(StrEnum):
    """The life of a broadcast; a plain video has none, and a feed cannot tell."""

    UNKNOWN = "unknown"
    VIDEO = "video"
    UPCOMING = "upcoming"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Broadcast(Model):
    """One live stream, premiere or video of a Task's account, as we know it.

    :ivar source_id: what the platform calls it, such as ``v3JMDEjXtLE``.
    :ivar rescheduled: how often its start was moved.
    :ivar version: counts the writes; a write on top of a version that is gone fails.
    """

    task: UUID
    source_id: str
    state: BroadcastState
    title: str = ""
    scheduled_at: Time | None = None
    started_at: Time | None = None
    ended_at: Time | None = None
    rescheduled: int = 0
    version: int = 0


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


class Session(Model):
    """Lets one User change its own settings until ``valid_until``.

    :ivar token_hash: SHA-256 of the token, which itself is stored nowhere.
    """

    token_hash: str
    user: UUID
    valid_until: Time


class Account(Model):
    """A client's name, password hash and permissions.

    :ivar permissions: component (``api``, ``admin``, ``mq``, ``coordinator``) to ``ro`` or ``rw``.
    """

    username: str
    hash: str
    permissions: dict[str, str]


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
