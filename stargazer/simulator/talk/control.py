"""The URLs by which tests say what people do in their chats."""

import time
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, request
from pydantic import Field

from stargazer.simulator.bodies import Body
from stargazer.simulator.bots import Bot
from stargazer.simulator.methods import show_bot, show_chat
from stargazer.simulator.simulation import Simulation

Json = dict[str, Any]


class Person(Body):
    """Who does something, in which chat.

    :ivar user_id: in a private chat, that chat's number.
    """

    chat_id: int
    user_id: int | None = None
    first_name: str = "Aki"
    username: str | None = None
    language_code: str | None = None

    def show(self) -> Json:
        """Show the person as Telegram does."""
        key = self.user_id or (self.chat_id if self.chat_id > 0 else 7)
        shown = {"id": key, "is_bot": False, "first_name": self.first_name}
        optional = {"username": self.username, "language_code": self.language_code}
        return shown | {name: value for name, value in optional.items() if value is not None}


class SayBody(Person):
    """What somebody types.

    :ivar is_reply: whether it answers a message of the bot's.
    :ivar as_chat: whether an anonymous admin says it, in the group's own name.
    :ivar is_post: whether it is a post in a channel.
    :ivar thread_id: the topic that it is said in.
    """

    text: str
    is_reply: bool = False
    as_chat: bool = False
    is_post: bool = False
    thread_id: int | None = None


class PressBody(Person):
    """Which button somebody presses.

    :ivar label: what stands on it.
    """

    message_id: int
    label: str


class MemberBody(Person):
    """What becomes of the bot in a chat: ``kicked``, ``left``, ``member``, ``administrator``."""

    status: str = Field(pattern="^(kicked|left|member|administrator|restricted)$")


class MigrateBody(Body):
    """A group that becomes a supergroup."""

    chat_id: int
    to: int


class RawBody(Body):
    """Any update.

    :ivar kind: the name of its only field beside its id.
    """

    kind: str
    content: Any


class Talk:
    """One method per control URL; each returns what is sent as JSON."""

    def __init__(self, simulation: Simulation) -> None:
        self._bots = simulation.bots

    def say(self) -> Json:
        """Say something in a chat."""
        body = _read(SayBody)
        message = self._start_message(body.chat_id) | {"text": body.text}
        if body.is_post:
            chat = show_chat(body.chat_id) | {"type": "channel"}
            return self._put("channel_post", message | {"chat": chat, "sender_chat": chat})
        message["from"] = body.show()
        if body.as_chat:
            anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
            message |= {"from": anonymous, "sender_chat": show_chat(body.chat_id)}
        if body.text.startswith("/"):
            length = len(body.text.split()[0].encode("utf-16-le")) // 2
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if body.is_reply:
            own = self._start_message(body.chat_id) | {"from": show_bot(self._bot)}
            message["reply_to_message"] = own | {"text": "What the bot said."}
        if body.thread_id is not None:
            message |= {"message_thread_id": body.thread_id, "is_topic_message": True}
        return self._put("message", message)

    def press(self) -> Json:
        """Press a button under a message of the bot's."""
        body = _read(PressBody)
        message = self._bots.phones.find_message(body.chat_id, body.message_id)
        rows = (message or {}).get("reply_markup", {}).get("inline_keyboard", [])
        found = [each for row in rows for each in row if each["text"] == body.label]
        if not found or "callback_data" not in found[0]:
            abort(HTTPStatus.NOT_FOUND, f"there is no such button: {body.label}")
        query = {
            "id": self._bots.phones.ask(),
            "from": body.show(),
            "message": self._start_message(body.chat_id)
            | {"from": show_bot(self._bot)}
            | (message or {}),
            "chat_instance": str(body.chat_id),
            "data": found[0]["callback_data"],
        }
        return self._put("callback_query", query)

    def set_member(self) -> Json:
        """Block the bot, throw it out, or let it in again."""
        body = _read(MemberBody)
        is_out = body.status in ("kicked", "left")
        state = self._bots.find_chat(body.chat_id)
        self._bots.set_chat(body.chat_id, state.model_copy(update={"blocked": is_out}))
        bot = show_bot(self._bot)
        before = "member" if is_out else "kicked"
        change = {
            "chat": show_chat(body.chat_id),
            "from": body.show(),
            "date": int(time.time()),
            "old_chat_member": _show_member(bot, before),
            "new_chat_member": _show_member(bot, body.status),
        }
        return self._put("my_chat_member", change)

    def migrate(self) -> Json:
        """Let a group become a supergroup."""
        body = _read(MigrateBody)
        state = self._bots.find_chat(body.chat_id)
        self._bots.set_chat(body.chat_id, state.model_copy(update={"migrated_to": body.to}))
        sender = Person(chat_id=body.chat_id).show()
        old = self._start_message(body.chat_id) | {"from": sender, "migrate_to_chat_id": body.to}
        new = self._start_message(body.to) | {"from": sender, "migrate_from_chat_id": body.chat_id}
        self._put("message", old)
        return self._put("message", new)

    def put_raw(self) -> Json:
        """Let the bot have any update."""
        body = _read(RawBody)
        return self._put(body.kind, body.content)

    def list_messages(self, chat_id: int) -> Json:
        """Tell what is to be seen in a chat."""
        return {"messages": self._bots.phones.list_messages(chat_id)}

    def get_state(self) -> Json:
        """Tell what waits, the menus, and the buttons that were pressed."""
        return {
            "waiting": self._bot.mailbox.list_waiting(),
            "menus": self._bots.phones.menus,
            "queries": self._bots.phones.list_queries(),
        }

    @property
    def _bot(self) -> Bot:
        return self._bots.get_first()

    def _start_message(self, chat_id: int) -> Json:
        number = self._bots.phones.number(chat_id)
        return {"message_id": number, "date": int(time.time()), "chat": show_chat(chat_id)}

    def _put(self, kind: str, content: Any) -> Json:
        mailbox = self._bot.mailbox
        update = mailbox.put(kind, content)
        if update is not None:
            self._bots.postman.bring(mailbox, update)
        return {"update": update}


def make_blueprint(simulation: Simulation) -> Blueprint:
    """Return the control URLs."""
    blueprint = Blueprint("talk", __name__, url_prefix="/control/telegram")
    talk = Talk(simulation)
    blueprint.post("/say")(talk.say)
    blueprint.post("/press")(talk.press)
    blueprint.post("/member")(talk.set_member)
    blueprint.post("/migrate")(talk.migrate)
    blueprint.post("/raw")(talk.put_raw)
    blueprint.get("/chats/<int(signed=True):chat_id>/messages")(talk.list_messages)
    blueprint.get("/state")(talk.get_state)
    return blueprint


def _read(model: Any) -> Any:
    return model.model_validate_json(request.get_data() or b"{}")


def _show_member(bot: Json, status: str) -> Json:
    dates = {"until_date": 0} if status in ("kicked", "restricted") else {}
    return {"user": bot, "status": status, **dates}
