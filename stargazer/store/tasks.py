"""The collection ``tasks``: the accounts to watch, and how watching them goes."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import Task, Watch
from stargazer.store.documents import (
    Document,
    Documents,
    as_time,
    as_uuid,
    from_document,
    to_value,
)


class Tasks(Documents[Task]):
    """Tasks by id, kind and Entity."""

    indexed: ClassVar = ("entity", "params.channel_id")

    def __init__(self, collection: Collection[Document], changed: Callable[[], None]) -> None:
        super().__init__(Task, collection, changed)

    def list_by_entity(self, entity: UUID) -> list[Task]:
        """Read the Tasks of one Entity."""
        found = [self._read(each) for each in self.collection.find({"entity": str(entity)})]
        # The predecessor's hold the Entity's id as a BSON UUID.
        known = {task.id for task in found}
        adopted = (task for task in self.list_adopted() if task.entity == entity)
        return found + [task for task in adopted if task.id not in known]

    def list_by_account(self, kind: str, params: dict[str, str]) -> list[Task]:
        """Read the Tasks that watch one account; more than one when Entities share it."""
        wanted = {"kind": kind, **{f"params.{name}": value for name, value in params.items()}}
        return [self._read(each) for each in self.collection.find(wanted)]

    def list_pauses_by_kind(self, now: datetime) -> dict[str, dict[UUID, float]]:
        """Give the ids of all Tasks that an operator has not paused, kind by kind.

        :returns: with each, for how many seconds it is to be left alone because it failed.
        """
        pauses: dict[str, dict[UUID, float]] = {}
        # nx-27017 0.8.1 leaves out a field that is named by its path.
        wanted = {"_id": 1, "id": 1, "kind": 1, "paused": 1, "watch": 1}
        for each in self.collection.find({}, wanted, batch_size=5000):
            if each.get("paused"):
                continue
            key = as_uuid(each.get("id")) or UUID(each["_id"])
            until = (each.get("watch") or {}).get("paused_until")
            left = (as_time(until) - now).total_seconds() if until else 0.0
            pauses.setdefault(each["kind"], {})[key] = max(left, 0.0)
        return pauses

    def save_watch(self, task: Task, watch: Watch) -> None:
        """Write how watching goes, and nothing else: the Task may have been edited meanwhile."""
        self._update(task.id, {"$set": {"watch": to_value(watch)}})

    def _read(self, document: Document) -> Task:
        return from_document(Task, document)
