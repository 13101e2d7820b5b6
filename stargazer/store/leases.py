"""The collection ``leases``: our subscriptions at WebSub hubs."""

from datetime import datetime
from typing import Any, ClassVar

from pymongo.collection import Collection

from stargazer.models import Lease, LeaseState
from stargazer.store.documents import Document, from_document, to_value


class Leases:
    """Leases by the token of their callback."""

    indexed: ClassVar = ("account",)

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def find(self, token: str) -> Lease | None:
        """Read the Lease whose callback ends in this token."""
        document = self.collection.find_one({"_id": token})
        return None if document is None else from_document(Lease, document)

    def find_by_account(self, kind: str, account: str) -> Lease | None:
        """Read the Lease of an account that is still wanted."""
        found = self.collection.find({"account": account, "kind": kind})
        wanted = [each for each in found if each["state"] != LeaseState.REMOVED]
        return from_document(Lease, wanted[0]) if wanted else None

    def list_due(self, now: datetime) -> list[Lease]:
        """Read those that must be asked for (again), or ended."""
        found = [from_document(Lease, each) for each in self.collection.find({})]
        return [lease for lease in found if lease.renew_at <= now]

    def list_all(self) -> list[Lease]:
        """Read all, removed ones too."""
        return [from_document(Lease, each) for each in self.collection.find({})]

    def delete(self, token: str) -> None:
        """Forget one."""
        self.collection.delete_one({"_id": token})

    def save(self, lease: Lease) -> None:
        """Write one, new or changed."""
        document = {"_id": lease.token, **to_value(lease)}
        self.collection.replace_one({"_id": lease.token}, document, upsert=True)

    def update(self, token: str, **changes: Any) -> None:
        """Change some fields, and leave the others to whoever changes them meanwhile."""
        self.collection.update_one({"_id": token}, {"$set": to_value(changes)})
