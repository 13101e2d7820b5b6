"""Between models and MongoDB documents.

Our ids are strings in the database. The predecessor kept its ids as BSON UUIDs in a field ``id``
beside an ``ObjectId``; such documents are read as well, and take our form when they are saved.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

from bson import ObjectId
from pydantic import BaseModel, ValidationError
from pymongo import UpdateOne
from pymongo.collection import Collection

from stargazer.errors import PayloadError

log = logging.getLogger(__name__)

Document = dict[str, Any]
UUID_BYTES = 16
M = TypeVar("M", bound=BaseModel)


def to_value(value: object) -> Any:
    """Turn what a model holds into what BSON holds: ids into strings, sets into sorted lists."""
    match value:
        case Enum():
            return value.value
        case UUID() | time():
            return str(value)
        case BaseModel():
            return {name: to_value(getattr(value, name)) for name in type(value).model_fields}
        case dict():
            return {str(key): to_value(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted((to_value(item) for item in value), key=str)
        case list() | tuple():
            return [to_value(item) for item in value]
        case datetime():
            # MongoDB keeps milliseconds; cutting here keeps what was written equal to what is read.
            return value.replace(microsecond=value.microsecond // 1000 * 1000)
    return value


def to_document(model: BaseModel) -> Document:
    """Give the document of a model that has an ``id``; the id becomes ``_id``."""
    document: Document = to_value(model)
    return {"_id": document.pop("id"), **document}


def from_document(model: type[M], document: Document) -> M:
    """Read a document, ours or the predecessor's.

    :raises PayloadError: when somebody wrote what is no such model; it names the id and fields.
    """
    values = dict(document)
    key = values.pop("_id", None)
    values.setdefault("id", key)
    if isinstance(key, ObjectId):
        # The predecessor kept no such field, and a default of now would move at each reading.
        values.setdefault("created_at", key.generation_time)
    try:
        return model.model_validate(values)
    except ValidationError as exc:
        wrong = ", ".join(".".join(str(part) for part in error["loc"]) for error in exc.errors())
        raise PayloadError(f"{model.__name__} {values['id']} in the database: {wrong}") from exc


class Documents(Generic[M]):
    """A collection of models that have an ``id``.

    :ivar collection: the driver's own, for what only one collection needs.
    :param changed: called after each change.
    """

    def __init__(
        self,
        model: type[M],
        collection: Collection[Document],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.model = model
        self.collection = collection
        self._changed = changed

    def find(self, key: UUID) -> M | None:
        """Read one, or None when there is none."""
        document = self.collection.find_one({"_id": str(key)}) or self._find_adopted(key)
        return None if document is None else from_document(self.model, document)

    def list_by_ids(self, keys: list[UUID]) -> list[M]:
        """Read those that exist, in no order."""
        wanted = {"_id": {"$in": [str(key) for key in keys]}}
        found = list(self._read_all(self.collection.find(wanted)))
        if len(found) == len(keys):
            return found
        missing = set(keys) - {each.id for each in found}  # type: ignore[attr-defined]
        # All that is missing in one go, for most often it is nowhere.
        adopted = self.collection.find({"id": {"$exists": True}})
        return [*found, *self._read_all(e for e in adopted if as_uuid(e["id"]) in missing)]

    def list_all(self) -> Iterator[M]:
        """Read all, in no order, as a stream."""
        yield from self._read_all(self.collection.find({}, batch_size=500))

    def save(self, model: M) -> None:
        """Write one, new or changed."""
        document = self._to_document(model)
        result = self.collection.replace_one({"_id": document["_id"]}, document, upsert=True)
        if result.upserted_id is not None:
            adopted = self._find_adopted(UUID(document["_id"]))
            if adopted is not None:
                self.collection.delete_one({"_id": adopted["_id"]})
        self._changed()

    def insert(self, model: M) -> bool:
        """Write a new one; False when its id is taken, and then nothing is written."""
        is_new = bool(insert_new(self.collection, [self._to_document(model)]))
        if is_new:
            self._changed()
        return is_new

    def insert_all(self, models: Sequence[M]) -> list[M]:
        """Write those whose ids are not taken, in one request; give these."""
        new = insert_new(self.collection, [self._to_document(model) for model in models])
        if new:
            self._changed()
        return [models[position] for position in new]

    def list_ids(self) -> list[UUID]:
        """Give the ids of all, sorted."""
        found = self.collection.find({}, {"_id": 1, "id": 1}, batch_size=5000)
        return sorted({as_uuid(each.get("id")) or UUID(each["_id"]) for each in found})

    def delete(self, key: UUID) -> bool:
        """Remove one; False when there was none."""
        deleted = self.collection.delete_one({"_id": str(key)}).deleted_count
        # Both forms are there after a process died in the middle of `save`.
        adopted = self._find_adopted(key)
        if adopted is not None:
            deleted += self.collection.delete_one({"_id": adopted["_id"]}).deleted_count
        if deleted:
            self._changed()
        return bool(deleted)

    def update(self, key: UUID, change: Document) -> bool:
        """Change some fields of one, in whichever form it is; False when there is none.

        :param change: as the driver takes it, such as ``{"$set": {…}}``.
        """
        found = self._update(key, change)
        if found:
            self._changed()
        return found

    def _update(self, key: UUID, change: Document) -> bool:
        if self.collection.update_one({"_id": str(key)}, change).matched_count:
            return True
        adopted = self._find_adopted(key)
        return adopted is not None and bool(
            self.collection.update_one({"_id": adopted["_id"]}, change).matched_count
        )

    def list_adopted(self) -> Iterator[M]:
        """Read those that still have the predecessor's form."""
        yield from self._read_all(self.collection.find({"id": {"$exists": True}}))

    def _read_all(self, documents: Iterable[Document]) -> Iterator[M]:
        for document in documents:
            try:
                yield from_document(self.model, document)
            except PayloadError as exc:
                # The others shall not suffer for what somebody wrote into one.
                log.error("document_unreadable", extra={"error": str(exc)})

    def _to_document(self, model: M) -> Document:
        return to_document(model)

    def _find_adopted(self, key: UUID) -> Document | None:
        # The embedded database does not match BSON UUIDs in queries, and there are few such
        # documents, if any: the field `id` exists in the predecessor's alone.
        for document in self.collection.find({"id": {"$exists": True}}):
            if as_uuid(document["id"]) == key:
                return document
        return None


