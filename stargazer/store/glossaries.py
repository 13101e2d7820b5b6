"""The collection ``glossaries``: which glossaries of ours a translator keeps, under which ids."""

from datetime import datetime

from pymongo.collection import Collection

from stargazer.store.documents import Document


class Glossaries:
    """The id of a glossary, by its languages and a hash of its content."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def find(self, pair: str, digest: str, now: datetime) -> str | None:
        """Give the id, and note that it was used; None when there is none."""
        document = self.collection.find_one({"_id": f"{pair}:{digest}"})
        if document is None:
            return None
        today = now.toordinal()
        if document["used_on"] < today:
            self.collection.update_one({"_id": document["_id"]}, {"$set": {"used_on": today}})
        return str(document["glossary"])

    def save(self, pair: str, digest: str, glossary: str, now: datetime) -> None:
        """Keep an id."""
        key = f"{pair}:{digest}"
        document = {"_id": key, "pair": pair, "glossary": glossary, "used_on": now.toordinal()}
        self.collection.replace_one({"_id": key}, document, upsert=True)

    def delete(self, glossary: str) -> None:
        """Forget an id."""
        self.collection.delete_one({"glossary": glossary})

    def list_outdated(self, pair: str, digest: str, now: datetime) -> list[str]:
        """Give the ids for the same languages with another content, unused since yesterday.

        A worker that was not yet started anew may still use one.
        """
        return [
            str(each["glossary"])
            for each in self.collection.find({"pair": pair})
            if each["_id"] != f"{pair}:{digest}" and each["used_on"] < now.toordinal() - 1
        ]
