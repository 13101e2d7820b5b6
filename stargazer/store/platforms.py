"""The collection ``platforms``: how it goes with each, kind by kind."""

from pymongo.collection import Collection

from stargazer.models import PlatformState
from stargazer.store.documents import Document, from_document, to_value


class Platforms:
    """States by kind; of two that write at once the later one counts."""

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def get(self, kind: str) -> PlatformState:
        """Read the state of a platform; that of one which was never asked is empty."""
        found = self.collection.find_one({"_id": kind})
        return PlatformState(kind=kind) if found is None else from_document(PlatformState, found)

    def save(self, state: PlatformState) -> None:
        """Write the state of a platform."""
        document = {"_id": state.kind, **to_value(state)}
        self.collection.replace_one({"_id": state.kind}, document, upsert=True)
