"""The collection ``revisions``: how often something changed, for readers that keep a copy."""

from pymongo.collection import Collection

from stargazer.store.documents import Document
from stargazer.store.together import Together


class Revisions:
    """A number per name, which grows with each change of what has that name."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection
        self._together = Together(self._read)

    def get(self, name: str) -> int:
        """Give the number; 0 before the first change."""
        return self._together.get(name)

    def advance(self, name: str) -> None:
        """Say that something has changed, after it has."""
        self.collection.update_one({"_id": name}, {"$inc": {"number": 1}}, upsert=True)

    def _read(self, name: str) -> int:
        document = self.collection.find_one({"_id": name})
        return int(document["number"]) if document else 0
