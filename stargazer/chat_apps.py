"""What a chat app is to the rest of the system."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from stargazer.context import Context
from stargazer.models import User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message


class ChatApp(Protocol):
    """Sends messages to the chats of one chat app.

    :ivar im: its name, and its queue's.
    """

    im: ClassVar[str]

    def __init__(self, context: Context) -> None: ...

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limits that a message to this chat must keep, the widest first."""

    def send(self, user: User, message: Message, key: str) -> str:
        """Send one message.

        :param key: the same for every attempt at the same Delivery.
        :returns: the chat app's id of the message.
        :raises PlatformError: of the kind that says how to react.
        """
