"""The chat app ``telegram``: a bot writes to private chats, groups, channels and their topics.

``im_payload`` is the chat's id, negative for groups and channels, or ``@name`` of a channel; a
topic's id stands behind it, as in ``-1001234567890/42``.

Source: https://core.telegram.org/bots/api
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from stargazer.addresses import telegram as address
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import MediaRefusedError, MovedError, RefusedError
from stargazer.models import User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message
from stargazer.rendering.forms.telegram import (
    MOST_CAPTION,
    MOST_TEXT,
    to_html,
    to_unmarked_text,
)
from stargazer.telegram.bot import Bot, TopicGoneError, UnparsableError
from workers.im.delivering import deliver
from workers.im.telegram_pictures import PictureSender, list_pictures

log = logging.getLogger(__name__)

_NOT_MODIFIED = "message is not modified"
#: A photo has a caption and no text, a text has no caption.
_WRONG_PART = ("there is no text in the message", "there is no caption in the message")


class Telegram:
    """Sends by one bot, at the pace that Telegram allows a bot, a chat and a group."""

    im: ClassVar[str] = "telegram"

    def __init__(self, context: Context) -> None:
        self._bot = Bot(context)
        self._pictures = PictureSender(context, self._bot)

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limits of the bot, of a group, and of the chat with all of its topics."""
        return self._bot.get_limits(address.split(user.im_payload).chat)

    def count_messages(self, user: User, message: Message) -> int:  # noqa: ARG002 - all chats alike
        """Count the pictures of an album, each of which is a message."""
        return max(len(list_pictures(message)), 1)

    def send(
        self,
        user: User,
        message: Message,
        key: str,  # noqa: ARG002 - Telegram has no such key
    ) -> tuple[str, ...]:
        """Send one message: with its pictures, without those that are refused, or as plain text.

        What is for a topic that is not there any more goes to the chat's general one.

        :returns: Telegram's ``message_id`` of it, or of each picture.
        """
        chat, topic = address.split(user.im_payload)
        general: dict[str, Any] = {"chat_id": chat}
        if message.is_silent:
            general["disable_notification"] = True
        try:
            if topic is not None:
                try:
                    return self._send(user, message, {**general, "message_thread_id": topic})
                except TopicGoneError as exc:
                    log.warning("topic_gone", extra={"user": user.id, "error": exc.reason})
            return self._send(user, message, general)
        except MovedError as exc:
            moved = address.move(user.im_payload, exc.address)
            raise MovedError(exc.reason, moved) from exc

    def edit(self, user: User, message: Message, message_ids: Sequence[str]) -> tuple[str, ...]:
        """Change the text of a message, or the caption of its first picture."""
        of = {"chat_id": address.split(user.im_payload).chat, "message_id": int(message_ids[0])}
        parts = [self._edit_text, self._edit_caption]
        if list_pictures(message):
            # The message before it will have had one as well.
            parts.reverse()
        first, second = parts
        try:
            try:
                first(of, message)
            except RefusedError as exc:
                if not any(phrase in exc.reason.lower() for phrase in _WRONG_PART):
                    raise
                second(of, message)
        except RefusedError as exc:
            if _NOT_MODIFIED not in exc.reason.lower():
                raise
        return tuple(message_ids)

    def _send(self, user: User, message: Message, target: Mapping[str, Any]) -> tuple[str, ...]:
        pictures = list_pictures(message)
        try:
            if pictures:
                caption = {"caption": to_html(message), "parse_mode": "HTML"}
                hidden = message.is_sensitive
                try:
                    return _read_ids(
                        self._pictures.send(target, pictures, caption, is_sensitive=hidden)
                    )
                except MediaRefusedError as exc:
                    log.info("picture_refused", extra={"user": user.id, "error": exc.reason})
            text: dict[str, Any] = {"text": to_html(message), "parse_mode": "HTML"}
            if message.picture and not pictures and not message.is_sensitive:
                # Too long to stand below it: so it stands above, as the preview of a link.
                preview = {"url": message.picture, "prefer_large_media": True}
                text["link_preview_options"] = {**preview, "show_above_text": True}
            return _read_ids(self._bot.call("sendMessage", {**target, **text}))
        except UnparsableError as exc:
            log.error("html_refused", extra={"user": user.id, "error": exc.reason})
            text = {"text": to_unmarked_text(message)}
            return _read_ids(self._bot.call("sendMessage", {**target, **text}))

    def _edit_text(self, of: Mapping[str, Any], message: Message) -> None:
        self._edit("editMessageText", of, "text", message, MOST_TEXT)

    def _edit_caption(self, of: Mapping[str, Any], message: Message) -> None:
        self._edit("editMessageCaption", of, "caption", message, MOST_CAPTION)

    def _edit(
        self, method: str, of: Mapping[str, Any], part: str, message: Message, limit: int
    ) -> None:
        html = {part: to_html(message, limit), "parse_mode": "HTML"}
        try:
            self._bot.call(method, {**of, **html}, repeatable=True)
        except UnparsableError as exc:
            log.error("html_refused", extra={"error": exc.reason})
            text = {part: to_unmarked_text(message, limit)}
            self._bot.call(method, {**of, **text}, repeatable=True)


def _read_ids(result: Any) -> tuple[str, ...]:
    # Whatever its answer lacks, Telegram has taken the message: no error may repeat it.
    messages = result if isinstance(result, list) else [result]
    numbers = (each.get("message_id") for each in messages if isinstance(each, dict))
    return tuple(str(number) for number in numbers if number is not None)


@app.task(name="telegram.deliver", bind=True)
def deliver_to_telegram(self: StargazerTask, event: str, users: list[str]) -> None:
    """Send an Event to these Users on Telegram."""
    deliver(self.context, Telegram, event, users)
