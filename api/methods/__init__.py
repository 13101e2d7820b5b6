"""The methods of the API: one file per noun, each method registering itself."""

from api.methods import entities, health, interest, sessions, tasks, users

__all__ = ["entities", "health", "interest", "sessions", "tasks", "users"]
