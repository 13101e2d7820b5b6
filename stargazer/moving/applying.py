"""Doing what was planned, by the code behind the RPC methods.

Each thing is written once, and who is named before who names it; what was seen of an account is
there before the account is watched. Who dies in between has done part of it, and may begin again.
"""

from collections.abc import Sequence
from datetime import datetime

from stargazer import choosing, registration, watching
from stargazer.context import Context
from stargazer.models import User
from stargazer.moving.contents import MovedTask
from stargazer.moving.plans import Plan
from stargazer.store.delayed import Timer


class Applier:
    """Writes plans."""

    def __init__(self, context: Context, now: datetime) -> None:
        self._context = context
        self._store = context.store
        self._now = now

    def apply(self, made: Plan) -> None:
        """Do all that a plan says."""
        store = self._store
        store.groups.insert_all(made.groups)
        for group in made.renamed_groups:
            store.groups.save(group)
        store.entities.insert_all(made.entities)
        for entity in made.renamed_entities:
            store.entities.save_meta(entity)
        self._add_tasks(made)
        for task in made.toggled_tasks:
            watching.pause_account(self._context, task, self._now, paused=not task.paused)
        registration.add_users(store, made.users)
        for user in made.changed_users:
            self._change_user(made.users_before[user.id], user)
        for waiting in made.waiting:
            store.events.add([waiting.event])
            store.delayed.put(Timer(waiting.key, waiting.event.id, waiting.due_at), None)

    def _add_tasks(self, made: Plan) -> None:
        self._add_memories(made.tasks)
        tasks = [moved.task for moved in made.tasks]
        for task in tasks:
            if task.entity in made.owners:
                self._store.entities.add_task(made.owners[task.entity], task.id)
        watching.watch_all(self._context, tasks)

    def _add_memories(self, tasks: Sequence[MovedTask]) -> None:
        memories = {each.task.id: each.memory for each in tasks if each.memory is not None}
        self._store.memories.add_raw(memories)
        self._store.broadcasts.add([each for moved in tasks for each in moved.broadcasts])

    def _change_user(self, before: User, after: User) -> None:
        own = [
            name
            for name in ("name", "avatar", "paused", "paused_at")
            if getattr(after, name) != getattr(before, name)
        ]
        if own:
            self._store.users.save_fields(after, own)
        if (before.event_filter, before.settings) != (after.event_filter, after.settings):
            known = after.model_copy(update={"settings": before.settings})
            choosing.save_choices(self._store, known, after.event_filter, after.settings, self._now)
