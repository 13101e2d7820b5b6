"""The nouns of the system: parsed once where data enters, frozen from there on."""

from stargazer.models.accounts import Account, Login
from stargazer.models.alarms import Alarm
from stargazer.models.broadcasts import Broadcast, BroadcastState, Marks, Witness
from stargazer.models.dead_letters import DeadLetter
from stargazer.models.deliveries import ASIDE, Attempt, Delivery, DeliveryState, Reason
from stargazer.models.entities import Entity, Group, Meta, Name
from stargazer.models.events import (
    EVENT_NAMESPACE,
    Event,
    OutboxState,
    SourceEvent,
    Step,
    StoredEvent,
    make_event_id,
)
from stargazer.models.leases import Lease, LeaseState
from stargazer.models.platforms import PlatformState
from stargazer.models.pushes import Push
from stargazer.models.tasks import Task, Watch
from stargazer.models.users import (
    WAKING_KINDS,
    EventFilter,
    QuietHours,
    Rule,
    Session,
    User,
    UserSettings,
)
from stargazer.models.values import Fields, Ids, Language, Model, Names, Time

__all__ = [
    "ASIDE",
    "EVENT_NAMESPACE",
    "WAKING_KINDS",
    "Account",
    "Alarm",
    "Attempt",
    "Broadcast",
    "BroadcastState",
    "DeadLetter",
    "Delivery",
    "DeliveryState",
    "Entity",
    "Event",
    "EventFilter",
    "Fields",
    "Group",
    "Ids",
    "Language",
    "Lease",
    "LeaseState",
    "Login",
    "Marks",
    "Meta",
    "Model",
    "Name",
    "Names",
    "OutboxState",
    "PlatformState",
    "Push",
    "QuietHours",
    "Reason",
    "Rule",
    "Session",
    "SourceEvent",
    "Step",
    "StoredEvent",
    "Task",
    "Time",
    "User",
    "UserSettings",
    "Watch",
    "Witness",
    "make_event_id",
]
