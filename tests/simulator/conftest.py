import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import requests
from flask import Flask, Response, request
from flask.testing import FlaskClient

from stargazer.simulator import create_app

TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UCstars"


@dataclass(frozen=True)
class Received:
    method: str
    at: float
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A subscriber: confirms what it is asked unless told otherwise, and keeps what it gets.

    A status of None hangs up.
    """

    url: str = ""
    confirms: bool = True
    verification_statuses: list[int] = field(default_factory=list)
    statuses: list[int | None] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    def answer(self) -> Response:
        self.received.append(
            Received(
                request.method,
                time.monotonic(),
                request.args.to_dict(),
                dict(request.headers),
                request.get_data(),
            )
        )
        if request.method == "GET":
            status = self.verification_statuses.pop(0) if self.verification_statuses else 200
            challenge = request.args["hub.challenge"]
            return Response(challenge if self.confirms else f"not {challenge}", status)
        status = self.statuses.pop(0) if self.statuses else 204
        if status is None:
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return Response(status=status, headers={"Location": "/elsewhere"})

    @property
    def verifications(self) -> list[Received]:
        return [one for one in self.received if one.method == "GET"]

    @property
    def pushes(self) -> list[Received]:
        return [one for one in self.received if one.method == "POST"]


@pytest.fixture
def receiver(serve: Callable[[Flask], str]) -> Receiver:
    app = Flask("receiver")
    found = Receiver()
    app.route("/callback/private-path", methods=["GET", "POST"])(found.answer)
    app.route("/elsewhere", methods=["GET", "POST"])(found.answer)
    found.url = f"{serve(app)}/callback/private-path"
    return found


@pytest.fixture
def web() -> FlaskClient:
    return create_app().test_client()


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until a condition holds, within a limit."""

    def wait(condition: Callable[[], object], limit: float = 10.0) -> None:
        deadline = time.monotonic() + limit
        while not condition():
            assert time.monotonic() < deadline, "it did not come to be"
            time.sleep(0.01)

    return wait


@pytest.fixture
def subscribe(simulator, receiver, eventually):
    """Subscribe the receiver and wait until the hub has it."""

    def ask(secret: str | None = "a secret", **form: str) -> None:
        before = len(receiver.verifications)
        fields = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": receiver.url}
        fields |= {"hub.secret": secret} if secret else {}
        fields |= {f"hub.{name}": value for name, value in form.items()}
        assert requests.post(simulator.hub_url, data=fields, timeout=10).status_code == 202
        eventually(lambda: len(receiver.verifications) > before)
        eventually(lambda: any(one.get("verified") for one in simulator.journal(target="hub")))

    return ask
