"""How the client calls: what it proves itself with, the envelope, and errors."""

import base64
from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from stargazer.errors import ApiError, NoAnswerError, PlatformError, UnknownOutcomeError
from stargazer.http import HttpClient, Response

T = TypeVar("T")

TIMEOUT = timedelta(seconds=10)


class Envelope(BaseModel):
    """Every answer of the API.

    :ivar time: the server's, in UNIX seconds.
    """

    model_config = ConfigDict(frozen=True)

    success: bool
    time: int
    data: Any


class _Problem(BaseModel):
    """The data of an error: the reason phrase and the explanations, and the code."""

    model_config = ConfigDict(frozen=True)

    error: tuple[str, ...]
    code: str


class Transport:
    """Calls methods by their name; may be shared by threads.

    :param base_url: where the API is, such as ``https://stargazer.example.org``.
    :param username: of an account, together with ``password``.
    :param token: of a session or of a login, in place of a password.
    :param timeout: how long the server may be silent.
    :param proxy_url: an HTTP or SOCKS proxy; the environment's are not read.
    :raises ValueError: for half of a password's credentials, or for two kinds of them.
    """

    def __init__(
        self,
        base_url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        token: str | None = None,
        timeout: timedelta = TIMEOUT,
        proxy_url: str = "",
    ) -> None:
        if (username is None) != (password is None):
            raise ValueError("expected both `username` and `password`, or neither")
        if username is not None and token is not None:
            raise ValueError("expected either a password or a token")
        self._base_url = base_url.rstrip("/")
        self._username = username
        self._password = password
        self._token = token
        self._http = HttpClient(timeout, proxy_url)

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Call a method by any of its names, such as one that this version does not know.

        :param params: JSON; what is None is left out.
        :raises ApiError: when the API answers with an error.
        :raises NoAnswerError: when it does not answer.
        """
        return self._send(method, params or {}, self._prove()).data

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    # What is answered is named for the type checker alone.
    def _ask(self, method: str, answer: type[T], params: Mapping[str, Any]) -> T:  # noqa: ARG002
        return cast("T", self.call(method, params))

    def _iterate(
        self,
        method: str,
        member: str,
        item: type[T],  # noqa: ARG002
        params: Mapping[str, Any],
    ) -> Iterator[T]:
        cursor = None
        while True:
            page = self.call(method, {**params, "cursor": cursor})
            yield from cast("list[T]", page[member])
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _prove(self) -> dict[str, str]:
        """Give the header that says who calls."""
        if self._token is not None:
            return {"Authorization": f"Bearer {self._token}"}
        if self._username is None:
            return {}
        pair = f"{self._username}:{self._password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def _send(self, method: str, params: Mapping[str, Any], headers: dict[str, str]) -> Envelope:
        body = {name: value for name, value in params.items() if value is not None}
        try:
            response = self._http.post(f"{self._base_url}/v1/{method}", json=body, headers=headers)
        except PlatformError as exc:
            raise NoAnswerError(exc.reason, isinstance(exc, UnknownOutcomeError)) from None
        return _open(response)


def _open(response: Response) -> Envelope:
    try:
        envelope = Envelope.model_validate_json(response.body)
        if envelope.success and response.is_success:
            return envelope
        problem = _Problem.model_validate(envelope.data)
    except ValidationError:
        # A proxy in between speaks for itself.
        phrase = _name_status(response.status)
        said = f"HTTP {response.status} {phrase}, and no answer of this API"
        raise ApiError(
            "unexpected_answer", response.status, (said,), response.retry_after
        ) from None
    raise ApiError(problem.code, response.status, problem.error[1:], response.retry_after)


def _name_status(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "of no meaning"
