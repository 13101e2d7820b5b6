"""What was said to the Telegram bot, and what follows."""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stargazer import chats
from stargazer.addresses import telegram as address
from stargazer.commands import Asker, Reply, answer, needs_admin
from stargazer.commands.parsing import parse
from stargazer.context import Context
from stargazer.errors import GoneError, MovedError, PlatformError, RefusedError
from stargazer.models import Push
from stargazer.telegram import Bot
from stargazer.telegram.speaking import Place, Speaker
from stargazer.telegram.updates import (
    IM,
    CallbackQuery,
    Chat,
    MemberChange,
    Message,
    Person,
    Update,
    read_update,
)

log = logging.getLogger(__name__)

_ADMINS = {"creator", "administrator"}
#: Whoever is made an admin waits a minute, and whoever is one no more may still change something.
_ADMIN_SPAN = 60
_NAME_SPAN = 3600
_OUT = {True: "the bot was blocked by the user", False: "the bot was removed from the chat"}


def answer_update(context: Context, push: Push) -> None:
    """Do what an update asks for, and answer it.

    An answer that does not arrive is given up: what was asked for is done, and asked again it would
    be answered that it was done before.

    :raises PayloadError: when it is none.
    :raises PlatformError: when Telegram does not tell what has to be known first; nothing is done.
    """
    update = read_update(push.body)
    Listener(context).hear(update, datetime.now(UTC))


