"""DeepL's library over our own HTTP client, and its errors as ours.

By itself the library sleeps and tries again up to five times, waits ten seconds for each, and
takes proxies from the environment. Over our client there is one attempt with a time-out that fits
what the caller has left, the operator's proxy, and a cap on what is read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import deepl

from stargazer.errors import (
    CredentialsError,
    PayloadError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.http import HttpClient, Response

HOUR = 3600.0
#: Seconds; DeepL's 429 says nothing of how long, and means a moment.
SHORT_PAUSE = 5.0
LONGEST_PAUSE = 60.0


class Transport:
    """Stands in the place of ``deepl.http_client.HttpClient``.

    :param timeout: seconds that the server may be silent.
    """

    def __init__(self, http: HttpClient, timeout: float) -> None:
        self._http = http
        self._timeout = timeout

    def request_with_backoff(
        self, method: str, url: str, *, json: Any, headers: dict[str, str], **_: Any
    ) -> tuple[int, str]:
        """Ask once.

        :raises ThrottledError: for 429.
        :raises TransientError: for 5xx, and without an answer that may have cost something.
        :raises UnknownOutcomeError: without an answer that may have.
        """
        answer = self._send(method, url, json, headers)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            pause = answer.retry_after
            pause = SHORT_PAUSE if pause is None else min(pause, LONGEST_PAUSE)
            raise ThrottledError("DeepL: HTTP 429", pause)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            answer.raise_for_status()
        return answer.status, answer.body.decode(errors="replace")

    def close(self) -> None:
        """Close nothing: the connections are shared."""

    def _send(self, method: str, url: str, json: Any, headers: dict[str, str]) -> Response:
        match method:
            case "GET":
                return self._http.get(url, headers=headers, redirects=False, timeout=self._timeout)
            case "DELETE":
                return self._http.delete(url, headers=headers, timeout=self._timeout)
        return self._http.post(url, json=json, headers=headers, timeout=self._timeout)


def open_client(http: HttpClient, key: str, url: str, timeout: float) -> deepl.DeepLClient:
    """Give a client of the library.

    :param url: empty for the server that the key is for.
    """
    # The library joins paths to it, and would drop the last part without the slash.
    client = deepl.DeepLClient(key, server_url=f"{url}/" if url else None)
    client.close()
    client._client = Transport(http, timeout)  # type: ignore[assignment]  # noqa: SLF001 - it takes no transport by its constructor
    return client


@contextmanager
def our_errors() -> Iterator[None]:
    """Turn the library's errors into ours; what they say may quote texts, so only the status stays.

    :raises PlatformError: for whatever is no answer.
    """
    try:
        yield
    except PlatformError:
        raise
    except PayloadError as exc:
        raise TransientError(f"DeepL: {exc}") from None
    except deepl.AuthorizationException:
        raise CredentialsError("DeepL does not take the key", HOUR) from None
    except deepl.QuotaExceededException:
        raise QuotaError("DeepL's quota is used up", HOUR) from None
    except deepl.DeepLException as exc:
        raise RefusedError(f"DeepL: HTTP {exc.http_status_code}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        # The library reads an answer without looking first.
        raise TransientError("DeepL's answer is not understood") from None
