"""The collection ``inbox``: messages to Users of the chat app ``web``."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pymongo.collection import Collection

from stargazer.store.documents import Document, insert_new, to_value


class Inbox:
    """Messages by User."""

    indexed: ClassVar = ("user", "received_at")

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def add(self, key: str, user: UUID, message: dict[str, Any], now: datetime) -> None:
        """Put a message in; the same key twice is one message."""
        document = {"_id": key, "user": str(user), "received_at": to_value(now), **message}
        insert_new(self.collection, [document])

    def list_latest(self, limit: int) -> list[Document]:
        """Read the newest of all Users, newest first."""
        return list(self.collection.find().sort("received_at", -1).limit(limit))
