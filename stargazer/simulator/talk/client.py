"""What people do in Telegram's chats, as Python methods."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


class TalkControl:
    """Says things to the bot.

    :param call: sends a request to the control URLs and gives the answer.
    """

    def __init__(self, call: Callable[..., Json]) -> None:
        self._call = call

    def say(self, chat_id: int, text: str, **fields: Any) -> Json | None:
        """Say something in a chat; None when the bot does not want to hear it.

        :param fields: as in :class:`stargazer.simulator.talk.control.SayBody`.
        """
        return self._put("say", {"chat_id": chat_id, "text": text, **fields})

    def press(self, chat_id: int, message_id: int, label: str, **fields: Any) -> Json | None:
        """Press the button with this label under a message of the bot's."""
        body = {"chat_id": chat_id, "message_id": message_id, "label": label, **fields}
        return self._put("press", body)

    def set_member(self, chat_id: int, status: str, **fields: Any) -> Json | None:
        """Block the bot or throw it out (``kicked``), or let it in again (``member``)."""
        return self._put("member", {"chat_id": chat_id, "status": status, **fields})

    def migrate(self, chat_id: int, to: int) -> Json | None:
        """Let a group become a supergroup."""
        return self._put("migrate", {"chat_id": chat_id, "to": to})

    def put_raw(self, kind: str, content: Any) -> Json | None:
        """Let the bot have any update."""
        return self._put("raw", {"kind": kind, "content": content})

    def messages(self, chat_id: int) -> list[Json]:
        """List the bot's messages in a chat as people see them, the oldest first."""
        found: list[Json] = self._call("GET", f"telegram/chats/{chat_id}/messages")["messages"]
        return found

    def state(self) -> Json:
        """Return ``waiting`` updates, ``menus`` by language, and ``queries`` of buttons."""
        return self._call("GET", "telegram/state")

    def _put(self, path: str, body: Json) -> Json | None:
        update: Json | None = self._call("POST", f"telegram/{path}", body)["update"]
        return update
