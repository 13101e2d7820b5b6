"""The collection ``broadcasts``: what is known of each stream, premiere and video."""

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from stargazer.models import Broadcast, BroadcastState
from stargazer.store.documents import Document, from_document, insert_new, to_value

_AT_ONCE = 1000


def _key(task: UUID, source_id: str) -> str:
    return f"{task}:{source_id}"


class Broadcasts:
    """Broadcasts by Task and the platform's id."""

    indexed: ClassVar = ("state", "task")

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def list_known(self, task: UUID, source_ids: Sequence[str]) -> dict[str, Broadcast]:
        """Read what is known of these, by the platform's id."""
        keys = [_key(task, source_id) for source_id in source_ids]
        found = self.collection.find({"_id": {"$in": keys}})
        return {each["source_id"]: from_document(Broadcast, each) for each in found}

    def list_by_keys(self, keys: Sequence[tuple[UUID, str]]) -> list[Broadcast]:
        """Read those of these Tasks and ids that there are."""
        wanted = [_key(task, source_id) for task, source_id in keys]
        found = self.collection.find({"_id": {"$in": wanted}})
        return [from_document(Broadcast, each) for each in found]

    def list_in_state(self, state: BroadcastState) -> list[Broadcast]:
        """Read all in one state."""
        found = self.collection.find({"state": state.value})
        return [from_document(Broadcast, each) for each in found]

    def list_open_of_task(self, task: UUID) -> list[Broadcast]:
        """Read those of one Task that may still change: upcoming, live or not yet understood."""
        open_states = {BroadcastState.UNKNOWN, BroadcastState.UPCOMING, BroadcastState.LIVE}
        found = self.collection.find({"task": str(task)})
        return [from_document(Broadcast, each) for each in found if each["state"] in open_states]

    def list_of_task(self, task: UUID) -> list[Broadcast]:
        """Read all of one Task, also those that are over."""
        found = self.collection.find({"task": str(task)})
        return [from_document(Broadcast, each) for each in found]

    def add(self, broadcasts: Sequence[Broadcast]) -> None:
        """Write those that nobody knows yet."""
        documents = [
            {"_id": _key(each.task, each.source_id), **to_value(each)} for each in broadcasts
        ]
        for start in range(0, len(documents), _AT_ONCE):
            insert_new(self.collection, documents[start : start + _AT_ONCE])

    def save(self, broadcast: Broadcast) -> bool:
        """Write on top of the version before this one.

        :returns: False when somebody else has written meanwhile: read again and compare again.
        """
        key = _key(broadcast.task, broadcast.source_id)
        document = {"_id": key, **to_value(broadcast)}
        if broadcast.version == 1:
            try:
                self.collection.insert_one(document)
            except DuplicateKeyError:
                return False
            return True
        before = {"_id": key, "version": broadcast.version - 1}
        return bool(self.collection.replace_one(before, document).matched_count)

    def delete_of_task(self, task: UUID) -> None:
        """Forget those of a Task that is no more."""
        self.collection.delete_many({"task": str(task)})