class Listener:
    """Hears what happens around the bot."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._bot = Bot(context)
        self._speaker = Speaker(context, self._bot)

    def hear(self, update: Update, now: datetime) -> None:
        """Do what follows from an update."""
        if update.my_chat_member is not None:
            self._change_member(update.my_chat_member, now)
        elif update.callback_query is not None:
            self._answer_button(update.callback_query, now)
        elif update.message is not None:
            self._hear_message(update.message, now)

    def _hear_message(self, message: Message, now: datetime) -> None:
        chat = message.chat
        if message.migrate_to_chat_id is not None:
            self._move(str(chat.id), str(message.migrate_to_chat_id))
        elif message.migrate_from_chat_id is not None:
            self._move(str(message.migrate_from_chat_id), str(chat.id))
        elif message.text is not None and (chat.is_group or chat.type == "private"):
            self._answer_message(message, message.text, now)

    def _answer_message(self, message: Message, text: str, now: datetime) -> None:
        sender = message.sender
        is_anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat.id
        if sender is None or (sender.is_bot and not is_anonymous):
            return
        said = self._read_address(message, text)
        if said is None:
            return
        text, is_addressed = said
        asker = self._introduce(
            message, sender, text, is_anonymous=is_anonymous, is_addressed=is_addressed
        )
        reply = answer(self._context, asker, text, now)
        if reply is None:
            return
        answers = message.message_id if message.chat.is_group else None
        place = Place(str(message.chat.id), message.thread, answers)
        if not reply.is_private:
            self._say(place, reply)
        elif self._say_privately(asker, reply):
            if reply.beside:
                self._say(place, reply.beside)
        elif reply.otherwise is not None:
            self._say(place, reply.otherwise)

    def _answer_button(self, query: CallbackQuery, now: datetime) -> None:
        message = query.message
        if message is None or not query.data:
            self._speaker.end_spinning(query.id)
            return
        asker = self._introduce(message, query.sender, query.data)
        reply = answer(self._context, asker, query.data, now)
        if reply is None or reply.is_refusal:
            self._speaker.end_spinning(query.id, reply.text if reply else "")
            return
        if reply.is_private:
            shown = reply.beside if self._say_privately(asker, reply) else reply.otherwise
            self._speaker.end_spinning(query.id, shown.text if shown else "")
            return
        self._speaker.end_spinning(query.id)
        # One without a date is too old for the bot to touch.
        chat = str(message.chat.id)
        if not (message.date and self._edit(chat, message.message_id, reply)):
            self._say(Place(chat, message.thread), reply)

    def _say(self, place: Place, reply: Reply) -> None:
        try:
            try:
                self._speaker.say(place, reply)
            except MovedError as exc:
                self._move(place.chat, exc.address)
                self._speaker.say(Place(exc.address, place.thread), reply)
        except PlatformError as exc:
            log.warning("answer_given_up", extra={"error": exc.reason})

    def _edit(self, chat: str, message: int, reply: Reply) -> bool:
        """Say it in place of a message; False where it has to be said anew."""
        try:
            self._speaker.edit(chat, message, reply)
        except PlatformError as exc:
            log.info("edit_refused", extra={"error": exc.reason})
            return False
        return True

    def _say_privately(self, asker: Asker, reply: Reply) -> bool:
        """Say something to a person alone; False where the bot may not write to them."""
        if asker.private_address is None:
            return False
        try:
            self._speaker.say(Place(asker.private_address), reply)
        except PlatformError as exc:
            log.info("private_answer_refused", extra={"error": exc.reason})
            return False
        return True

    def _introduce(
        self,
        message: Message,
        sender: Person,
        text: str,
        *,
        is_anonymous: bool = False,
        is_addressed: bool = True,
    ) -> Asker:
        chat = message.chat
        is_admin = True
        if chat.is_group and not is_anonymous:
            is_admin = needs_admin(text) and self._is_admin(chat, sender)
        return Asker(
            im=IM,
            # A topic of a forum is a chat of its own.
            address=address.join(str(chat.id), message.thread),
            name=chat.name,
            # Who hides behind the group cannot be written to.
            private_address=None if is_anonymous else str(sender.id),
            is_group=chat.is_group,
            is_admin=is_admin,
            is_addressed=is_addressed,
            language=sender.language_code,
            start_url=f"https://t.me/{self._get_username()}?start=group" if chat.is_group else None,
        )

    def _is_admin(self, chat: Chat, person: Person) -> bool:
        redis, key = self._context.redis, f"stargazer:telegram:admin:{chat.id}:{person.id}"
        kept = redis.get(key)
        if kept is not None:
            return bool(int(kept))
        asked = {"chat_id": chat.id, "user_id": person.id}
        try:
            member = self._bot.call("getChatMember", asked, repeatable=True)
        except (GoneError, RefusedError) as exc:
            log.info("member_unknown", extra={"error": exc.reason})
            return False
        is_admin = isinstance(member, Mapping) and member.get("status") in _ADMINS
        redis.set(key, int(is_admin), ex=_ADMIN_SPAN)
        return is_admin

    def _read_address(self, message: Message, text: str) -> tuple[str, bool] | None:
        """Tell what was said and whether to us; None: it was said to others."""
        if not message.chat.is_group:
            return text, True
        replied = message.reply_to_message
        is_reply = bool(replied and replied.sender and str(replied.sender.id) == self._bot.id)
        if "@" not in text:
            return text, is_reply
        name = self._get_username()
        command = parse(text)
        if command is not None and command.bot:
            return (text, True) if command.bot == name.casefold() else None
        rest = re.sub(rf"(?<!\w)@{re.escape(name)}(?!\w)", " ", text, flags=re.IGNORECASE)
        return rest, is_reply or rest != text

    def _get_username(self) -> str:
        redis, key = self._context.redis, f"stargazer:telegram:name:{self._bot.id}"
        kept = redis.get(key)
        if kept is not None:
            return kept.decode() if isinstance(kept, bytes) else kept
        me: Any = self._bot.call("getMe", {}, repeatable=True)
        name = str(me.get("username", "")) if isinstance(me, Mapping) else ""
        redis.set(key, name, ex=_NAME_SPAN)
        return name

    def _change_member(self, change: MemberChange, now: datetime) -> None:
        for user in self._store.users.list_by_chat(IM, str(change.chat.id)):
            if change.is_out:
                reason = _OUT[change.chat.type == "private"]
                if change.new_chat_member.status == "restricted":
                    reason = "the bot may not write in this chat"
                self._store.users.pause(user.id, reason, now)
                log.info("chat_left", extra={"user": user.id})
            else:
                chats.welcome_back(self._store, user, now)

    def _move(self, before: str, after: str) -> None:
        users = self._store.users
        for user in users.list_by_chat(IM, before):
            new = address.move(user.im_payload, after)
            if users.find_by_address(IM, new) is not None:
                log.warning("chat_moved_to_another", extra={"user": user.id})
                continue
            users.move(user.id, new)
            log.info("chat_moved", extra={"user": user.id})
