"""What people see in their chats, and what they do there."""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

Json = dict[str, Any]
#: Nobody scrolls back for longer, and a benchmark sends without end.
_MOST_SEEN = 100


class Phones:
    """The messages that bots sent, with their buttons, as people see them.

    :ivar menus: the commands that a bot shows, by language; the empty one is for all others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: defaultdict[int, dict[int, Json]] = defaultdict(dict)
        self._said: defaultdict[int, int] = defaultdict(lambda: 1_000_000)
        self._queries: dict[str, Json] = {}
        self.menus: dict[str, list[Json]] = {}

    def show(self, chat_id: int, message_id: int, content: Mapping[str, Any]) -> None:
        """Show a message, or another text in its place."""
        with self._lock:
            messages = self._messages[chat_id]
            messages[message_id] = {"message_id": message_id, **content}
            if len(messages) > _MOST_SEEN:
                del messages[next(iter(messages))]

    def hide(self, chat_id: int, message_id: int) -> None:
        """Take a message away."""
        with self._lock:
            self._messages[chat_id].pop(message_id, None)

    def list_messages(self, chat_id: int) -> list[Json]:
        """List what is in a chat, the oldest first."""
        with self._lock:
            return [self._messages[chat_id][key] for key in sorted(self._messages[chat_id])]

    def find_message(self, chat_id: int, message_id: int) -> Json | None:
        """Find one message of a bot."""
        with self._lock:
            return self._messages[chat_id].get(message_id)

    def number(self, chat_id: int) -> int:
        """Give a message of a person its number, far above those of the bots."""
        with self._lock:
            self._said[chat_id] += 1
            return self._said[chat_id]

    def ask(self) -> str:
        """Begin a callback query, which waits for its answer."""
        key = uuid4().hex
        with self._lock:
            self._queries[key] = {"id": key, "at": time.time(), "answer": None}
        return key

    def answer(self, key: str, answer: Json) -> bool:
        """Answer a callback query; False for one that does not wait."""
        with self._lock:
            query = self._queries.get(key)
            if query is None or query["answer"] is not None:
                return False
            query["answer"] = answer
            return True

    def list_queries(self) -> list[Json]:
        """List all callback queries, the oldest first."""
        with self._lock:
            return [dict(query) for query in self._queries.values()]
