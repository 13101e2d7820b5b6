"""Whether what we need answers: asked for all who want to know, at most once a second."""

import time
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

#: So long an answer is as good as a new one, unless somebody has met an outage since.
KEPT_FOR = 1.0


class Health(NamedTuple):
    """Which of the things that we need answer."""

    database: bool
    broker: bool


class Pulse:
    """The Health of a moment ago.

    :param ask: finds out, which may take a second or two when something is away.
    """

    def __init__(self, ask: Callable[[], Health]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._kept: tuple[Health, float] | None = None

    def get(self) -> Health:
        """Give the Health; those who come while it is asked for wait for the same answer."""
        if (health := self._find()) is not None:
            return health
        with self._lock:
            if (health := self._find()) is None:
                health = self._ask()
                self._kept = health, time.monotonic() + KEPT_FOR
            return health

    def forget(self) -> None:
        """Ask anew next time, as somebody has met an outage."""
        self._kept = None

    def _find(self) -> Health | None:
        kept = self._kept
        return kept[0] if kept and time.monotonic() < kept[1] else None
