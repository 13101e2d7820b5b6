"""The collection ``sessions``: tokens by their hash."""

import hashlib
from datetime import datetime

from pymongo.collection import Collection

from stargazer.models import Session
from stargazer.store.documents import Document, from_document, to_value


def hash_token(token: str) -> str:
    """Hash a random token; it has entropy enough to need neither salt nor cost."""
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """Sessions by token."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def save(self, session: Session) -> None:
        """Write a Session."""
        document = to_value(session)
        self.collection.insert_one({"_id": document.pop("token_hash"), **document})

    def find(self, token: str, now: datetime) -> Session | None:
        """Read the Session of this token; None when there is none or its time is over."""
        document = self.collection.find_one({"_id": hash_token(token)})
        if document is None:
            return None
        session = from_document(Session, {**document, "token_hash": document["_id"]})
        return session if session.valid_until > now else None

    def delete_expired(self, now: datetime) -> int:
        """Remove what nobody can use any more; how many there were."""
        return self.collection.delete_many({"valid_until": {"$lte": now}}).deleted_count
