"""A call of the Bot API: its parameters, and the words in which Telegram refuses them."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from stargazer.simulator.bots import Bot, Bots
from stargazer.simulator.exchange import Note
from stargazer.simulator.limits import Limits
from stargazer.simulator.markup import MarkupError, parse_html, utf16_length
from stargazer.simulator.photos import find_fault

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
ALBUM_SIZES = range(2, 11)
FILE_ID_PREFIX = "simulated-file-"
# By the meaning of this name no photo can be fetched from such a host.
UNREACHABLE = ".invalid"
_NUMBER = re.compile(r"-?\d{1,19}")
_MODES = {"html", "markdown", "markdownv2"}


class RefusedError(Exception):
    """A call is refused, with this status and description.

    :ivar parameters: what Telegram adds for programs to read.
    :ivar limit: the documented limit which the call broke, if that is why.
    """

    def __init__(
        self,
        status: HTTPStatus,
        description: str,
        parameters: dict[str, int] | None = None,
        limit: str | None = None,
    ) -> None:
        super().__init__(status, description, parameters, limit)
        self.status = status
        self.description = description
        self.parameters = parameters
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method, by a bot that is known.

    :ivar params: as they came; from a query or a form they are all strings.
    :ivar files: uploads by the name of their field.
    :ivar note: what the journal will say of the call.
    """

    bot: Bot
    bots: Bots
    limits: Limits
    params: Mapping[str, Any]
    files: Mapping[str, Any]
    note: Note

    def read_chat(self) -> int:
        """Return the chat's id.

        :raises RefusedError: when there is no such chat, or the bot may not write there.
        """
        chat_id = parse_chat_id(self.params.get("chat_id"))
        state = self.bots.find_chat(chat_id)
        if state.missing:
            raise bad_request("chat not found")
        if state.migrated_to is not None:
            description = "group chat was upgraded to a supergroup chat"
            raise bad_request(description, {"migrate_to_chat_id": state.migrated_to})
        if state.not_started:
            description = "Forbidden: bot can't initiate conversation with a user"
            raise RefusedError(HTTPStatus.FORBIDDEN, description)
        if state.blocked:
            who = "kicked from the group chat" if chat_id < 0 else "blocked by the user"
            raise RefusedError(HTTPStatus.FORBIDDEN, f"Forbidden: bot was {who}")
        return chat_id

    def read_topic(self, chat_id: int) -> int | None:
        """Return the id of the topic, or None for the general one.

        :raises RefusedError: when the chat has no such topic.
        """
        given = self.params.get("message_thread_id")
        if given is None:
            return None
        topics = self.bots.find_chat(chat_id).topics
        if not _NUMBER.fullmatch(str(given)) or int(given) not in topics:
            raise bad_request("message thread not found")
        return int(given)

    def read_message_id(self, purpose: str) -> int:
        """Return the id of a message which the bot sent to that chat.

        :param purpose: what is to be done with it, for the refusal.
        """
        given = str(self.params.get("message_id", ""))
        message_id = int(given) if _NUMBER.fullmatch(given) else 0
        if not self.bot.has_message(self.read_chat(), message_id):
            raise bad_request(f"message to {purpose} not found")
        return message_id

    def read_text(self) -> str:
        """Return the text of the message without its markup."""
        text = _read_markup(self.params, "text")
        if not text.strip():
            raise bad_request("message text is empty")
        if utf16_length(text) > LONGEST_TEXT:
            raise bad_request("message is too long", limit="text_length")
        return text

    def read_photo(self, photo: Any, field: str, chat_id: int) -> str:
        """Return the file id of a photo, which is an upload, an address, or such an id.

        :param field: the name of the upload, if it is one.
        """
        state = self.bots.find_chat(chat_id)
        if state.photos_forbidden:
            raise bad_request("not enough rights to send photos to the chat")
        if field in self.files:
            content = self.files[field].read()
            if fault := find_fault(content):
                raise bad_request(fault.description, limit=fault.limit)
            return FILE_ID_PREFIX + _checksum(content)
        if state.photo_refused:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if not isinstance(photo, str) or not photo:
            raise bad_request("there is no photo in the request")
        if photo.startswith(FILE_ID_PREFIX):
            return photo
        host = _host_of(photo)
        if not host:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if host.endswith(UNREACHABLE) or photo in state.refused_photos:
            raise bad_request("failed to get HTTP URL content")
        return FILE_ID_PREFIX + _checksum(photo.encode(errors="replace"))

    def read_media(self) -> list[dict[str, Any]]:
        """Return the items of an album."""
        media = self.params.get("media")
        if isinstance(media, str):
            try:
                media = json.loads(media)
            except ValueError:
                raise bad_request("can't parse media: expected an array") from None
        if not isinstance(media, list) or not all(isinstance(item, dict) for item in media):
            raise bad_request("can't parse media: expected an array of objects")
        if len(media) not in ALBUM_SIZES:
            raise bad_request("media group must include 2-10 items", limit="album_size")
        return media


def bad_request(
    description: str, parameters: dict[str, int] | None = None, limit: str | None = None
) -> RefusedError:
    """Make the refusal of something that is wrong with the request itself."""
    description = f"Bad Request: {description}"
    return RefusedError(HTTPStatus.BAD_REQUEST, description, parameters, limit)


def parse_chat_id(given: Any) -> int:
    """Return the number of a chat; a public name gets one that stays the same.

    :raises RefusedError: when it is neither a number nor a name.
    """
    if given is None or given == "":
        raise bad_request("chat_id is empty")
    text = str(given)
    if text.startswith("@"):
        return -1_000_000_000_000 - zlib.crc32(text.encode(errors="replace"))
    if isinstance(given, bool) or not _NUMBER.fullmatch(text) or int(text) == 0:
        raise bad_request("chat not found")
    return int(text)


def read_caption(params: Mapping[str, Any]) -> str:
    """Return a caption without its markup; empty when there is none."""
    caption = _read_markup(params, "caption")
    if utf16_length(caption) > LONGEST_CAPTION:
        raise bad_request("message caption is too long", limit="caption_length")
    return caption


def _read_markup(params: Mapping[str, Any], name: str) -> str:
    text = params.get(name, "")
    mode = str(params.get("parse_mode") or "")
    if not isinstance(text, str):
        raise bad_request(f"can't parse {name}: expected a string")
    if not mode:
        return text
    if mode.lower() not in _MODES:
        raise bad_request("unsupported parse_mode")
    if mode.lower() != "html":
        return text
    try:
        return parse_html(text)
    except MarkupError as exc:
        raise bad_request(f"can't parse entities: {exc}") from exc


def _host_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in {"http", "https"} else ""


def _checksum(content: bytes) -> str:
    return f"{zlib.crc32(content):08x}"
