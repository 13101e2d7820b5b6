"""The collection ``auth``: the clients' accounts."""

from pymongo.collection import Collection

from stargazer.models import Account
from stargazer.store.documents import Document, from_document, insert_new, to_value
from stargazer.store.together import Together


class Accounts:
    """Accounts by username; documents of the predecessor have the same fields."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection
        self._together = Together(self._read)

    def find(self, username: str) -> Account | None:
        """Read one, or None."""
        # Each call of the API asks for its account, and most have the same one.
        return self._together.get(username)

    def list_all(self) -> list[Account]:
        """Read all, by name."""
        found = [from_document(Account, each) for each in self.collection.find({})]
        return sorted(found, key=lambda account: account.username)

    def save(self, account: Account) -> None:
        """Write one, new or changed."""
        if not self.insert(account):
            change = {"$set": to_value(account)}
            self.collection.update_one({"username": account.username}, change)

    def insert(self, account: Account) -> bool:
        """Write a new one; False when the name is taken, and then nothing is written."""
        if self.find(account.username) is not None:
            # It may be the predecessor's, whose names are no keys.
            return False
        document = {"_id": account.username, **to_value(account)}
        return bool(insert_new(self.collection, [document]))

    def replace(self, before: Account, after: Account) -> bool:
        """Change one; False when somebody else has changed it meanwhile."""
        key = {"username": before.username, "hash": before.hash}
        return bool(self.collection.update_one(key, {"$set": to_value(after)}).matched_count)

    def is_empty(self) -> bool:
        """Tell whether there is none at all."""
        return self.collection.find_one({}, {"_id": 1}) is None

    def delete(self, username: str) -> bool:
        """Remove one; False when there was none."""
        return bool(self.collection.delete_one({"username": username}).deleted_count)

    def _read(self, username: str) -> Account | None:
        document = self.collection.find_one({"username": username})
        return None if document is None else from_document(Account, document)
