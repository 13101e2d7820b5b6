"""The collection ``translations``: what was translated, so that the same text is paid once."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from pymongo import UpdateOne
from pymongo.collection import Collection

from stargazer.store.documents import Document

#: What nobody has asked for in so long is removed.
KEPT_FOR = timedelta(days=90)


class Translated(NamedTuple):
    """A text in the language that was asked for.

    :ivar source: the language that it was in.
    """

    text: str
    source: str


class Translations:
    """Translations by provider, languages and text.

    The day of the last use is a number, because a date that is changed later does not stay one in
    every database that we run on.
    """

    indexed = ("used_on",)

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection
        self._cleaned_on = 0

    def find_all(self, keys: Iterable[str], now: datetime) -> dict[str, Translated]:
        """Give those that are known, and note that they were used."""
        documents = list(self.collection.find({"_id": {"$in": list(keys)}}))
        today = now.toordinal()
        late = [each["_id"] for each in documents if each["used_on"] < today]
        if late:
            self.collection.update_many({"_id": {"$in": late}}, {"$set": {"used_on": today}})
        return {each["_id"]: Translated(each["text"], each["source"]) for each in documents}

    def save_all(self, translations: Mapping[str, Translated], now: datetime) -> None:
        """Keep some, and once a day remove what has not been used for long."""
        today = now.toordinal()
        if translations:
            changes = [
                UpdateOne({"_id": key}, {"$set": {**each._asdict(), "used_on": today}}, upsert=True)
                for key, each in translations.items()
            ]
            self.collection.bulk_write(changes, ordered=False)
        if today != self._cleaned_on:
            self._cleaned_on = today
            self.collection.delete_many({"used_on": {"$lte": today - KEPT_FOR.days}})


def make_key(provider: str, source: str | None, target: str, text: str) -> str:
    """Give the key of a translation.

    :param source: None when the provider was to detect it.
    :param text: with whatever else the translation depends on.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{provider}:{source or 'auto'}:{target}:{digest}"
