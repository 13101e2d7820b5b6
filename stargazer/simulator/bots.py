"""Telegram's memory of its bots: tokens, the pace of each, and the numbers of its messages."""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from stargazer.simulator.limits import Limits, Window
from stargazer.simulator.talk.mailbox import Mailbox, Postman
from stargazer.simulator.talk.phones import Phones

DEFAULT_TOKEN = "1000:simulated"  # noqa: S105 - it opens nothing but this simulator
_MOST_WRITTEN = 10_000


class ChatState(BaseModel):
    """What is unusual about a chat; by default it exists and takes everything.

    :ivar migrated_to: the supergroup that it became.
    :ivar photo_refused: whether Telegram fails to get any photo meant for it.
    :ivar not_started: whether this person has never spoken to the bot.
    :ivar admins: ids of those who may change a group.
    :ivar photo_refused: whether Telegram fails to get any photo meant for it by its address.
    :ivar refused_photos: the addresses of those that it fails to get, if not of any.
    :ivar photos_forbidden: whether the bot may send texts only.
    :ivar topics: ids of the topics of a forum, beside its general one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    blocked: bool = False
    missing: bool = False
    migrated_to: int | None = None
    photo_refused: bool = False
    not_started: bool = False
    admins: tuple[int, ...] = ()
    refused_photos: tuple[str, ...] = ()
    photos_forbidden: bool = False
    topics: tuple[int, ...] = ()


class FloodError(Exception):
    """A message came too soon.

    :ivar limit: which limit it would have broken: ``global``, ``chat`` or ``group``.
    :ivar retry_after: whole seconds to wait, at least one.
    """

    def __init__(self, limit: str, retry_after: int) -> None:
        super().__init__(limit, retry_after)
        self.limit = limit
        self.retry_after = retry_after


class Written(NamedTuple):
    """What stands in a message.

    :ivar part: ``text``, or ``caption`` where there is a photo.
    :ivar content: what was given for it, with its markup and buttons.
    """

    part: str
    content: str


class Bot:
    """One bot: what it has sent where, and how fast.

    :param token: of which only the number before the colon is public.
    """

    def __init__(self, token: str) -> None:
        self.id = int(token.partition(":")[0])
        self._lock = threading.Lock()
        self._global = Window()
        self._chats: defaultdict[int, Window] = defaultdict(Window)
        self._groups: defaultdict[int, Window] = defaultdict(Window)
        self._last_message: defaultdict[int, int] = defaultdict(int)
        self._deleted: set[tuple[int, int]] = set()
        self.mailbox = Mailbox()
        self._written: dict[tuple[int, int], Written] = {}

    def pace(self, chat_id: int, limits: Limits, amount: int = 1) -> None:
        """Let messages pass, or refuse them all without counting them.

        :param amount: how many there are; as an album they count once for their chat.
        :raises FloodError: names the limit that makes them wait the longest.
        """
        now = time.monotonic()
        with self._lock:
            waits: list[tuple[float, str]] = []
            windows: list[tuple[Window, int]] = []
            if limits.global_per_second is not None:
                waits.append((self._global.wait(now, limits.global_per_second, 1), "global"))
                windows.append((self._global, amount))
            if limits.chat_per_second is not None:
                chat = self._chats[chat_id]
                waits.append((chat.wait(now, limits.chat_per_second, 1, limits.burst), "chat"))
                windows.append((chat, 1))
            if limits.group_per_minute is not None and chat_id < 0:
                group = self._groups[chat_id]
                waits.append((group.wait(now, limits.group_per_minute, 60), "group"))
                windows.append((group, amount))
            longest, limit = max(waits, default=(0.0, ""))
            if longest > 0:
                raise FloodError(limit, max(1, math.ceil(longest)))
            for window, count in windows:
                window.add(now, count)

    def number(self, chat_id: int, amount: int = 1) -> list[int]:
        """Give new messages of a chat their numbers, which count up."""
        with self._lock:
            first = self._last_message[chat_id] + 1
            self._last_message[chat_id] += amount
        return list(range(first, first + amount))

    def has_message(self, chat_id: int, message_id: int) -> bool:
        """Whether it has sent that message and not deleted it."""
        with self._lock:
            is_sent = 0 < message_id <= self._last_message.get(chat_id, 0)
            return is_sent and (chat_id, message_id) not in self._deleted

    def write(self, chat_id: int, message_id: int, written: Written) -> None:
        """Remember what stands in a message, as long as it is among the latest."""
        with self._lock:
            self._written[chat_id, message_id] = written
            if len(self._written) > _MOST_WRITTEN:
                del self._written[next(iter(self._written))]

    def find_written(self, chat_id: int, message_id: int) -> Written | None:
        """Find what stands in a message; None for one that is not remembered any more."""
        with self._lock:
            return self._written.get((chat_id, message_id))

    def delete_message(self, chat_id: int, message_id: int) -> None:
        """Take a message back."""
        with self._lock:
            self._deleted.add((chat_id, message_id))


class Bots:
    """The bots by their tokens, and the chats that they all share.

    :ivar phones: what people see there.
    :ivar postman: brings to the bots what people say.
    """

    def __init__(self, postman: Postman) -> None:
        self.phones = Phones()
        self.postman = postman
        self._bots = {DEFAULT_TOKEN: Bot(DEFAULT_TOKEN)}
        self._chats: dict[int, ChatState] = {}

    def find(self, token: str) -> Bot | None:
        """Find a bot by its token."""
        return self._bots.get(token)

    def get_first(self) -> Bot:
        """Give the bot that people talk to."""
        return next(iter(self._bots.values()))

    def replace(self, tokens: Iterable[str]) -> None:
        """Make these the only right tokens; bots that stay keep their memory."""
        self._bots = {token: self._bots.get(token) or Bot(token) for token in tokens}

    def find_chat(self, chat_id: int) -> ChatState:
        """Return what is unusual about a chat."""
        return self._chats.get(chat_id, _USUAL)

    def set_chat(self, chat_id: int, state: ChatState) -> None:
        """Say what is unusual about a chat from now on."""
        self._chats[chat_id] = state


_USUAL = ChatState()
