"""Telegram's Bot API: one call, what its errors mean, and the pace that it allows.

Source: https://core.telegram.org/bots/api
"""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn

from urllib3 import encode_multipart_formdata

from stargazer.context import Context
from stargazer.errors import (
    GoneError,
    MediaRefusedError,
    MovedError,
    PlatformError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.http import Response
from stargazer.pictures import Picture
from stargazer.ratelimit import Limit

log = logging.getLogger(__name__)

_TOKEN_PAUSE = 60.0
_CONFLICT_PAUSE = 10.0
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
    "chat_write_forbidden",
    "topic_closed",
)
_MEDIA_FORBIDDEN = (
    "not enough rights to send photos",
    "not enough rights to send media",
    "chat_send_photos_forbidden",
    "chat_send_media_forbidden",
)
_MEDIA_REFUSED = (
    "wrong file identifier",
    "wrong remote file",
    "failed to get http url content",
    "wrong type of the web page content",
    "webpage_",
    "photo_",
    "image_process_failed",
    "file is too big",
    "type of file mismatch",
    "group send failed",
)
_TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
_UNPARSABLE = "can't parse entities"


class UnparsableError(RefusedError):
    """Telegram does not understand our HTML: the same goes out as plain text."""


class MediaForbiddenError(MediaRefusedError):
    """No picture may be sent to the chat, so that uploading it is of no use."""


class TopicGoneError(RefusedError):
    """The chat has no such topic: the same goes to its general one."""


#: What its words mean; the first that fits.
_BY_PHRASE: tuple[tuple[tuple[str, ...], type[PlatformError]], ...] = (
    (_MEDIA_FORBIDDEN, MediaForbiddenError),
    (_MEDIA_REFUSED, MediaRefusedError),
    (_TOPIC_GONE, TopicGoneError),
    (_GONE, GoneError),
    ((_UNPARSABLE,), UnparsableError),
)


class Bot:
    """One bot: calls by its token, and the pace that Telegram allows it, a chat and a group.

    :ivar id: its number, which is no secret; empty without a token.
    """

    def __init__(self, context: Context) -> None:
        self._http = context.http
        settings = context.settings
        self._token = settings.telegram_token.get_secret_value()
        self.id = self._token.partition(":")[0]
        self._base_url = settings.telegram_api_url
        self._bot_limit = Limit.per("telegram", settings.telegram_rate, 1)
        self._chat_rate = settings.telegram_chat_rate
        self._group_rate = settings.telegram_group_rate

    def get_limits(self, chat: str) -> Sequence[Limit]:
        """Name the limits of the bot, of the group if it is one, and of the chat.

        :param chat: its id, negative for groups and channels, or ``@name`` of a channel.
        """
        key = f"telegram:{chat}"
        limit = Limit.per(f"{key}:second", self._chat_rate, 1)
        if chat.startswith(("-", "@")):
            return (self._bot_limit, Limit.per(f"{key}:minute", self._group_rate, 60), limit)
        return (self._bot_limit, limit)

    def call(
        self,
        method: str,
        parameters: dict[str, Any],
        *,
        files: Mapping[str, Picture] | None = None,
        repeatable: bool = False,
        timeout: float | None = None,
    ) -> Any:
        """Call a method.

        :param files: what is uploaded, by the name under which the parameters speak of it.
        :param repeatable: whether doing it twice is harmless.
        :param timeout: seconds that Telegram may be silent, in place of the client's own.
        :returns: its ``result``; None where the answer lacks it.
        :raises PlatformError: the one that says how to react.
        """
        if not self._token:
            raise ThrottledError("no Telegram token is configured", _TOKEN_PAUSE)
        url = f"{self._base_url}/bot{self._token}/{method}"
        if files:
            form, media_type = encode_multipart_formdata(_write_form(parameters, files))
            answer = self._http.post(
                url,
                form=form,
                headers={"Content-Type": media_type},
                repeatable=repeatable,
                timeout=timeout,
            )
            if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                raise MediaRefusedError("the upload is too large")
        else:
            answer = self._http.post(url, json=parameters, repeatable=repeatable, timeout=timeout)
        body = _read(answer)
        if body.get("ok") is True:
            return body.get("result")
        return _raise_error(answer.status, body)


def _write_form(
    parameters: Mapping[str, Any], files: Mapping[str, Picture]
) -> dict[str, str | tuple[str, bytes, str]]:
    """Give the fields of a form: a string as it is, anything else as JSON."""
    fields: dict[str, str | tuple[str, bytes, str]] = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }
    for name, picture in files.items():
        fields[name] = (f"{name}.{picture.extension}", picture.content, picture.media_type)
    return fields


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
    if status == HTTPStatus.CONFLICT:
        # Somebody else hears what is said to this bot, or a webhook is set.
        raise ThrottledError(description, _CONFLICT_PAUSE)
    _raise_by_phrase(status, description)


def _raise_by_phrase(status: int, description: str) -> NoReturn:
    lowered = description.lower()
    for phrases, error in _BY_PHRASE:
        if any(phrase in lowered for phrase in phrases):
            raise error(description)
    raise (GoneError if status == HTTPStatus.FORBIDDEN else RefusedError)(description)


def _read_pause(seconds: object) -> float:
    if isinstance(seconds, int | float) and seconds > 0:
        return float(min(seconds, _LONGEST_PAUSE))
    return _DEFAULT_PAUSE
