"""The collection ``alarms``: by key, the newest of each."""

from datetime import datetime

from pymongo.collection import Collection

from stargazer.models import Alarm
from stargazer.store.documents import Document, from_document, insert_new, to_value


class Alarms:
    """What lasts, and what has ended."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def begin(self, alarm: Alarm) -> bool:
        """Write an alarm; False when it lasts already, and then only its reason is renewed."""
        document = to_value(alarm)
        if insert_new(self.collection, [{"_id": alarm.key, **document}]):
            return True
        # Which of two is first to see that the one before has ended decides who tells.
        again = self.collection.update_one(
            {"_id": alarm.key, "ended_at": {"$ne": None}}, {"$set": document}
        )
        if again.modified_count:
            return True
        self.collection.update_one({"_id": alarm.key}, {"$set": {"reason": alarm.reason}})
        return False

    def end(self, key: str, now: datetime) -> bool:
        """Write that it is over; False when it did not last."""
        found = self.collection.find_one({"_id": key, "ended_at": None})
        if found is None:
            return False
        ended = from_document(Alarm, found).model_copy(update={"ended_at": now})
        # Whole, so that dates stay dates in every database.
        change = {"$set": to_value(ended)}
        return bool(
            self.collection.update_one({"_id": key, "ended_at": None}, change).modified_count
        )

    def list_all(self) -> list[Alarm]:
        """Read all, those that last first, and then the newest first."""
        found = [from_document(Alarm, each) for each in self.collection.find()]
        found.sort(key=lambda alarm: alarm.ended_at or alarm.raised_at, reverse=True)
        return sorted(found, key=lambda alarm: alarm.ended_at is not None)
