"""The one HTTP client: always a time-out, our errors, a cap on what is read."""

import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from stargazer import __version__
from stargazer.connections import Adapter
from stargazer.errors import (
    PayloadError,
    PlatformError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)

MAX_BODY = 10 * 1024 * 1024
CONNECT_TIMEOUT = 5.0
POOL_SIZE = 64
USER_AGENT = f"Stargazer/{__version__}"
DEFAULT_RETRY_AFTER = 60.0
MOST_REDIRECTS = 5
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_REDIRECTS = {301, 302, 303, 307, 308}
_FOR_GOOD = {301, 308}
#: What asks for longer is asked again after a day.
LONGEST_RETRY_AFTER = 86_400.0


@dataclass(frozen=True)
class Response:
    """An answer, read whole.

    :ivar body: at most 10 MB, decompressed.
    :ivar url: where it came from, after redirects; it may hold a secret.
    :ivar home: where to ask from now on: what was asked for, after the redirects that are for good.
    """

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes
    url: str = ""
    home: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def raise_for_status(self) -> None:
        """Turn every status but 2xx into the error that says how to react.

        :raises ThrottledError: for 429, and for 503 that names a pause.
        :raises TransientError: for every other 5xx.
        :raises PlatformError: for the rest.
        """
        if self.is_success:
            return
        reason = f"HTTP {self.status}"
        pause = self.retry_after
        if self.status == HTTPStatus.TOO_MANY_REQUESTS or (
            self.status == HTTPStatus.SERVICE_UNAVAILABLE and pause is not None
        ):
            raise ThrottledError(reason, DEFAULT_RETRY_AFTER if pause is None else pause)
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TransientError(reason)
        raise PlatformError(reason)

    @property
    def retry_after(self) -> float | None:
        """Seconds that ``Retry-After`` asks to wait, a day at most; None for nonsense."""
        value = self.headers.get("Retry-After", "").strip()
        # Whole seconds, says the standard; some give parts of them.
        if _SECONDS.fullmatch(value):
            return min(float(value), LONGEST_RETRY_AFTER)
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(0.0, (at - datetime.now(UTC)).total_seconds()), LONGEST_RETRY_AFTER)


