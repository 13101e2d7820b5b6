"""The collection ``users``: the chats that subscribe."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pymongo.collection import Collection

from stargazer import addresses
from stargazer.keyring import Keyring
from stargazer.models import User
from stargazer.store.documents import Document, Documents, count_up_to, from_document, to_value
from stargazer.store.user_pages import Query, find_users


class Users(Documents[User]):
    """Users by id and by address."""

    #: Whether one is paused has a field of its own, as why it is may be any text: no index finds
    #: those that have one, in every database.
    indexed: ClassVar = ("im_payload", "is_paused")

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

    def list_page(self, query: Query, after: str, limit: int) -> tuple[list[User], str | None]:
        """Read a page of those that are wanted, in the order of their ids.

        It looks at some two thousand Users at most, so that there may be fewer than asked for, even
        none, though there are more.

        :param after: where the page before ended; empty: from the first on.
        :returns: the Users, and where the next page begins; None: there is no more.
        """
        found = find_users(self.collection, self.list_adopted(), query, after, limit)
        users = sorted(self.list_by_ids(found.users), key=lambda user: str(user.id))
        return users, found.after

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
        change = {"$set": {"paused": reason, "paused_at": to_value(now), "is_paused": True}}
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
        change = {"$set": {"paused": None, "paused_at": None, "is_paused": False}}
        paused = {"_id": str(user.id), "paused": user.paused}
        if self.collection.update_one(paused, change).matched_count:
            self._changed()
            return True
        found = self.find(user.id)
        return found is not None and found.paused == user.paused and self.update(user.id, change)

    def list_paused(self, limit: int) -> list[User]:
        """Read some of those that are paused, in no order."""
        return list(self._read_all(self.collection.find({"is_paused": True}).limit(limit)))

    def count_paused(self, limit: int) -> int:
        """Count those that are paused, up to so many."""
        return count_up_to(self.collection, {"is_paused": True}, limit)

    def mark_paused(self) -> None:
        """Let those be found that were paused before there was a field for it."""
        for each in self.collection.find({}, {"paused": 1, "is_paused": 1}, batch_size=5000):
            if each.get("paused") and not each.get("is_paused"):
                unchanged = {"_id": each["_id"], "paused": each["paused"]}
                self.collection.update_one(unchanged, {"$set": {"is_paused": True}})

    def _to_document(self, model: User) -> Document:
        return {**super()._to_document(model), "is_paused": model.paused is not None}

    def move(self, user: UUID, im_payload: str) -> None:
        """Store the chat's new id."""
        self.update(user, {"$set": {"im_payload": im_payload}})
