"""Answers into Telegram's chats, at the same pace as all that is sent there."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from stargazer import ratelimit
from stargazer.commands import Button, Reply
from stargazer.context import Context
from stargazer.errors import PlatformError, RefusedError, ThrottledError, TransientError
from stargazer.rendering.fitting import count_units, cut_text
from stargazer.rendering.forms.telegram import MOST_TEXT
from stargazer.telegram.bot import Bot, TopicGoneError

log = logging.getLogger(__name__)

#: Whoever has to wait longer for an answer has gone away.
_PATIENCE = 40.0
_MOST_ATTEMPTS = 5
_FIRST_PAUSE = 0.5
_NOT_MODIFIED = "message is not modified"

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where an answer goes to.

    :ivar chat: the chat's id.
    :ivar thread: the topic there; None: none.
    :ivar answers: the message that is answered; None: the answer stands for itself.
    """

    chat: str
    thread: int | None = None
    answers: int | None = None

    def to_parameters(self) -> dict[str, Any]:
        """Give it as a method's parameters."""
        parameters: dict[str, Any] = {"chat_id": self.chat}
        if self.thread is not None:
            parameters["message_thread_id"] = self.thread
        if self.answers is not None:
            # The question may have been deleted meanwhile.
            reply = {"message_id": self.answers, "allow_sending_without_reply": True}
            parameters["reply_parameters"] = reply
        return parameters


class Speaker:
    """Says what is to be said, and tries again for as long as somebody waits for it.

    Each method raises the :class:`~stargazer.errors.PlatformError` that it ends with.
    """

    def __init__(self, context: Context, bot: Bot) -> None:
        self._redis = context.redis
        self._bot = bot

    def say(self, place: Place, reply: Reply) -> None:
        """Send a new message."""
        try:
            self._send(place, reply)
        except TopicGoneError:
            self._send(replace(place, thread=None), reply)

    def _send(self, place: Place, reply: Reply) -> None:
        parameters = {**place.to_parameters(), **_write(reply)}
        self._pace(place.chat, lambda: self._bot.call("sendMessage", parameters))

    def edit(self, chat: str, message: int, reply: Reply) -> None:
        """Say it in place of what a message said; it may be the same."""
        parameters = {"chat_id": chat, "message_id": message, **_write(reply)}
        try:
            self._pace(chat, lambda: self._bot.call("editMessageText", parameters, repeatable=True))
        except RefusedError as exc:
            if _NOT_MODIFIED not in exc.reason.lower():
                raise

    def end_spinning(self, query: str, text: str = "") -> None:
        """Tell Telegram that a button's work is done; one that was pressed long ago is no matter.

        :param text: shown for a moment to who pressed it, 200 characters at most.
        """
        shown = {"text": text[:200], "show_alert": True} if text else {}
        with suppress(PlatformError):
            self._retry(
                lambda: self._bot.call(
                    "answerCallbackQuery", {"callback_query_id": query, **shown}, repeatable=True
                ),
                time.monotonic() + _PATIENCE / 4,
            )

    def _pace(self, chat: str, call: Callable[[], T]) -> T:
        deadline = time.monotonic() + _PATIENCE
        limits = self._bot.get_limits(chat)

        def act() -> T:
            [wait] = ratelimit.reserve(self._redis, [limits], deadline - time.monotonic())
            if time.monotonic() + wait > deadline:
                # Nothing was reserved.
                raise ThrottledError("too much is said in this chat", wait)
            time.sleep(wait)
            try:
                return call()
            except ThrottledError as exc:
                ratelimit.block(self._redis, limits[-1].key, exc.retry_after)
                raise

        return self._retry(act, deadline)

    def _retry(self, call: Callable[[], T], deadline: float) -> T:
        pause = _FIRST_PAUSE
        for _ in range(_MOST_ATTEMPTS - 1):
            try:
                return call()
            except (ThrottledError, TransientError) as exc:
                wait = exc.retry_after if isinstance(exc, ThrottledError) else pause
                if time.monotonic() + wait > deadline:
                    raise
                log.info("answer_delayed", extra={"error": exc.reason, "for": wait})
                time.sleep(wait)
                pause *= 2
        return call()


def _write(reply: Reply) -> dict[str, Any]:
    """Give a reply as a method's parameters."""
    shown = [button for button in reply.buttons if not button.url or _is_public(button.url)]
    hidden = [button for button in reply.buttons if button not in shown]
    text = reply._replace(buttons=hidden).to_plain()
    parameters: dict[str, Any] = {
        "text": cut_text(text, MOST_TEXT, count_units),
        # A preview would have Telegram open the link.
        "link_preview_options": {"is_disabled": True},
    }
    if shown:
        parameters["reply_markup"] = {"inline_keyboard": _arrange(shown)}
    return parameters


def _arrange(buttons: Sequence[Button]) -> list[list[dict[str, str]]]:
    return [
        [
            {"text": button.label, "url": button.url}
            if button.url
            else {"text": button.label, "callback_data": button.command}
        ]
        for button in buttons
    ]


def _is_public(url: str) -> bool:
    """Tell whether Telegram takes this for an address; one of this machine it does not."""
    host = urlsplit(url).hostname or ""
    return "." in host and not host.replace(".", "").isdigit()
