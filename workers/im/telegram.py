"""The chat app ``telegram``: a bot writes to private chats, groups and channels.

``im_payload`` is the chat's id, negative for groups and channels, or ``@name`` of a channel.

Source: https://core.telegram.org/bots/api
"""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import MediaRefusedError
from stargazer.models import User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message
from stargazer.rendering.forms.telegram import (
    MOST_CAPTION,
    measure_message,
    to_html,
    to_unmarked_text,
)
from stargazer.telegram import Bot, UnparsableError
from workers.im.delivering import deliver

log = logging.getLogger(__name__)


class Telegram:
    """Sends by one bot, at the pace that Telegram allows a bot, a chat and a group."""

    im: ClassVar[str] = "telegram"

    def __init__(self, context: Context) -> None:
        self._bot = Bot(context)

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limits of the bot, of the group if it is one, and of the chat."""
        return self._bot.get_limits(user.im_payload)

    def send(
        self,
        user: User,
        message: Message,
        key: str,  # noqa: ARG002 - Telegram has no such key
    ) -> tuple[str, ...]:
        """Send one message: with its picture, without it where it is refused, or as plain text.

        :returns: Telegram's ``message_id``.
        """
        chat = {"chat_id": user.im_payload}
        html = to_html(message)
        try:
            # What counts is the text without its tags.
            if message.picture and measure_message(message) <= MOST_CAPTION:
                photo = {"photo": message.picture, "caption": html, "parse_mode": "HTML"}
                try:
                    return self._call("sendPhoto", {**chat, **photo})
                except MediaRefusedError as exc:
                    log.info("picture_refused", extra={"user": user.id, "error": exc.reason})
            return self._call("sendMessage", {**chat, "text": html, "parse_mode": "HTML"})
        except UnparsableError as exc:
            log.error("html_refused", extra={"user": user.id, "error": exc.reason})
            return self._call("sendMessage", {**chat, "text": to_unmarked_text(message)})

    def _call(self, method: str, parameters: dict[str, Any]) -> tuple[str, ...]:
        result = self._bot.call(method, parameters)
        # Whatever its answer lacks, Telegram has taken the message: no error may repeat it.
        number = result.get("message_id") if isinstance(result, dict) else None
        return () if number is None else (str(number),)


@app.task(name="telegram.deliver", bind=True)
def deliver_to_telegram(self: StargazerTask, event: str, users: list[str]) -> None:
    """Send an Event to these Users on Telegram."""
    deliver(self.context, Telegram, event, users)
