"""What happens in a run under faults: Events, at a steady pace, and the deaths of processes."""

import random
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.stage import Stage
from stargazer import bus
from stargazer.app import app
from stargazer.context import OUTAGES
from stargazer.models import SourceEvent, Task
from stargazer.simulator.client import Simulator

KIND, CHANNEL = "youtube/new_video", "UCfaults000000000000000a"
#: Of the Procfile, in the order in which they are started.
PROCESSES = (
    *("web", "beat", "sources", "pipeline", "middlewares", "translation"),
    *("delivery", "elsewhere", "qq"),
)
KILLS_OF_EACH = 2
#: Seconds for which something is dead before it is started again.
DEAD_FOR = 2.0
#: For an Event that waits in the middleware that delays.
DELAY = timedelta(seconds=5)
_WAYS = 3


class Killer:
    """Kills one process after the other, evenly over a time, and starts each again."""

    def __init__(self, stage: Stage, commands: Mapping[str, str], dice: random.Random) -> None:
        self._stage = stage
        self._commands = commands
        self._dead: list[tuple[float, str]] = []
        order = dice.sample(PROCESSES, len(PROCESSES))
        # In the same order again, so that each has come back to life.
        self._waiting = order * KILLS_OF_EACH
        self._waiting.insert(len(self._waiting) // 2, "redis")
        self.kills = Counter[str]()

    def act(self, progress: float) -> None:
        """Do what is to be done by now.

        :param progress: the part of the time that is over.
        """
        now = time.monotonic()
        for item in [each for each in self._dead if each[0] <= now]:
            self._dead.remove(item)
            self.revive(item[1])
        done = self.kills.total()
        if self._waiting and progress >= (done + 1) / (done + len(self._waiting) + 1):
            name = self._waiting.pop(0)
            self._stage.kill(name)
            self.kills[name] += 1
            self._dead.append((now + DEAD_FOR, name))

    def revive(self, name: str) -> None:
        """Start something again."""
        if name == "redis":
            self._stage.start_server(name)
        else:
            self._stage.start(name, self._commands[name])

    def __len__(self) -> int:
        """Count the deaths that are to come."""
        return len(self._waiting)

    @property
    def is_done(self) -> bool:
        """Whether everything was killed, and lives again."""
        return not (self._waiting or self._dead)


class Show:
    """Lets things happen, in three ways, at a steady pace."""

    def __init__(self, stage: Stage, simulator: Simulator, task: Task, events: int) -> None:
        self._stage = stage
        self._simulator = simulator
        self._task = task
        self.events = events
        self.told_at: dict[str, float] = {}
        run = secrets.token_hex(3)
        self._names = [f"{run}{number:05d}" for number in range(events)]

    def tell(self) -> None:
        """Let the next thing happen."""
        number = len(self.told_at)
        name = self._names[number]
        now = datetime.now(UTC)
        self.told_at[name] = now.timestamp()
        match number % _WAYS:
            case 0:
                self._simulator.set_video(
                    name,
                    channel_id=CHANNEL,
                    title=f"Song {number}",
                    published_at=now,
                    duration="PT4M13S",
                )
            case 1:
                due_at = now + DELAY
                self.told_at[name] = due_at.timestamp()
                fields = {"x-delay-id": name, "x-delay-at": due_at.timestamp()}
                self._emit(name, number, now, "delay", fields)
            case _:
                fields = {"x-translate-fields": ["/title"], "x-translate-from": "ja"}
                self._emit(name, number, now, "translate", {**fields, "x-translate-to": "en"})

    def _emit(
        self, name: str, number: int, now: datetime, tag: str, parameters: Mapping[str, Any]
    ) -> None:
        fields = {
            "video_id": name,
            "title": f"星の歌 {number}",
            "url": f"https://www.youtube.com/watch?v={name}",
            "picture": f"https://i.ytimg.com/vi/{name}/hqdefault.jpg",
            "published_at": now.isoformat(),
            **parameters,
        }
        event = SourceEvent.from_source(self._task, name, KIND, now, fields, (tag,))
        while True:
            try:
                bus.emit(app, self._stage.context.store, [event], now)
            except OUTAGES:
                # The machine has more to do than it can; a worker would wait as well.
                time.sleep(1)
                continue
            return
