"""The collection ``pushes``: what platforms pushed and nobody has worked on yet.

The broker may lose what it carries: Redis when it is wiped, and kombu the message that it takes
in the moment in which Redis dies. So a push is written here before it is taken, and removed when
its Events are in the outbox.
"""

from datetime import datetime
from typing import ClassVar

from pymongo.collection import Collection

from stargazer.models import Push
from stargazer.store.documents import Document, Documents, from_document


class Pushes(Documents[Push]):
    """Pushes by id, those of an account, and those that are late."""

    indexed: ClassVar = ("account",)

    def __init__(self, collection: Collection[Document]) -> None:
        super().__init__(Push, collection)

    def find_first(self, kind: str, account: str) -> Push | None:
        """Read the oldest of one account; None when there is none."""
        wanted = {"account": account, "kind": kind}
        document = self.collection.find_one(wanted, sort=[("received_at", 1)])
        return None if document is None else from_document(Push, document)

    def list_late(self, published_before: datetime, limit: int) -> list[Push]:
        """Read those that were published before that moment, the oldest first."""
        late = [push for push in self.list_all() if push.published_at <= published_before]
        return sorted(late, key=lambda push: push.received_at)[:limit]
