"""The collection ``tasks``: the accounts to watch, and how watching them goes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from pymongo import UpdateOne
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


class LastLook(NamedTuple):
    """When a Task was looked at.

    :ivar ago: seconds; None: never with success.
    :ivar pause: for how many seconds it is to be left alone, because it failed.
    """

    ago: float | None
    pause: float


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

    def list_by_entities(self, entities: AbstractSet[UUID]) -> dict[UUID, list[Task]]:
        """Read the Tasks of many Entities, in two queries however many there are."""
        wanted = {"entity": {"$in": [str(entity) for entity in entities]}}
        found = {task.id: task for task in map(self._read, self.collection.find(wanted))}
        for task in self.list_adopted() if entities else ():
            if task.entity in entities:
                found.setdefault(task.id, task)
        by_entity: dict[UUID, list[Task]] = {}
        for task in found.values():
            by_entity.setdefault(task.entity, []).append(task)
        return by_entity

    def list_by_account(self, kind: str, params: dict[str, str]) -> list[Task]:
        """Read the Tasks that watch one account; more than one when Entities share it."""
        wanted = {"kind": kind, **{f"params.{name}": value for name, value in params.items()}}
        return [self._read(each) for each in self.collection.find(wanted)]

    def list_params(self, kind: str) -> Iterator[dict[str, str]]:
        """Give what names the accounts of a kind, those of paused Tasks too."""
        # nx-27017 0.8.1 leaves out a field that is named by its path.
        found = self.collection.find({"kind": kind}, {"params": 1}, batch_size=5000)
        return (each.get("params") or {} for each in found)

    def list_last_looks(self, now: datetime) -> dict[str, dict[UUID, LastLook]]:
        """Give the ids of all Tasks that an operator has not paused, kind by kind."""
        looks: dict[str, dict[UUID, LastLook]] = {}
        # nx-27017 0.8.1 leaves out a field that is named by its path.
        wanted = {"_id": 1, "id": 1, "kind": 1, "paused": 1, "watch": 1}
        for each in self.collection.find({}, wanted, batch_size=5000):
            if each.get("paused"):
                continue
            key = as_uuid(each.get("id")) or UUID(each["_id"])
            watch = each.get("watch") or {}
            looked_at, until = watch.get("looked_at"), watch.get("paused_until")
            looks.setdefault(each["kind"], {})[key] = LastLook(
                ago=(now - as_time(looked_at)).total_seconds() if looked_at else None,
                pause=(as_time(until) - now).total_seconds() if until else 0.0,
            )
        return looks

    def count_failing(self, kind: str) -> tuple[int, int]:
        """Tell how many Tasks of a kind failed at their last look, and how many there are."""
        count = self.count_by_kind({"kind": kind})[kind]
        return count["failing"], count["watched"]

    def count_by_kind(self, wanted: Document | None = None) -> defaultdict[str, Counter[str]]:
        """Count Tasks, kind by kind: ``watched`` or ``paused``, and ``failing`` and ``gone``.

        :param wanted: which ones; None: all.
        """
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        fields = {"kind": 1, "paused": 1, "watch": 1}
        for each in self.collection.find(wanted or {}, fields, batch_size=5000):
            count, watch = counts[each["kind"]], each.get("watch") or {}
            if each.get("paused"):
                count["paused"] += 1
                continue
            count["watched"] += 1
            count["failing"] += bool(watch.get("failures"))
            count["gone"] += bool(watch.get("gone"))
        return counts

    def save_watch(self, task: Task, watch: Watch) -> None:
        """Write how watching goes, and nothing else: the Task may have been edited meanwhile."""
        self._update(task.id, {"$set": {"watch": to_value(watch)}})

    def save_watches(self, watches: Mapping[UUID, Watch]) -> None:
        """Write how watching many Tasks goes, in one request."""
        writes = [
            UpdateOne({"_id": str(task)}, {"$set": {"watch": to_value(watch)}})
            for task, watch in watches.items()
        ]
        if writes and self.collection.bulk_write(writes, ordered=False).matched_count < len(writes):
            # The predecessor's are found under another id.
            for task in self.list_adopted():
                if task.id in watches:
                    self.save_watch(task, watches[task.id])

    def _read(self, document: Document) -> Task:
        return from_document(Task, document)
