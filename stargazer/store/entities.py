"""The collection ``entities``: who is watched."""

from collections.abc import Callable
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import Entity
from stargazer.store.documents import Document, Documents, as_uuid, to_value


class Entities(Documents[Entity]):
    """Entities by id."""

    def __init__(self, collection: Collection[Document], changed: Callable[[], None]) -> None:
        super().__init__(Entity, collection, changed)

    def add_task(self, entity: Entity, task: UUID) -> None:
        """Put a Task into the Entity's list, where it may be already."""
        change = {"$addToSet": {"tasks": str(task)}}
        if self.collection.update_one({"_id": str(entity.id)}, change).matched_count:
            self._changed()
        else:
            # A document of the predecessor takes our form when it is saved.
            self.save(entity.model_copy(update={"tasks": (*entity.tasks, task)}))

    def save_meta(self, entity: Entity) -> None:
        """Write what is told of it, and leave its Tasks to whoever changes them meanwhile."""
        self.update(entity.id, {"$set": {"meta": to_value(entity.meta)}})

    def remove_task(self, key: UUID, task: UUID) -> None:
        """Take a Task off the list of the Entity with this id."""
        entity = self.find(key)
        if entity and task in entity.tasks:
            rest = tuple(each for each in entity.tasks if each != task)
            self.update(key, {"$set": {"tasks": to_value(rest)}})

    def find_missing(self, keys: frozenset[UUID]) -> set[UUID]:
        """Tell which of these do not exist, in two queries however many there are."""
        ours = self.collection.find({"_id": {"$in": [str(key) for key in keys]}}, {"_id": 1})
        missing = set(keys) - {UUID(each["_id"]) for each in ours}
        if missing:
            adopted = self.collection.find({"id": {"$exists": True}}, {"id": 1})
            missing -= {as_uuid(each["id"]) for each in adopted}
        return missing
