"""The collection ``drained``: the workers that an operator wants to be given nothing."""

from pymongo.collection import Collection

from stargazer.store.documents import Document


class Drained:
    """Nodes by name."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def add(self, node: str) -> None:
        """Give a worker nothing more."""
        self.collection.update_one({"_id": node}, {"$set": {"drained": True}}, upsert=True)

    def remove(self, node: str) -> bool:
        """Give it something again; False when it was not drained."""
        return bool(self.collection.delete_one({"_id": node}).deleted_count)

    def list_all(self) -> frozenset[str]:
        """Give all of them."""
        return frozenset(each["_id"] for each in self.collection.find({}))
