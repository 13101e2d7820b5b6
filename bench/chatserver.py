"""A Telegram that does nothing but say yes: as little work for each message as Python can do.

Run it as ``python -m bench.chatserver PORT``. It keeps what it gets until ``GET /take`` asks for
it.
"""

import asyncio
import gc
import json
import sys
import time
import urllib.request
from collections import Counter
from typing import Any, NamedTuple

_BODY = b'{"ok":true,"result":{"message_id":1}}'
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_ANSWER = _HEAD % (len(_BODY), _BODY)
_END = b"\r\n\r\n"


class Taken(NamedTuple):
    """What came since it was asked last.

    :ivar first_at: UNIX seconds, as is ``last_at``; 0 when nothing came.
    :ivar chats: how many messages each chat got.
    :ivar example: the path and JSON body of one message; empty when nothing came.
    """

    first_at: float
    last_at: float
    chats: Counter[str]
    example: tuple[str, dict[str, Any]]

    @property
    def span(self) -> float:
        """Seconds from the first to the last."""
        return self.last_at - self.first_at


def count(port: int) -> int:
    """Ask how many messages came since they were taken last."""
    return int(_ask(port, "count"))


def take(port: int) -> Taken:
    """Ask for what came, and have it forgotten."""
    first_at, last_at, chats, example = json.loads(_ask(port, "take"))
    return Taken(first_at, last_at, Counter(chats), tuple(example))


def is_up(port: int) -> bool:
    """Tell whether it answers."""
    try:
        count(port)
    except OSError:
        return False
    return True


def _ask(port: int, what: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{what}", timeout=10) as answer:
        body: bytes = answer.read()
    return body


class _Connection(asyncio.Protocol):
    """Answers each request as soon as the last byte of its body is there."""

    messages: list[tuple[float, bytes, bytes]] = []  # noqa: RUF012 - one list for all of them

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        while (end := buffer.find(_END)) >= 0:
            head, start = buffer[:end], end + len(_END)
            if head.startswith(b"GET /"):
                self._report(head)
                buffer = buffer[start:]
                continue
            at = head.lower().index(b"content-length:") + 15
            stop = start + int(head[at:].split(b"\r\n", 1)[0])
            if len(buffer) < stop:
                break
            self.messages.append((time.time(), head, buffer[start:stop]))
            self._transport.write(_ANSWER)
            buffer = buffer[stop:]
        self._buffer = buffer

    def _report(self, head: bytes) -> None:
        messages = self.messages
        if head.startswith(b"GET /count"):
            body = b"%d" % len(messages)
        else:
            bodies = [json.loads(body) for _, _, body in messages]
            body = json.dumps(
                (
                    messages[0][0] if messages else 0,
                    messages[-1][0] if messages else 0,
                    Counter(str(each["chat_id"]) for each in bodies),
                    (messages[0][1].split()[1].decode(), bodies[0]) if messages else (),
                )
            ).encode()
            messages.clear()
        self._transport.write(_HEAD % (len(body), body))


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    # Nothing here goes in circles, and a pause would be taken for the sender's.
    gc.disable()
    asyncio.run(_serve(int(sys.argv[1])))
