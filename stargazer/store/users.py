"""The collection ``users``: the chats that subscribe."""

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from pymongo.collection import Collection

from stargazer.models import User
from stargazer.store.documents import Document, Documents, from_document, to_value


class Users(Documents[User]):
    """Users by id and by address."""

    indexed: ClassVar = ("im_payload",)

    def __init__(self, collection: Collection[Document], changed: Callable[[], None]) -> None:
        super().__init__(User, collection, changed)

    def find_by_address(self, im: str, im_payload: str) -> User | None:
        """Read the User that is this chat, or None."""
        document = self.collection.find_one({"im_payload": im_payload, "im": im})
        return None if document is None else from_document(User, document)

    def save_choices(self, user: User) -> None:
        """Write what a subscriber chooses, and leave the rest to whoever changes it meanwhile."""
        choices = {
            "event_filter": to_value(user.event_filter),
            "settings": to_value(user.settings),
        }
        change = {"$set": choices}
        if self.collection.update_one({"_id": str(user.id)}, change).matched_count:
            self._changed()
        else:
            # A document of the predecessor takes our form when it is saved.
            self.save(user)

    def pause(self, user: UUID, reason: str) -> None:
        """Send nothing more to this User until somebody clears it."""
        self.update(user, {"$set": {"paused": reason}})

    def move(self, user: UUID, im_payload: str) -> None:
        """Store the chat's new id."""
        self.update(user, {"$set": {"im_payload": im_payload}})
