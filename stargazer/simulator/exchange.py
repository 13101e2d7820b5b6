"""One request and its answer: draw a fault, act, write the journal."""

import itertools
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.http import HTTP_STATUS_CODES

from stargazer.simulator.faults import Fault, Faults
from stargazer.simulator.journal import Journal, Target

#: More than anybody wants to read, sent bit by bit.
_HUGE = (b" " * 65_536, 176)
_BODIES: dict[str, Callable[[], Iterable[bytes]]] = {
    "garbage": lambda: [bytes(range(256)) * 4],
    "nothing": lambda: [b""],
    "huge": lambda: itertools.repeat(*_HUGE),
}


@dataclass
class Note:
    """What the journal shall say of one request; filled in while it is answered.

    ``fields`` are the entry's own fields, ``delivered`` is the number of chat messages delivered.
    ``mangle`` tells the one who answers to lose a part of the answer, ``code`` to give that error.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    delivered: int = 0
    mangle: bool = False
    code: int | None = None


@dataclass(frozen=True)
class Exchange:
    """Answers one target's requests, in the platform's own words also when a fault speaks.

    :ivar refuse: makes that platform's error answer out of a status and, if there are any, the
        seconds to wait.
    """

    target: Target
    faults: Faults
    journal: Journal
    refuse: Callable[[int, float | None], Response]

    def answer(self, note: Note, act: Callable[[], Response]) -> Response:
        """Answer the current request.

        :param note: what is known of the request already; ``act`` may add to it.
        :param act: does what was asked and makes the answer; not called when a fault forbids it.
        """
        at = time.time()
        if _is_cut_off():
            # Whoever asks has died in the middle of it: nobody sees such a request.
            return _hang_up()
        fault = self.faults.draw(self.target)
        if fault is None:
            response = act()
            self._record(note, response.status_code, at)
            return response
        return self._fail(fault, note, act, at)

    def _fail(self, fault: Fault, note: Note, act: Callable[[], Response], at: float) -> Response:
        note.mangle, note.code = fault.mangle, fault.code
        note.fields["fault"] = fault.effect
        response = act() if fault.accept else None
        if fault.drop:
            # The journal comes before the pause: a test that waits for the caller to time out
            # must not also have to wait for this thread.
            self._record(note, None, at)
            time.sleep(fault.delay)
            return _hang_up()
        if fault.status is not None:
            self._record(note, fault.status, at)
            time.sleep(fault.delay)
            refusal = self.refuse(fault.status, fault.retry_after)
            if fault.retry_after is not None:
                refusal.headers["Retry-After"] = str(fault.retry_after)
            return refusal
        if fault.body is not None:
            self._record(note, HTTPStatus.OK, at)
            time.sleep(fault.delay)
            return Response(_BODIES[fault.body]())
        if response is not None:
            self._record(note, response.status_code, at)
            time.sleep(fault.delay)
            return response
        time.sleep(fault.delay)
        response = act()
        self._record(note, response.status_code, at)
        return response

    def _record(self, note: Note, status: int | None, at: float) -> None:
        self.journal.record(self.target, status, note.fields, at=at, delivered=note.delivered)


def phrase_of(status: int) -> str:
    """Return what a status is called, also when it is one that no standard knows."""
    return HTTP_STATUS_CODES.get(status, "Unknown Error")


def _is_cut_off() -> bool:
    """Whether less has come than was announced, which gunicorn does not tell by itself."""
    length = request.content_length
    return request.is_json and length is not None and len(request.get_data()) < length


def _hang_up() -> Response:
    """Close the connection under the server, which then fails to write the answer.

    WSGI has no way to end a request without an answer; gunicorn and werkzeug both offer the
    socket. Flask's test client has none and gets an empty 503.
    """
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if connection is not None:
        # The caller may have hung up first, which is as well.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response(status=503)
