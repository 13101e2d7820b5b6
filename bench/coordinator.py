"""What a tick costs, and how evenly it spreads: ``python -m bench.coordinator``.

A tick with 10,000 due Tasks of 100,000 over 16 workers, on a real Redis, beside just reading
those due Tasks; the same for fewer Tasks, and for the same number of due ones among more.
"""

import resource
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from bench.stage import find_free_port
from stargazer.app import app
from stargazer.context import Context
from stargazer.coordinator import batches, schedule
from stargazer.coordinator.leader import Leadership
from stargazer.coordinator.members import Member
from stargazer.coordinator.placement import Placement
from stargazer.embedded import run_embedded
from stargazer.settings import Settings
from workers import coordinator
from workers.sources import Source

KIND = "youtube"
WORKERS = 16
ROUNDS = 5
HOUR = timedelta(hours=1)
SOURCE = Source(span=lambda _settings: HOUR, most=10_000)
WANTED_SPREAD = 1.10


class Cost(NamedTuple):
    """CPU seconds of this process and of Redis."""

    ours: float
    redis: float

    @property
    def whole(self) -> float:
        """Both."""
        return self.ours + self.redis


def make_members(count: int, weight: int = 1) -> list[Member]:
    """Make workers as they announce themselves."""
    return [
        Member(
            node=f"sources@host-{number}",
            instance="bench",
            kinds=frozenset({KIND}),
            weight=weight,
            version="bench",
            host=f"host-{number}",
            pid=number,
            started_at=datetime.now(UTC),
        )
        for number in range(count)
    ]


class Bench:
    """Ticks on one Redis."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._redis = context.redis
        self._members = make_members(WORKERS)

    def measure(self, run: Callable[[], object]) -> Cost:
        """Give what a call costs."""
        before = time.process_time(), self._redis_cpu()
        run()
        return Cost(time.process_time() - before[0], self._redis_cpu() - before[1])

    def fill(self, total: int, due: int) -> list[UUID]:
        """Put so many Tasks on an empty schedule, some of them due."""
        self._redis.flushall()
        tasks = [uuid4() for _ in range(total)]
        now = time.time()
        for start in range(0, total, 10_000):
            part = tasks[start : start + 10_000]
            times = {
                str(task): now - 1 if start + number < due else now + 1800
                for number, task in enumerate(part)
            }
            self._redis.zadd(schedule.get_due_key(KIND), times)
        return tasks[:due]

    def tick(self) -> int:
        """Hand out what is due."""
        with Leadership(self._redis, HOUR) as fence:
            if fence is None:
                raise RuntimeError("another one leads")
            return coordinator.dispatch(self._context, fence, KIND, SOURCE, self._members)

    def race(self, total: int, due: int) -> tuple[Cost, Cost, Cost]:
        """Give the cost of reading what is due, of a first tick, and of one that knows them."""
        readings, firsts, others = [], [], []
        for _ in range(ROUNDS):
            tasks = self.fill(total, due)
            readings.append(self.measure(lambda: schedule.list_due(self._redis, KIND, 10_000)))
            firsts.append(self.measure(lambda: self._check(due)))
            for pending in batches.list_pending(self._redis):
                batches.finish(self._redis, pending.batch.id)
            self._redis.zadd(
                schedule.get_due_key(KIND), dict.fromkeys(map(str, tasks), time.time() - 1)
            )
            others.append(self.measure(lambda: self._check(due)))
        return _median(readings), _median(firsts), _median(others)

    def _check(self, due: int) -> None:
        handed_out = self.tick()
        if handed_out != due:
            print(f"WRONG: {handed_out} of {due} were handed out")
            sys.exit(1)

    def _redis_cpu(self) -> float:
        info = self._redis.info("cpu")
        return float(info["used_cpu_user"]) + float(info["used_cpu_sys"])


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.ours for cost in costs),
        statistics.median(cost.redis for cost in costs),
    )


def show_spread() -> None:
    """Print how evenly 10,000 Tasks are spread over 8 workers, again and again."""
    loads = []
    for _ in range(10):
        counts = Placement(make_members(8)).count([uuid4() for _ in range(10_000)])
        loads.append(max(counts.values()) / (10_000 / 8))
    print(
        f"\nload of the busiest of 8 workers over the mean, 10,000 Tasks, 10 times:"
        f" median {statistics.median(loads):.3f}, worst {max(loads):.3f}"
        f" (wanted: {WANTED_SPREAD:.2f})"
    )


def show_costs(bench: Bench) -> None:
    """Print what ticks cost."""
    print(f"{'':>24}{'CPU ms: ours + Redis':>40}{'over reading':>24}{'us per due Task':>18}")
    print(
        f"{'Tasks':>10}{'due':>8}{'reading':>14}{'first tick':>16}{'tick':>16}"
        f"{'first':>10}{'tick':>8}{'first':>14}{'tick':>8}"
    )
    for total, due in (
        (1_000, 100),
        (10_000, 1_000),
        (100_000, 10_000),
        (1_000, 1_000),
        (100_000, 1_000),
    ):
        costs = bench.race(total, due)
        reading, first, tick = costs
        written = [f"{1000 * cost.ours:.1f} + {1000 * cost.redis:.1f}" for cost in costs]
        print(
            f"{total:>10,}{due:>8,}{written[0]:>14}{written[1]:>16}{written[2]:>16}"
            f"{first.whole / reading.whole:>10.1f}{tick.whole / reading.whole:>8.1f}"
            f"{1e6 * first.whole / due:>14.0f}{1e6 * tick.whole / due:>8.0f}"
        )


def show_memory(bench: Bench) -> None:
    """Print what the largest tick needs above what it keeps."""
    bench.fill(100_000, 10_000)
    tracemalloc.start()
    bench.tick()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\nmemory of a tick with 10,000 due of 100,000 Tasks: {peak / 2**20:.1f} MiB at its peak,"
        f" {kept / 2**20:.1f} MiB kept; the whole process has {resident:.0f} MiB"
    )


def main() -> None:
    """Run it all."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            var_dir=Path(folder), redis_port=find_free_port(), mongo_port=find_free_port()
        )
        with run_embedded(settings, lambda _line: None):
            app.conf.update(broker_url=settings.broker_url)
            context = Context(settings)
            bench = Bench(context)
            print(f"{WORKERS} workers, median of {ROUNDS} rounds\n")
            show_costs(bench)
            show_memory(bench)
            context.close()
    show_spread()


if __name__ == "__main__":
    main()
