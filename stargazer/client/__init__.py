"""The Python client of the API.

::

    with Client("https://stargazer.example.org", username="bot", password="…") as client:
        client.login()
        user = client.add_user(im="telegram", im_payload="-1001234567890")

Each method of the API is a method of the client, with the same parameters, and gives what the
API answers. A subscriber's session is another client, made with its ``token``.
"""

import time
from datetime import timedelta
from threading import Lock
from types import TracebackType
from typing import Self, cast

from stargazer.client.methods import LoginResult, Methods
from stargazer.client.transport import TIMEOUT
from stargazer.errors import ApiError, NoAnswerError

__all__ = ["ApiError", "Client", "NoAnswerError"]

#: A login is renewed when so much of its time is over.
_RENEWED_AFTER = 0.9


class Client(Methods):
    """Calls the API; may be shared by threads.

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
        super().__init__(
            base_url,
            username=username,
            password=password,
            token=token,
            timeout=timeout,
            proxy_url=proxy_url,
        )
        self._renewal = Lock()
        self._renew_at = float("inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def login(self, *, username: str | None = None, password: str | None = None) -> LoginResult:
        """Get a token in exchange for a password, and call with it; it is renewed in time.

        :param username: left out, that of the client.
        :param password: left out, that of the client.
        :raises ApiError: with ``wrong_credentials``, ``permission_denied`` (the account may not
            call the API), ``too_many_failures`` or ``credentials_missing`` (there are none).
        """
        if username is not None or password is not None:
            self._username, self._password = username, password
        credentials = {"username": self._username, "password": self._password}
        began = time.monotonic()
        # Not with the token of before, whose time may be over.
        answer = self._send("login", credentials, {})
        result = cast("LoginResult", answer.data)
        # By the server's clock, as ours may be wrong.
        lifetime = result["valid_until"] - answer.time
        # From before it was asked, for hashing takes its time, and that may be long.
        self._renew_at = began + _RENEWED_AFTER * lifetime
        self._token = result["token"]
        return result

    def _prove(self) -> dict[str, str]:
        if time.monotonic() >= self._renew_at:
            with self._renewal:
                # Whoever waited finds it done.
                if time.monotonic() >= self._renew_at:
                    self.login()
        return super()._prove()
