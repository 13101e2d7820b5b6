"""The collection ``auth``: the clients' accounts."""

from pymongo.collection import Collection

from stargazer.models import Account
from stargazer.store.documents import Document, from_document, to_value


class Accounts:
    """Accounts by username; documents of the predecessor have the same fields."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def find(self, username: str) -> Account | None:
        """Read one, or None."""
        document = self.collection.find_one({"username": username})
        return None if document is None else from_document(Account, document)

    def list_all(self) -> list[Account]:
        """Read all, by name."""
        found = [from_document(Account, each) for each in self.collection.find({})]
        return sorted(found, key=lambda account: account.username)

    def save(self, account: Account) -> None:
        """Write one, new or changed."""
        self.collection.update_one(
            {"username": account.username},
            {"$set": to_value(account)},
            upsert=True,
        )

    def delete(self, username: str) -> bool:
        """Remove one; False when there was none."""
        return bool(self.collection.delete_one({"username": username}).deleted_count)
