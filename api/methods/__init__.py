"""The methods of the API: one file per noun, each method registering itself."""

from api.methods import (
    accounts,
    entities,
    groups,
    health,
    interest,
    kinds,
    sessions,
    settings,
    subscriptions,
    tasks,
    user_index,
    users,
    workers,
)

__all__ = [
    "accounts",
    "entities",
    "groups",
    "health",
    "interest",
    "kinds",
    "sessions",
    "settings",
    "subscriptions",
    "tasks",
    "user_index",
    "users",
    "workers",
]
