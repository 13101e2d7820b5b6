"""What a chat app is to the rest of the system, and what some of them can do besides."""

from collections.abc import Sequence
from typing import ClassVar, Protocol, runtime_checkable

from stargazer.context import Context
from stargazer.models import User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message


class ChatApp(Protocol):
    """Sends messages to the chats of one chat app.

    One of it serves all threads of a process. It keeps no queue, no pace and no retries of its own:
    :class:`stargazer.delivery.Sender` waits for its limits, calls :meth:`send` for one message at
    a time of each chat, in the order of the ledger, and reacts to the error that it raises.

    :ivar im: its name, and its queue's.
    """

    im: ClassVar[str]

    def __init__(self, context: Context) -> None: ...

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limits that a message to this chat must keep, the widest first.

        Without network and database; it is asked for each message. A throttled chat blocks the
        last of them, many throttled chats within seconds block the first.
        """

    def send(self, user: User, message: Message, key: str) -> tuple[str, ...]:
        """Send one message, within about ten seconds, or as many as the Sender is told of.

        When it raises, nothing of the message may be in the chat, unless it raises
        UnknownOutcomeError. What was taken in part, such as the first picture of an album, is
        taken: return what there is.

        :param key: begins with the Event's id and a colon. The same for every attempt at the same
            Delivery, and another one when somebody asks for it to be sent again: for chat apps
            that take one key once.
        :returns: the chat app's ids of what is in the chat now, in its order; an album has many.
        :raises TransientError: it was not sent, and may be later: tried again with growing pauses,
            until it is no news any more.
        :raises ThrottledError: it was not sent, and this chat is left alone for that long; no
            attempt is counted.
        :raises MovedError: the chat has another address: stored, and tried again there.
        :raises GoneError: the chat cannot be reached until somebody does something about it: it is
            paused with the reason, and told how much it missed once it is resumed.
        :raises RefusedError: this message will never be accepted; the chat is all right.
        :raises UnknownOutcomeError: no answer came to what may have been accepted: it is never
            repeated by itself.
        """


@runtime_checkable
class AlbumApp(ChatApp, Protocol):
    """Shows several pictures as an album, each of which counts for its limits."""

    def count_messages(self, user: User, message: Message) -> int:
        """Tell how many messages one is to the chat app's limits, without network and database."""


@runtime_checkable
class EditingApp(ChatApp, Protocol):
    """Can change what is in a chat already."""

    def edit(self, user: User, message: Message, message_ids: Sequence[str]) -> tuple[str, ...]:
        """Put a message in the place of one that was sent; once more is as good as once.

        :param message_ids: what was returned for that one, at least one.
        :returns: the ids of what is in the chat now.
        :raises RefusedError: it cannot be changed, as it was deleted: a new one is sent.
        :raises PlatformError: as of :meth:`ChatApp.send`; an edit is never unknown.
        """
