"""What is known when a command is carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from stargazer import chats, registration
from stargazer.commands.talk import Asker
from stargazer.commands.wording import choose_language, say
from stargazer.context import Context
from stargazer.models import User, UserSettings
from stargazer.store import Store

#: Where most of those who speak a language live. The settings change it.
_ZONES: Mapping[str, str] = {"en": "UTC", "ja": "Asia/Tokyo", "zh": "Asia/Shanghai"}


@dataclass(frozen=True)
class Conversation:
    """One thing that was said, and to whom it is answered.

    :ivar user: the chat, if it is registered.
    :ivar language: one of those that we speak.
    """

    context: Context
    asker: Asker
    user: User | None
    language: str
    now: datetime

    @classmethod
    def open(cls, context: Context, asker: Asker, now: datetime) -> "Conversation":
        """Look up who asks."""
        user = context.store.users.find_by_address(asker.im, asker.address)
        language = choose_language(user.settings.language if user else "", asker.language)
        return cls(context, asker, user, language, now)

    @property
    def store(self) -> Store:
        """The database."""
        return self.context.store

    def say(self, code: str, **values: object) -> str:
        """Give a text in the chat's language."""
        return say(self.language, code, **values)

    def register(self) -> User:
        """Give the chat as a User, which it becomes if it is none yet."""
        if self.user is not None:
            return self.user
        asker = self.asker
        user = User(
            id=registration.name_user(asker.im, asker.address),
            im=asker.im,
            im_payload=asker.address,
            name=asker.name[:200],
            settings=UserSettings(language=self.language, timezone=_ZONES[self.language]),
            created_at=self.now,
        )
        added = registration.add_user(self.store, user)
        # Somebody else may have been faster.
        return added or self.store.users.find_by_address(asker.im, asker.address) or user

    def resume(self) -> None:
        """Send to the chat again, which can evidently be reached."""
        if self.user is not None:
            chats.welcome_back(self.store, self.user, self.now)