class HttpClient:
    """A pool of connections, shared by the threads of a process.

    :param timeout: how long the server may be silent; a whole answer may take three times that.
    :param proxy_url: for everything; the environment's proxy variables are not read.
    """

    def __init__(self, timeout: timedelta, proxy_url: str = "") -> None:
        self._timeout = timeout.total_seconds()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = USER_AGENT
        if proxy_url:
            self._session.proxies = {"http": proxy_url, "https": proxy_url}
        retry = Retry(total=None, connect=2, read=0, status=0, redirect=0, other=0)
        adapter = Adapter(POOL_SIZE, POOL_SIZE, max_retries=retry, pool_block=True)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._get_blank = lru_cache(maxsize=256)(self._make_blank)

    def get(
        self,
        url: str,
        *,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        redirects: bool = True,
        timeout: float | None = None,
    ) -> Response:
        """Fetch; with ``etag`` or ``last_modified`` the answer may be 304 without a body.

        :param redirects: follow them; not with a secret in ``headers``, which would go along.
        :param timeout: seconds that the server may be silent, in place of the client's own.
        :raises TransientError: without an answer.
        :raises PayloadError: when the answer is above 10 MB.
        """
        conditions = {
            name: value
            for name, value in (("If-None-Match", etag), ("If-Modified-Since", last_modified))
            if value
        }
        # The library would read what comes along with a redirect whole, however long it is.
        ask = partial(
            self._session.get, headers={**(headers or {}), **conditions}, allow_redirects=False
        )
        home = url
        for _ in range(MOST_REDIRECTS):
            answer = self._send(partial(ask, url, params=params), repeatable=True, timeout=timeout)
            target = answer.headers.get("Location") if answer.status in _REDIRECTS else None
            if not (redirects and target):
                return replace(answer, url=url, home=home)
            is_for_good = answer.status in _FOR_GOOD and home == url
            url, params = urljoin(url, target), None
            home = url if is_for_good else home
        raise PlatformError("redirects without end")

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        form: dict[str, str] | bytes | None = None,
        headers: dict[str, str] | None = None,
        repeatable: bool = False,
        timeout: float | None = None,
    ) -> Response:
        """Send a body.

        :param form: fields; or bytes, which go out as they are, with a type among ``headers``.
        :param repeatable: whether doing it twice is harmless.
        :raises TransientError: when it was not done, or may be repeated.
        :raises UnknownOutcomeError: when it may have been done and must not be repeated.
        """
        ask = partial(self._post, url, json, form, headers or {})
        return self._send(ask, repeatable=repeatable, timeout=timeout)

    def delete(
        self, url: str, *, headers: dict[str, str] | None = None, timeout: float | None = None
    ) -> Response:
        """Have something removed, which may be repeated.

        :raises TransientError: without an answer.
        """
        ask = partial(self._session.delete, url, headers=headers or {}, allow_redirects=False)
        return self._send(ask, repeatable=True, timeout=timeout)

    def mount(self, prefix: str, adapter: requests.adapters.BaseAdapter) -> None:
        """Let another way be taken to addresses that begin so."""
        self._session.mount(prefix, adapter)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def _post(
        self,
        url: str,
        json: Any,
        form: dict[str, str] | bytes | None,
        headers: dict[str, str],
        **options: Any,
    ) -> requests.Response:
        """Post without what a session does anew for each request: nearly half of a small one's.

        Neither cookies nor redirects are wanted here, and a chat app's URLs are few.
        """
        request = self._get_blank(url).copy()
        request.headers.update(headers)
        request.prepare_body(form, None, json)
        adapter = self._session.get_adapter(url)
        return adapter.send(request, proxies=self._session.proxies, **options)

    def _make_blank(self, url: str) -> requests.PreparedRequest:
        return self._session.prepare_request(requests.Request("POST", url))

    def _send(
        self,
        ask: Callable[..., requests.Response],
        *,
        repeatable: bool,
        timeout: float | None = None,
    ) -> Response:
        silence = timeout or self._timeout
        deadline = time.monotonic() + 3 * silence
        try:
            answer = ask(timeout=(min(CONNECT_TIMEOUT, silence), silence), stream=True)
            with answer:
                body = _read(answer.raw, deadline)
        # What the library says holds the URL, and a URL may hold a token.
        except requests.exceptions.ConnectTimeout:
            raise TransientError("no connection in time") from None
        except requests.exceptions.Timeout:
            raise _silent("no answer in time", repeatable=repeatable) from None
        except (requests.exceptions.ConnectionError, HTTPError) as exc:
            if _never_connected(exc):
                raise TransientError("no connection") from None
            raise _silent("the connection broke", repeatable=repeatable) from None
        except PayloadError as exc:
            if repeatable:
                raise
            # However long the answer is, what was asked may have been done.
            raise UnknownOutcomeError(str(exc)) from None
        except requests.exceptions.RequestException as exc:
            raise PlatformError(f"cannot ask: {type(exc).__name__}") from None
        except ValueError:
            # The library looks where a redirect leads, though it is not to follow it.
            raise PlatformError("a redirect to nowhere") from None
        return Response(answer.status_code, answer.headers, body)


def _silent(reason: str, *, repeatable: bool) -> PlatformError:
    return TransientError(reason) if repeatable else UnknownOutcomeError(reason)


def _never_connected(exc: Exception) -> bool:
    cause = exc.args[0] if exc.args else None
    if isinstance(cause, urllib3.exceptions.MaxRetryError):
        cause = cause.reason
    if isinstance(cause, urllib3.exceptions.SSLError):
        # A certificate is looked at before anything is said.
        return isinstance(cause.args[0], ssl.SSLCertVerificationError)
    # A proxy that does not get through is not a proxy's answer, which would be a status.
    return isinstance(cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ProxyError)


def _read(raw: urllib3.HTTPResponse, deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := raw.read1(MAX_BODY, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY:
            raise PayloadError(f"an answer above {MAX_BODY} bytes")
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout
    return b"".join(chunks)
