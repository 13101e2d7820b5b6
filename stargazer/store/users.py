"""The collection ``users``: the chats that subscribe."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pymongo.collection import Collection

from stargazer import addresses
from stargazer.keyring import Keyring
from stargazer.models import User
from stargazer.store.documents import Document, Documents, from_document, to_value


class Users(Documents[User]):
    """Users by id and by address."""

    indexed: ClassVar = ("im_payload",)

    def __init__(
        self,
        collection: Collection[Document],
        changed: Callable[[], None],
        keyring: Keyring,
    ) -> None:
        super().__init__(User, collection, changed)
        self._keyring = keyring

    def find_by_address(self, im: str, im_payload: str) -> User | None:
        """Read the User that is this chat, or None.

        :param im_payload: as it is stored; or the address itself, where that is a secret.
        """
        for name in addresses.list_names(self._keyring, im, im_payload):
            document = self.collection.find_one({"im_payload": name, "im": im})
            if document is not None:
                return from_document(User, document)
        return None

    def list_by_chat(self, im: str, chat: str) -> list[User]:
        """Read the Users that are this chat, or topics of it, whose ids stand behind its own.

        It looks at all of them: for what happens seldom.
        """
        # The embedded database knows no patterns.
        found = self.collection.find({"im": im}, {"im_payload": 1}, batch_size=1000)
        keys = [each["_id"] for each in found if each["im_payload"].partition("/")[0] == chat]
        return list(self._read_all(self.collection.find({"_id": {"$in": keys}})))

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

    def save_fields(self, user: User, names: Sequence[str]) -> None:
        """Write some fields, and leave the others to whoever changes them meanwhile."""
        self.update(user.id, {"$set": {name: to_value(getattr(user, name)) for name in names}})

    def pause(self, user: UUID, reason: str, now: datetime) -> bool:
        """Send nothing more to this User until it is resumed.

        :returns: False when it is paused already, and has been since then; or when there is none.
        """
        change = {"$set": {"paused": reason, "paused_at": to_value(now)}}
        if self.collection.update_one({"_id": str(user), "paused": None}, change).matched_count:
            self._changed()
            return True
        found = self.find(user)
        # One of the predecessor has another form.
        return found is not None and found.paused is None and self.update(user, change)

    def resume(self, user: User) -> bool:
        """Send to this User again.

        :param user: as it was read, paused.
        :returns: False when somebody else was faster.
        """
        change = {"$set": {"paused": None, "paused_at": None}}
        paused = {"_id": str(user.id), "paused": user.paused}
        if self.collection.update_one(paused, change).matched_count:
            self._changed()
            return True
        found = self.find(user.id)
        return found is not None and found.paused == user.paused and self.update(user.id, change)

    def move(self, user: UUID, im_payload: str) -> None:
        """Store the chat's new id."""
        self.update(user, {"$set": {"im_payload": im_payload}})
