"""The collection ``memories``: what a source has to remember of each Task, in a form of its own."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, TypeVar
from uuid import UUID

from pymongo import ReplaceOne
from pymongo.collection import Collection

from stargazer.models import Model
from stargazer.store.documents import Document, from_document, insert_new, to_value

M = TypeVar("M", bound=Model)


class Memories:
    """Memories by Task; each write is on top of the version that was read."""

    indexed: ClassVar = ("memory.account",)

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def list_known(self, model: type[M], tasks: Sequence[UUID]) -> dict[UUID, tuple[M, int]]:
        """Read what is remembered of these Tasks, with its version; nothing before a first look."""
        found = self.collection.find({"_id": {"$in": [str(task) for task in tasks]}})
        return {
            UUID(each["_id"]): (from_document(model, each["memory"]), each["version"])
            for each in found
        }

    def list_by_account(self, account: str) -> list[UUID]:
        """Give the Tasks whose memory holds this in its field ``account``, of whatever kind."""
        return [
            UUID(each["_id"])
            for each in self.collection.find({"memory.account": account}, {"_id": 1})
        ]

    def save(self, changes: Mapping[UUID, tuple[Model, int]]) -> set[UUID]:
        """Write what is remembered from now on.

        :param changes: by Task, with the version that it was read in; 0: there was none.
        :returns: the Tasks of which somebody else wrote meanwhile, and nothing was written.
        """
        documents = {
            task: {"_id": str(task), "version": version + 1, "memory": to_value(memory)}
            for task, (memory, version) in changes.items()
        }
        fresh = [task for task, (_, version) in changes.items() if version == 0]
        written = insert_new(self.collection, [documents[task] for task in fresh])
        lost = set(fresh) - {fresh[position] for position in written}
        later = [task for task, (_, version) in changes.items() if version > 0]
        if not later:
            return lost
        writes = [
            ReplaceOne({"_id": str(task), "version": changes[task][1]}, documents[task])
            for task in later
        ]
        if self.collection.bulk_write(writes, ordered=False).matched_count == len(later):
            return lost
        return lost | self._find_lost(later, documents)

    def list_raw(self, tasks: Sequence[UUID]) -> dict[UUID, Document]:
        """Read what is remembered of these Tasks, in whatever form their sources keep it."""
        found = self.collection.find({"_id": {"$in": [str(task) for task in tasks]}})
        return {UUID(each["_id"]): each["memory"] for each in found}

    def add_raw(self, memories: Mapping[UUID, Document]) -> None:
        """Write what is remembered of Tasks of which nothing is remembered yet."""
        documents = [
            {"_id": str(task), "version": 1, "memory": to_value(memory)}
            for task, memory in memories.items()
        ]
        insert_new(self.collection, documents)

    def delete(self, task: UUID) -> None:
        """Forget what is remembered of a Task that is no more, or watches another account."""
        self.collection.delete_one({"_id": str(task)})

    def _find_lost(
        self,
        tasks: Sequence[UUID],
        documents: Mapping[UUID, Document],
    ) -> set[UUID]:
        found = {
            each["_id"]: each
            for each in self.collection.find({"_id": {"$in": [str(task) for task in tasks]}})
        }
        return {task for task in tasks if found.get(str(task)) != documents[task]}
