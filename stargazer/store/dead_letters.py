"""The collection ``dead_letters``: what could not go on, with the reason."""

from typing import ClassVar
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import DeadLetter
from stargazer.store.documents import Document, Documents, count_up_to, from_document


class DeadLetters(Documents[DeadLetter]):
    """Dead letters by id, and by the Event."""

    indexed: ClassVar = ("event", "created_at")

    def __init__(self, collection: Collection[Document]) -> None:
        super().__init__(DeadLetter, collection)

    def count(self, limit: int) -> int:
        """Count them, up to so many."""
        return count_up_to(self.collection, {}, limit)

    def find_of_event(self, event: UUID) -> DeadLetter | None:
        """Read that of an Event, or None."""
        document = self.collection.find_one({"event": str(event)})
        return None if document is None else from_document(DeadLetter, document)
