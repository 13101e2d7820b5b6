"""The collection ``meters``: how much was used of what has a limit, period by period."""

from typing import Literal

from pymongo import ReturnDocument
from pymongo.collection import Collection

from stargazer.store.documents import Document, insert_new

Notice = Literal["is_low", "is_spent"]
#: More than anybody uses, and still exact in every database.
NO_LIMIT = 2**53


class Meters:
    """A count per meter and period, which no number of workers brings above its limit.

    A meter is what is paid or limited apart, such as ``deepl`` or one key of an API. A period is
    written as ``2026-11`` or ``2026-11-25``.
    """

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def spend(self, meter: str, period: str, amount: int, limit: int) -> int | None:
        """Take so many.

        :param limit: of the period; 0 for none.
        :returns: how many are spent now; None when so many were not left, and none were taken.
        """
        key = f"{meter}:{period}"
        new: Document = {"_id": key, "count": 0, "is_low": False, "is_spent": False}
        wanted = {"_id": key, "count": {"$lte": (limit or NO_LIMIT) - amount}}
        for _ in range(2):
            document = self.collection.find_one_and_update(
                wanted, {"$inc": {"count": amount}}, return_document=ReturnDocument.AFTER
            )
            if document is not None:
                return int(document["count"])
            # Another may have begun the period a moment ago, so it is tried again in any case.
            insert_new(self.collection, [new])
        return None

    def correct(self, meter: str, period: str, amount: int) -> None:
        """Add to what was taken; less than nothing gives back."""
        self.collection.update_one({"_id": f"{meter}:{period}"}, {"$inc": {"count": amount}})

    def count(self, meter: str, period: str) -> int:
        """Tell how many are spent."""
        document = self.collection.find_one({"_id": f"{meter}:{period}"})
        return int(document["count"]) if document else 0

    def claim_notice(self, meter: str, period: str, notice: Notice) -> bool:
        """Whether the caller is the one who has to say it in this period."""
        change = {"$set": {notice: True}}
        found = self.collection.update_one({"_id": f"{meter}:{period}", notice: False}, change)
        return bool(found.modified_count)
