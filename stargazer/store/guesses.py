"""The collection ``guesses``: how many wrong passwords came lately, by account and by address."""

from datetime import datetime, timedelta

from pymongo.collection import Collection

from stargazer.store.documents import Document, as_time, to_value


class Guesses:
    """Wrong passwords within a window of time, which begins with the first of them."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def count(self, key: str, since: datetime) -> tuple[int, datetime]:
        """Tell how many there were, and when the first of them.

        :param since: older windows are over.
        """
        document = self.collection.find_one({"_id": key})
        began = as_time(document["began"]) if document else since
        return (document["count"], began) if document and began > since else (0, since)

    def add(self, key: str, now: datetime, window: timedelta) -> None:
        """Count one more."""
        self.collection.delete_many({"began": {"$lte": to_value(now - window)}})
        change = {"$inc": {"count": 1}, "$setOnInsert": {"began": to_value(now)}}
        self.collection.update_one({"_id": key}, change, upsert=True)
