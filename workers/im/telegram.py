"""The chat app ``telegram``: a bot writes to private chats, groups and channels.

``im_payload`` is the chat's id, negative for groups and channels, or ``@name`` of a channel.

Source: https://core.telegram.org/bots/api
"""

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar, NoReturn

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import (
    GoneError,
    MediaRefusedError,
    MovedError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.http import Response
from stargazer.models import User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message
from stargazer.rendering.forms.telegram import (
    MOST_CAPTION,
    measure_message,
    to_html,
    to_unmarked_text,
)
from workers.im.delivering import deliver

log = logging.getLogger(__name__)

_TOKEN_PAUSE = 60.0
_DEFAULT_PAUSE = 5.0
_LONGEST_PAUSE = 86_400.0
_GONE = (
    "chat not found",
    "peer_id_invalid",
    "group is deactivated",
    "group chat was deactivated",
    "not enough rights",
    "have no rights",
    "user not found",
)
_MEDIA_REFUSED = (
    "wrong file identifier",
    "failed to get http url content",
    "wrong type of the web page content",
    "webpage_",
    "photo_",
    "image_process_failed",
)
_UNPARSABLE = "can't parse entities"


class _UnparsableError(RefusedError):
    """Telegram does not understand our HTML: the same goes out as plain text."""


class Telegram:
    """Sends by one bot, at the pace that Telegram allows a bot, a chat and a group."""

    im: ClassVar[str] = "telegram"

    def __init__(self, context: Context) -> None:
        self._http = context.http
        settings = context.settings
        self._token = settings.telegram_token.get_secret_value()
        self._base_url = settings.telegram_api_url
        self._bot_limit = Limit.per("telegram", settings.telegram_rate, 1)
        self._chat_rate = settings.telegram_chat_rate
        self._group_rate = settings.telegram_group_rate

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limits of the bot, of the group if it is one, and of the chat."""
        key = f"telegram:{user.im_payload}"
        chat = Limit.per(f"{key}:second", self._chat_rate, 1)
        if user.im_payload.startswith(("-", "@")):
            return (self._bot_limit, Limit.per(f"{key}:minute", self._group_rate, 60), chat)
        return (self._bot_limit, chat)

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
        except _UnparsableError as exc:
            log.error("html_refused", extra={"user": user.id, "error": exc.reason})
            return self._call("sendMessage", {**chat, "text": to_unmarked_text(message)})

    def _call(self, method: str, parameters: dict[str, Any]) -> tuple[str, ...]:
        if not self._token:
            raise ThrottledError("no Telegram token is configured", _TOKEN_PAUSE)
        answer = self._http.post(f"{self._base_url}/bot{self._token}/{method}", json=parameters)
        body = _read(answer)
        if body.get("ok") is True:
            # Whatever its answer lacks, Telegram has taken the message: no error may repeat it.
            result = body.get("result")
            number = result.get("message_id") if isinstance(result, dict) else None
            return () if number is None else (str(number),)
        return _raise_error(answer.status, body)


def _read(answer: Response) -> dict[str, Any]:
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    if answer.is_success:
        # Half an answer, of what is said only of a message that was taken.
        raise UnknownOutcomeError("an answer that cannot be read")
    # A gateway's page instead of an answer: Telegram itself has not seen the message.
    raise TransientError(f"HTTP {answer.status} without a readable answer")


def _raise_error(status: int, body: dict[str, Any]) -> NoReturn:
    description = str(body.get("description", f"HTTP {status}"))[:300]
    given = body.get("parameters")
    parameters = given if isinstance(given, dict) else {}
    lowered = description.lower()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ThrottledError(description, _read_pause(parameters.get("retry_after")))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TransientError(description)
    if "migrate_to_chat_id" in parameters:
        raise MovedError(description, str(parameters["migrate_to_chat_id"]))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
        # Not the chat's fault: nothing is given up until somebody mends the token.
        log.error("telegram_token_refused", extra={"error": description})
        raise ThrottledError("the Telegram token is not accepted", _TOKEN_PAUSE)
    if any(phrase in lowered for phrase in _MEDIA_REFUSED):
        raise MediaRefusedError(description)
    if status == HTTPStatus.FORBIDDEN or any(phrase in lowered for phrase in _GONE):
        raise GoneError(description)
    if _UNPARSABLE in lowered:
        raise _UnparsableError(description)
    raise RefusedError(description)


def _read_pause(seconds: object) -> float:
    if isinstance(seconds, int | float) and seconds > 0:
        return float(min(seconds, _LONGEST_PAUSE))
    return _DEFAULT_PAUSE


@app.task(name="telegram.deliver", bind=True)
def deliver_to_telegram(self: StargazerTask, event: str, users: list[str]) -> None:
    """Send an Event to these Users on Telegram."""
    deliver(self.context, Telegram, event, users)