def as_uuid(value: object) -> UUID | None:
    """Read an id as the predecessor stored it; None when it is none."""
    match value:
        case UUID():
            return value
        case bytes() if len(value) == UUID_BYTES:
            return UUID(bytes=bytes(value))
    return None


def as_time(value: datetime | str) -> datetime:
    """Read a time of a document that no model has parsed.

    nx-27017 0.8.1 makes a string, in UTC without saying so, of a date that is ``$set`` by itself.
    """
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def count_up_to(collection: Collection[Document], wanted: Document, limit: int = 0) -> int:
    """Count documents, and stop at so many; 0: count them all.

    With the command of old: nx-27017 0.8.1 reads a whole collection for `count_documents`.
    """
    answer = collection.database.command("count", collection.name, query=wanted, limit=limit)
    return int(answer["n"])


def insert_new(collection: Collection[Document], documents: list[Document]) -> list[int]:
    """Write those documents whose ``_id`` is not there yet; the others stay untouched.

    :returns: the positions of those that were new.
    """
    if not documents:
        return []
    upserts = [
        UpdateOne(
            {"_id": document["_id"]},
            {"$setOnInsert": {name: value for name, value in document.items() if name != "_id"}},
            upsert=True,
        )
        for document in documents
    ]
    return sorted(collection.bulk_write(upserts, ordered=False).upserted_ids or {})
