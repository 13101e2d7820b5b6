"""Many feeds at once, and yet their servers gently.

Of one server only a few feeds are asked at the same time. One that does not answer, or that asks
for a pause, is not asked for its other feeds either. Who is slow holds up nobody: what has not
answered in time counts as failed, and what the others said goes its way.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Lock
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from stargazer.errors import PayloadError, PlatformError, ThrottledError, TransientError

T = TypeVar("T")

AT_ONCE = 32
PER_HOST = 2
#: So many silences in a row are enough for one batch.
_ENOUGH_SILENCES = 2


class _Host(Generic[T]):
    """The feeds of one server that are to be asked."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.waiting: deque[tuple[UUID, Callable[[], T]]] = deque()
        self.refusal: PlatformError | None = None
        self._silences = 0

    def take(self) -> tuple[UUID, Callable[[], T]] | None:
        """Take the next one in hand."""
        with self.lock:
            return self.waiting.popleft() if self.waiting else None

    def note(self, error: Exception | None) -> None:
        """Note how one ended."""
        with self.lock:
            self._silences = self._silences + 1 if isinstance(error, TransientError) else 0
            is_silent = self._silences >= _ENOUGH_SILENCES
            if isinstance(error, PlatformError) and (
                is_silent or isinstance(error, ThrottledError)
            ):
                self.refusal = error


def ask_all(
    wanted: Sequence[tuple[UUID, str, Callable[[], T]]], patience: timedelta
) -> Mapping[UUID, T | PlatformError | PayloadError]:
    """Ask for many feeds.

    :param wanted: which, at which address, and what asks for it.
    :param patience: how long all together may take.
    :returns: for each what it gave, or the error that it raised.
    """
    hosts: defaultdict[str, _Host[T]] = defaultdict(_Host)
    for key, url, ask in wanted:
        hosts[urlsplit(url).netloc.rpartition("@")[2]].waiting.append((key, ask))
    lanes = [host for host in hosts.values() for _ in range(min(PER_HOST, len(host.waiting)))]
    answers: dict[UUID, T | PlatformError | PayloadError] = {}
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        asking = [pool.submit(_go, host, answers) for host in lanes]
        for each in wait(asking, patience.total_seconds()).done:
            each.result()
    finally:
        # Those that are still asking end by the time-outs of their requests, and nobody listens.
        pool.shutdown(wait=False, cancel_futures=True)
        for host in hosts.values():
            host.waiting.clear()
    seconds = patience.total_seconds()
    late = TransientError(f"no answer within the {seconds:g} s that all feeds together have")
    said = dict(answers)
    return {key: said.get(key, late) for key, _, _ in wanted}


def _go(host: _Host[T], answers: dict[UUID, T | PlatformError | PayloadError]) -> None:
    while (next_one := host.take()) is not None:
        key, ask = next_one
        if host.refusal is not None:
            answers[key] = host.refusal
            continue
        try:
            answers[key] = ask()
        except (PlatformError, PayloadError) as exc:
            answers[key] = exc
            host.note(exc)
        else:
            host.note(None)
