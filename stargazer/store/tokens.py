"""The collections ``sessions`` and ``logins``: tokens by their hash, until their time is over."""

import hashlib
from datetime import datetime
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import Login, Session
from stargazer.store.documents import Document, from_document, to_value

T = TypeVar("T", Session, Login)


def hash_token(token: str) -> str:
    """Hash a random token; it has entropy enough to need neither salt nor cost."""
    return hashlib.sha256(token.encode()).hexdigest()


class Tokens(Generic[T]):
    """Who holds a token may do what is written here."""

    indexed: ClassVar = ("user",)

    def __init__(self, model: type[T], collection: Collection[Document]) -> None:
        self._model: type[T] = model
        self.collection = collection

    def save(self, token: T) -> None:
        """Write a new one."""
        document = to_value(token)
        self.collection.insert_one({"_id": document.pop("token_hash"), **document})

    def find(self, token: str, now: datetime) -> T | None:
        """Read what a token is good for; None when that is nothing, or its time is over."""
        document = self.collection.find_one({"_id": hash_token(token)})
        if document is None:
            return None
        found: T = from_document(self._model, {**document, "token_hash": document["_id"]})
        return found if found.valid_until > now else None

    def delete(self, token: T) -> bool:
        """End one; False when it has ended already."""
        return bool(self.collection.delete_one({"_id": token.token_hash}).deleted_count)

    def delete_of_user(self, user: UUID) -> int:
        """End all of one User; how many there were."""
        return self.collection.delete_many({"user": str(user)}).deleted_count

    def delete_expired(self, now: datetime) -> int:
        """Remove what nobody can use any more; how many there were."""
        return self.collection.delete_many({"valid_until": {"$lte": to_value(now)}}).deleted_count
