"""The collection ``characters``: how many each translator was given, month by month."""

from typing import Literal

from pymongo import ReturnDocument
from pymongo.collection import Collection

from stargazer.store.documents import Document, insert_new

Notice = Literal["is_low", "is_spent"]
#: More than anybody translates, and still exact in every database.
NO_LIMIT = 2**53


class Characters:
    """A count per provider and month, which no number of workers brings above its limit.

    A month is written as ``2026-11``.
    """

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def spend(self, provider: str, month: str, amount: int, limit: int) -> int | None:
        """Take so many.

        :param limit: of the month; 0 for none.
        :returns: how many are spent now; None when so many were not left, and none were taken.
        """
        key = f"{provider}:{month}"
        new: Document = {"_id": key, "count": 0, "is_low": False, "is_spent": False}
        wanted = {"_id": key, "count": {"$lte": (limit or NO_LIMIT) - amount}}
        for _ in range(2):
            document = self.collection.find_one_and_update(
                wanted, {"$inc": {"count": amount}}, return_document=ReturnDocument.AFTER
            )
            if document is not None:
                return int(document["count"])
            # Another may have begun the month a moment ago, so it is tried again in any case.
            insert_new(self.collection, [new])
        return None

    def correct(self, provider: str, month: str, amount: int) -> None:
        """Add to what was taken; less than nothing gives back."""
        self.collection.update_one({"_id": f"{provider}:{month}"}, {"$inc": {"count": amount}})

    def count(self, provider: str, month: str) -> int:
        """Tell how many are spent."""
        document = self.collection.find_one({"_id": f"{provider}:{month}"})
        return int(document["count"]) if document else 0

    def claim_notice(self, provider: str, month: str, notice: Notice) -> bool:
        """Whether the caller is the one who has to say it this month."""
        change = {"$set": {notice: True}}
        found = self.collection.update_one({"_id": f"{provider}:{month}", notice: False}, change)
        return bool(found.modified_count)
