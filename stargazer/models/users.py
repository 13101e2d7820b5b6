"""Who is told, and of what."""

from datetime import UTC, datetime, time
from uuid import UUID, uuid4

from pydantic import Field

from stargazer.models.values import Ids, Language, Languages, Model, Names, Time

WAKING_KINDS = frozenset({"youtube/live_start", "bililive/live_start", "twitch/live_start"})


class Rule(Model):
    """What keeps out some of the Events that are wanted by their kind and Entity.

    :ivar kinds: of which kinds of Events it decides; empty: of all.
    :ivar entities: of which Entities it decides; empty: of all.
    :ivar any_of: one of these words has to be somewhere in the texts, whatever its case and width;
        between slashes, as in ``/sing(ing)?/``, it is a pattern of RE2; empty: none has to.
    :ivar none_of: none of these words may be in the texts.
    :ivar languages: the texts have to be in one of these, as far as one can tell; empty: in any.
    :ivar media: whether pictures or videos have to be there (true) or must not be (false).
    :ivar shorts: whether it has to be a short video (true) or must not be one (false).
    """

    kinds: Names = frozenset()
    entities: Ids = frozenset()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    languages: Languages = frozenset()
    media: bool | None = None
    shorts: bool | None = None


class EventFilter(Model):
    """What a User wants to hear: Events of these kinds of these Entities.

    :ivar entities: ids of Entities.
    :ivar groups: ids of Groups: whoever belongs to one is wanted, as long as it does.
    :ivar without_entities: ids of Entities that are not wanted though their Group is.
    :ivar kinds: kinds of Events.
    :ivar kinds_by_entity: for some of the Entities, their own kinds in place of ``kinds``.
    :ivar rules: what keeps out some of these Events; each of them has to let one pass.
    """

    entities: Ids = frozenset()
    groups: Ids = frozenset()
    without_entities: Ids = frozenset()
    kinds: Names = frozenset()
    kinds_by_entity: dict[UUID, Names] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    def wants(self, entity: UUID, group: UUID | None) -> bool:
        """Tell whether an Entity is wanted, by itself or with its Group."""
        if entity in self.entities:
            return True
        return group in self.groups and entity not in self.without_entities

    def get_kinds(self, entity: UUID, group: UUID | None) -> frozenset[str]:
        """Give the kinds that are wanted of an Entity; empty for one that is not wanted."""
        if not self.wants(entity, group):
            return frozenset()
        return self.kinds_by_entity.get(entity, self.kinds)

    def without(self, entity: UUID) -> "EventFilter":
        """Give what is left when there is an Entity no more."""
        own = {each: kinds for each, kinds in self.kinds_by_entity.items() if each != entity}
        # A rule that was for this one alone is for nobody then, and not for everybody.
        rules = tuple(
            rule.model_copy(update={"entities": rule.entities - {entity}})
            for rule in self.rules
            if rule.entities != {entity}
        )
        changes = {
            "entities": self.entities - {entity},
            "without_entities": self.without_entities - {entity},
            "kinds_by_entity": own,
            "rules": rules,
        }
        return self.model_copy(update=changes)


class QuietHours(Model):
    """The hours of each day in which a User is not to be disturbed, in its time zone.

    :ivar start: from then on.
    :ivar end: until then; of the next day, where it is before ``start``.
    """

    start: time
    end: time


class UserSettings(Model):
    """How a User wants to hear it.

    :ivar language: the language of the messages: ``en``, ``ja``, ``zh``, or what is nearest.
    :ivar timezone: the time zone of the times in them, such as ``Asia/Tokyo``.
    :ivar translate: whether texts in other languages are wanted in this one, too.
    :ivar mention: who is called when a stream starts: empty for nobody, ``all`` for everybody in a
        group on QQ, a role's id on Discord.
    :ivar quiet_hours: what comes in them is told in one message when they are over.
    :ivar waking_kinds: kinds of Events that are told in them all the same.
    :ivar muted_until: until then nothing is told; then all of it in one message.
    :ivar silent_kinds: kinds of Events that are to make no sound; None: those that need not.
    :ivar edit_live: whether the message that a stream is live is to become the one that it has
        ended, where the chat app can do that.
    """

    language: Language = "en"
    timezone: str = "UTC"
    translate: bool = False
    mention: str = ""
    quiet_hours: QuietHours | None = None
    waking_kinds: Names = Field(default_factory=lambda: WAKING_KINDS)
    muted_until: Time | None = None
    silent_kinds: Names | None = None
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
