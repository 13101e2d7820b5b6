"""Pictures on Telegram: by their addresses first, uploaded where it does not get them itself.

::

    by address ──refused──▶ what was refused is uploaded ──refused──▶ all are ──refused──▶ as text
                                     │
                                     └─ not to be fetched, or refused by its number: left out

Source: https://core.telegram.org/bots/api#sending-files
"""

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from stargazer.context import Context
from stargazer.errors import MediaRefusedError
from stargazer.pictures import Gallery, Picture
from stargazer.rendering import Message
from stargazer.rendering.forms.telegram import MOST_CAPTION, measure_message
from stargazer.telegram.bot import Bot, MediaForbiddenError

log = logging.getLogger(__name__)

MOST_PICTURES = 10
#: Seconds after which no picture is worth the wait.
_PATIENCE = 12.0
_NUMBERED = re.compile(r"failed to send message #(\d{1,2})\b", re.IGNORECASE)

_Fetch = Callable[[Sequence[str]], dict[str, Picture]]


def list_pictures(message: Message) -> tuple[str, ...]:
    """Name the pictures that go along; none where the text is too long to stand below them."""
    pictures = message.pictures or tuple(filter(None, [message.video_preview]))
    # What counts is the text without its tags.
    return pictures[:MOST_PICTURES] if measure_message(message) <= MOST_CAPTION else ()


class PictureSender:
    """Sends pictures with a caption, for all threads of a process."""

    def __init__(self, context: Context, bot: Bot) -> None:
        self._bot = bot
        self._gallery = Gallery(context)

    def send(
        self,
        target: Mapping[str, Any],
        pictures: Sequence[str],
        caption: Mapping[str, Any],
        *,
        is_sensitive: bool,
    ) -> Any:
        """Send as many of them as Telegram takes.

        :param target: what all methods that send take.
        :param caption: ``caption`` and what belongs to it.
        :param is_sensitive: whether they are hidden until somebody wants to see them.
        :returns: Telegram's ``result``.
        :raises MediaRefusedError: when it takes none.
        """
        album = _Album(self._bot, {**target}, {**caption}, is_sensitive=is_sensitive)
        deadline = time.monotonic() + _PATIENCE
        try:
            return album.send(pictures, {})
        except MediaForbiddenError:
            raise
        except MediaRefusedError as exc:
            log.info("pictures_refused", extra={"error": exc.reason, "pictures": len(pictures)})
            refused = exc
        with self._gallery.open(deadline) as fetch:
            return _send_uploads(album, list(pictures), refused, fetch)


def _send_uploads(
    album: "_Album", pictures: list[str], refused: MediaRefusedError, fetch: _Fetch
) -> Any:
    uploads: dict[str, Picture] = {}
    while True:
        named = _find_named(refused, pictures)
        if named in uploads:
            # Neither by its address nor as it is.
            pictures.remove(named)
        else:
            missing = [each for each in pictures if each not in uploads]
            wanted = missing if named is None or uploads else [named]
            if not wanted:
                raise refused
            uploads |= fetch(wanted)
            pictures = [each for each in pictures if each in uploads or each not in wanted]
        if not pictures:
            raise refused
        try:
            return album.send(pictures, uploads)
        except MediaRefusedError as exc:
            refused = exc


def _find_named(refused: MediaRefusedError, pictures: Sequence[str]) -> str | None:
    """Give the picture that Telegram names as the one to blame."""
    if len(pictures) == 1:
        return pictures[0]
    found = _NUMBERED.search(refused.reason)
    place = int(found[1]) if found else 0
    return pictures[place - 1] if 1 <= place <= len(pictures) else None


class _Album:
    """One message with pictures, to be tried with some or others of them."""

    def __init__(
        self, bot: Bot, target: dict[str, Any], caption: dict[str, Any], *, is_sensitive: bool
    ) -> None:
        self._bot = bot
        self._target = target
        self._caption = caption
        self._spoiler = {"has_spoiler": True} if is_sensitive else {}

    def send(self, pictures: Sequence[str], uploads: Mapping[str, Picture]) -> Any:
        """Send these, as an album where they are several."""
        if len(pictures) == 1:
            url = pictures[0]
            photo = {} if url in uploads else {"photo": url}
            files = {"photo": uploads[url]} if url in uploads else {}
            parameters = {**self._target, **photo, **self._caption, **self._spoiler}
            return self._bot.call("sendPhoto", parameters, files=files)
        files = {
            f"photo{place}": uploads[url] for place, url in enumerate(pictures) if url in uploads
        }
        media: list[dict[str, Any]] = [
            {
                "type": "photo",
                "media": f"attach://photo{place}" if url in uploads else url,
                **self._spoiler,
            }
            for place, url in enumerate(pictures)
        ]
        media[0] |= self._caption
        return self._bot.call("sendMediaGroup", {**self._target, "media": media}, files=files)
