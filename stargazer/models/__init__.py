"""The nouns of the system: parsed once where data enters, frozen from there on."""

from stargazer.models.accounts import Account, Login
from stargazer.models.broadcasts import Broadcast, BroadcastState
from stargazer.models.deliveries import Delivery, DeliveryState
from stargazer.models.entities import Entity, Group, Meta, Name
from stargazer.models.events import EVENT_NAMESPACE, Event, OutboxState, SourceEvent, StoredEvent
from stargazer.models.leases import Lease, LeaseState
from stargazer.models.pushes import Push
from stargazer.models.tasks import Task, Watch
from stargazer.models.users import EventFilter, Session, User, UserSettings
from stargazer.models.values import Fields, Language, Model, Time

__all__ = [
    "EVENT_NAMESPACE",
    "Account",
    "Broadcast",
    "BroadcastState",
    "Delivery",
    "DeliveryState",
    "Entity",
    "Event",
    "EventFilter",
    "Fields",
    "Group",
    "Language",
    "Lease",
    "LeaseState",
    "Login",
    "Meta",
    "Model",
    "Name",
    "OutboxState",
    "Push",
    "Session",
    "SourceEvent",
    "StoredEvent",
    "Task",
    "Time",
    "User",
    "UserSettings",
    "Watch",
]
