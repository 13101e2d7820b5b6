"""What the chat apps of the simulator got, read while it happens."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bench.audiences import Audience
from bench.verdict import AMBIGUOUS, Arrivals, Attempt
from stargazer.simulator.client import Simulator

_LOOK_EVERY = 0.5


class Journal:
    """Reads what the chat apps got while it happens, and has it forgotten there.

    :param url: where the simulator is.
    :ivar faults: by chat app, how often it went wrong in which way.
    """

    def __init__(self, url: str, audiences: Iterable[Audience]) -> None:
        # A client of its own, for it reads in a thread of its own.
        self._simulator = Simulator(url)
        self._audiences = {each.im: each for each in audiences}
        self._last = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.arrivals = {im: Arrivals() for im in self._audiences}
        self.faults = {im: Counter[str]() for im in self._audiences}

    @property
    def taken(self) -> int:
        """How many messages the chats have got by now."""
        return sum(arrivals.taken for arrivals in self.arrivals.values())

    @contextmanager
    def follow(self) -> Iterator[None]:
        """Read on until the block is left, and then what is left."""
        self._thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            self._thread.join()
            self.read()
            self._simulator.close()

    def read(self) -> None:
        """Read what is new."""
        for entry in self._simulator.journal(self._last):
            self._take(entry)
            self._last = entry["seq"]
        self._simulator.clear_journal(until=self._last)

    def _run(self) -> None:
        while not self._is_over.wait(_LOOK_EVERY):
            self.read()

    def _take(self, entry: Mapping[str, Any]) -> None:
        audience = self._audiences.get(entry["target"])
        if audience is None:
            return
        fault = entry.get("fault")
        if fault is not None:
            self.faults[audience.im][fault] += 1
        found = audience.read_entry(entry)
        if found is None:
            return
        self.arrivals[audience.im].add(
            Attempt(
                *found,
                number=entry["seq"],
                at=entry["at"],
                is_taken=bool(entry["delivered"]),
                is_open=fault in AMBIGUOUS,
            )
        )
