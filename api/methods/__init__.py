"""The methods of the API: one file per noun, each method registering itself."""

from api.methods import (
    accounts,
    dead_letters,
    deliveries,
    entities,
    groups,
    health,
    interest,
    kinds,
    sessions,
    settings,
    sources,
    subscriptions,
    tasks,
    user_index,
    users,
    workers,
)

__all__ = [
    "accounts",
    "dead_letters",
    "deliveries",
    "entities",
    "groups",
    "health",
    "interest",
    "kinds",
    "sessions",
    "settings",
    "sources",
    "subscriptions",
    "tasks",
    "user_index",
    "users",
    "workers",
]
