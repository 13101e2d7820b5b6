"""Pictures that a chat app cannot or will not fetch itself: fetched by us, to be uploaded.

Whoever writes a post says where its pictures are, and redirects lead anywhere. So they are fetched
from the public Internet only, whatever a name resolves to and wherever a redirect leads.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from stargazer.connections import PublicAdapter
from stargazer.context import Context
from stargazer.errors import PayloadError, PlatformError
from stargazer.http import HttpClient

log = logging.getLogger(__name__)

#: Of all pictures of a message together; of one the HTTP client reads no more than 10 MB.
MOST_BYTES = 20 * 1024 * 1024
#: So many messages of a process may have their pictures in memory at once.
MOST_AT_ONCE = 4
#: Seconds that a server of pictures may be silent.
_SILENCE = 3.0


class Picture(NamedTuple):
    """A picture, as it was fetched.

    :ivar media_type: ``image/jpeg``, ``image/png`` or ``image/webp``.
    """

    content: bytes
    media_type: str

    @property
    def extension(self) -> str:
        """What its file name ends with."""
        return self.media_type.removeprefix("image/")


class Gallery:
    """Fetches pictures for all threads of a process."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self._proxy_url = settings.proxy_url
        self._timeout = settings.http_timeout
        self._may_be_private = settings.private_pictures
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    @contextmanager
    def open(self, deadline: float) -> Iterator[Callable[[Sequence[str]], dict[str, Picture]]]:
        """Give a function that fetches pictures, as long as they are kept in memory.

        It gives those that came in time, by their addresses; none when too many others have some.

        :param deadline: of the clock that never goes back.
        """
        if not self._places.acquire(timeout=max(deadline - time.monotonic(), 0.0)):
            yield lambda _urls: {}
            return
        client = HttpClient(self._timeout, self._proxy_url)
        if not self._may_be_private:
            client.mount("http://", PublicAdapter())
            client.mount("https://", PublicAdapter())
        try:
            yield lambda urls: _fetch_all(client, urls, deadline)
        finally:
            client.close()
            self._places.release()


def _fetch_all(client: HttpClient, urls: Sequence[str], deadline: float) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    size = 0
    for url in dict.fromkeys(urls):
        # Reading a whole answer may take three times as long as its server may be silent.
        silence = min(_SILENCE, (deadline - time.monotonic()) / 3)
        if silence <= 0:
            break
        try:
            picture = _fetch(client, url, silence)
        except (PlatformError, PayloadError) as exc:
            log.info("picture_not_fetched", extra={"error": str(exc)})
            continue
        size += len(picture.content)
        if size > MOST_BYTES:
            break
        found[url] = picture
    return found


def _fetch(client: HttpClient, url: str, silence: float) -> Picture:
    if not url.startswith(("http://", "https://")):
        raise PayloadError("no address of the web")
    answer = client.get(url, headers={"Accept": "image/*"}, timeout=silence)
    answer.raise_for_status()
    media_type = find_media_type(answer.body)
    if media_type is None:
        raise PayloadError("no JPEG, PNG or WebP")
    return Picture(answer.body, media_type)


def find_media_type(content: bytes) -> str | None:
    """Tell what a picture is by how it begins, which servers know less well; None: none of ours."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return None
