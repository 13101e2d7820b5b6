"""An HTTP client that costs little: one thread, plain sockets, the same request again and again."""

import json
import re
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

WITHIN = 30.0
_AT_ONCE = 1 << 20
_END = b"\r\n\r\n"
#: Where it stands in `HTTP/1.1 200 OK`.
_STATUS = slice(9, 12)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Request(NamedTuple):
    """A call, ready to be sent.

    :ivar raw: head and body.
    """

    port: int
    raw: bytes


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Outcome(NamedTuple):
    """What came of calling for a while.

    :ivar answers: how many were right.
    :ivar late: how many said that something did not answer in time.
    :ivar wrong: how many were neither.
    """

    answers: int
    late: int
    wrong: int
    seconds: float


def make_request(
    port: int, name: str, params: Mapping[str, Any], authorization: str | None = None
) -> Request:
    """Write the request that calls a method."""
    body = json.dumps(params).encode()
    lines = [
        f"POST /v1/{name} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    if authorization is not None:
        lines.append(f"Authorization: {authorization}")
    return Request(port, "\r\n".join(lines).encode() + _END + body)


def call_once(request: Request) -> Answer:
    """Call, and give the answer."""
    line = _Line(request)
    try:
        while (answer := line.receive()) is None:
            pass
    finally:
        line.socket.close()
    return answer


def call_often(
    request: Request,
    seconds: float,
    connections: int,
    is_right: Callable[[Answer], bool],
    is_late: Callable[[Answer], bool],
) -> Outcome:
    """Call on some connections, each again as soon as it has its answer.

    :param is_right: tells whether an answer is what it should be.
    :param is_late: tells whether one that is not says that something did not answer in time.
    :raises OSError: when a connection is closed or nothing comes for long.
    """
    answers = late = wrong = 0
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        began = time.perf_counter()
        for _ in range(connections):
            line = _Line(request)
            stack.callback(line.socket.close)
            selector.register(line.socket, selectors.EVENT_READ, line)
        while selector.get_map():
            ready = selector.select(WITHIN)
            if not ready:
                raise TimeoutError("no answer comes")
            for key, _ in ready:
                if (answer := key.data.receive()) is None:
                    continue
                if is_right(answer):
                    answers += 1
                elif is_late(answer):
                    late += 1
                else:
                    wrong += 1
                if time.perf_counter() - began < seconds:
                    key.data.send()
                else:
                    selector.unregister(key.fileobj)
        return Outcome(answers, late, wrong, time.perf_counter() - began)


class _Line:
    """A connection on which one call is under way."""

    def __init__(self, request: Request) -> None:
        self.socket = socket.create_connection(("127.0.0.1", request.port), WITHIN)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._raw = request.raw
        self._received = bytearray()
        self._head = self._length = 0
        self.send()

    def send(self) -> None:
        """Call again."""
        self.socket.sendall(self._raw)

    def receive(self) -> Answer | None:
        """Take what has come; None when that is not all yet."""
        part = self.socket.recv(_AT_ONCE)
        if not part:
            raise ConnectionError("the server has hung up")
        self._received += part
        if not self._length:
            self._read_head()
        if not self._length or len(self._received) < self._length:
            return None
        status = int(self._received[_STATUS])
        answer = Answer(status, bytes(self._received[self._head :]))
        self._received.clear()
        self._head = self._length = 0
        return answer

    def _read_head(self) -> None:
        end = self._received.find(_END)
        if end < 0:
            return
        found = _LENGTH.search(self._received, 0, end + len(_END))
        if found is None:
            raise ConnectionError("an answer does not say how long it is")
        self._head = end + len(_END)
        self._length = self._head + int(found[1])
