"""What the story is played on: the simulator, and a look at what arrived where."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import NamedTuple, Self

import requests

from stargazer.context import Context
from stargazer.demo.cast import STARS
from stargazer.models import DeliveryState, LeaseState
from stargazer.simulator.client import Simulator

_START_LIMIT = 60.0
#: A worker that was killed keeps its Deliveries until its lease is over.
_FINISH_LIMIT = 180.0
_LOOK_EVERY = 0.02


class Arrival(NamedTuple):
    """A message that reached a chat.

    :ivar at: UNIX seconds.
    """

    chat: tuple[str, str]
    text: str
    at: float


class Stage:
    """The running system, seen from its edges.

    :param say: takes a line for people.
    """

    def __init__(self, context: Context, say: Callable[[str], None]) -> None:
        self._context = context
        self.say = say
        settings = context.settings
        self.simulator = Simulator(f"http://127.0.0.1:{settings.simulator_port}")
        self._seen = 0
        self._inbox_before = time.time()
        self._arrivals: list[Arrival] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.simulator.close()

    def wait_until_open(self) -> None:
        """Wait for the simulator and the API, then build the stars' channels."""
        self.simulator.wait_until_ready(_START_LIMIT)
        url = f"http://127.0.0.1:{self._context.settings.web_port}/v1/health"
        self.wait_for("the API", lambda: _answers(url))
        for number, star in enumerate(STARS):
            self.simulator.set_channel(star.channel_id, title=star.title)
            # What was there before anybody watched must not be told.
            self.simulator.set_video(
                f"demo-old-{number:02d}",
                push=False,
                channel_id=star.channel_id,
                title="An old video",
                published_at="2026-01-01T00:00:00Z",
                duration="PT10M",
            )

    def wait_until_watched(self) -> None:
        """Wait until the hub knows us and every channel was looked at once."""
        store = self._context.store
        self.wait_for(
            "the hub to verify our subscriptions",
            lambda: (
                sum(lease.state == LeaseState.VERIFIED for lease in store.leases.list_all())
                >= len(STARS)
            ),
        )
        self.wait_for(
            "the first look at each channel",
            lambda: all(task.watch.looked_at for task in store.tasks.list_all()),
        )
        self.wait_for(
            "what an earlier run left half done",
            lambda: (
                not store.events.list_open(datetime.now(UTC), limit=1)
                and not store.deliveries.count_by_state().get(DeliveryState.PENDING)
            ),
            _FINISH_LIMIT,
        )
        self._seen = max((entry["seq"] for entry in self.simulator.journal()), default=0)
        self._inbox_before = time.time()

    def wait_for(
        self, what: str, is_there: Callable[[], bool], limit: float = _START_LIMIT
    ) -> None:
        """Wait for something, and say so when it takes longer than a second.

        :raises TimeoutError: when it does not come within ``limit`` seconds.
        """
        start = time.monotonic()
        said = False
        while not is_there():
            waited = time.monotonic() - start
            if waited > limit:
                raise TimeoutError(f"waited {limit:.0f} s for {what}")
            if waited > 1 and not said:
                self.say(f"waiting for {what} …")
                said = True
            time.sleep(_LOOK_EVERY)

    def list_arrivals(self) -> list[Arrival]:
        """Give every message that reached a chat since the story began."""
        for entry in self.simulator.journal(self._seen):
            self._seen = max(self._seen, entry["seq"])
            if entry["target"] == "telegram" and entry["delivered"]:
                chat = ("telegram", str(entry["chat_id"]))
                self._arrivals.append(Arrival(chat, entry["text"], entry["at"]))
        return self._arrivals + self._list_inbox()

    def _list_inbox(self) -> list[Arrival]:
        return [
            Arrival(
                ("web", "inbox"),
                "\n".join((message["headline"], *message["lines"], message["url"])),
                message["received_at"].timestamp(),
            )
            for message in self._context.store.inbox.list_latest(200)
            if message["received_at"].timestamp() >= self._inbox_before
        ]

    def find_push(self, video_id: str, after: float) -> float | None:
        """Give when the hub's push of this video began, or None when there was none yet."""
        times = [
            entry["at"]
            for entry in self.simulator.journal(0, "push")
            if entry.get("video_id") == video_id and entry["at"] >= after
        ]
        return min(times, default=None)


def _answers(url: str) -> bool:
    try:
        return requests.post(url, json={}, timeout=2).ok
    except requests.RequestException:
        return False
