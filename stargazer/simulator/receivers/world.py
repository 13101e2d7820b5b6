"""Receivers of signed requests: what each checks, and what it got before."""

import hashlib
import hmac
import threading
import time
from collections import defaultdict
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from stargazer.simulator.limits import Window

TOLERANCE = 300
#: What Apprise's ``json://`` sends.
_NOTIFICATION = {"version": str, "title": str, "message": str, "type": str, "attachments": list}


class Receiver(BaseModel):
    """A receiver, and what is unusual about it.

    :ivar per_second: how many requests it takes; None: as many as come.
    :ivar status: with which it answers to everything; None: by what it thinks of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str = "a secret of this receiver"  # noqa: S105 - of nobody
    per_second: float | None = None
    status: int | None = None


class ReceiversWorld:
    """State that every thread may read and change; what it hands out is frozen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._receivers: dict[str, Receiver] = {}
        self._windows: defaultdict[str, Window] = defaultdict(Window)
        self._seen: set[tuple[str, str]] = set()

    def find(self, name: str) -> Receiver:
        """Find a receiver; one that nobody has spoken of is usual."""
        return self._receivers.get(name, _USUAL)

    def save(self, name: str, receiver: Receiver) -> None:
        """Say what is unusual about a receiver from now on."""
        with self._lock:
            self._receivers[name] = receiver

    def pace(self, name: str, receiver: Receiver) -> float:
        """Count a request; seconds that it comes too early."""
        if receiver.per_second is None:
            return 0.0
        now = time.monotonic()
        with self._lock:
            wait = self._windows[name].wait(now, receiver.per_second, 1)
            if wait == 0:
                self._windows[name].add(now)
            return wait

    def take(self, name: str, key: str) -> bool:
        """Take what has this id; False when it was taken before."""
        with self._lock:
            is_new = (name, key) not in self._seen
            self._seen.add((name, key))
            return is_new


def is_signed(receiver: Receiver, timestamp: str, signature: str, body: bytes) -> bool:
    """Tell whether a request comes from who knows the secret, and was not kept for long."""
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    signed = timestamp.encode() + b"." + body
    expected = hmac.new(receiver.secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", signature)


def is_notification(body: object) -> bool:
    """Tell whether a body is what Apprise's ``json://`` sends, and says something.

    Source: https://github.com/caronc/apprise/wiki/Notify_Custom_JSON
    """
    return (
        isinstance(body, Mapping)
        and all(isinstance(body.get(name), form) for name, form in _NOTIFICATION.items())
        and bool(body["message"])
    )


_USUAL = Receiver()
