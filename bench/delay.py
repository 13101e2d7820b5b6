"""How late delayed messages are, and what they cost: ``python -m bench.delay``.

Ten thousands of Events wait for times spread over a span; one worker of the line ``middlewares``
lets them go. Measured are their lateness, by the worker's own record, and the worker's memory
before anything is scheduled, when all is, and when all has gone.
"""

import argparse
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from bench.stage import open_stage
from stargazer.models import OutboxState, Step, StoredEvent
from stargazer.store import Store
from stargazer.store.delayed import get_slot
from stargazer.store.documents import to_document, to_value

KIND = "youtube/new_video"
WORKER = (
    "celery --app stargazer.app worker --hostname middlewares@bench --queues delay"
    " --pool prefork --concurrency 2 --without-gossip --without-mingle"
)
BEAT = "celery --app stargazer.app beat"
WANTED = 1.0


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--span", type=float, default=600, help="seconds of due times")
    options = parser.parse_args()
    with open_stage() as stage:
        store = stage.context.store
        stage.start_worker("middlewares", WORKER)
        before = read_memory(stage.pids["middlewares"])
        began = time.monotonic()
        start = datetime.now(UTC) + timedelta(seconds=30 + options.messages / 4000)
        schedule(store, options.messages, start, options.span)
        print(f"{options.messages:,} scheduled in {time.monotonic() - began:.0f} s")
        stage.start("beat", BEAT)
        time.sleep(max((start - datetime.now(UTC)).total_seconds(), 0) - 5)
        waiting = read_memory(stage.pids["middlewares"])
        cpu = stage.read_cpu()

        deadline = time.monotonic() + options.span + 120
        # Counting is not free, either.
        while store.delayed.collection.find_one({}) is not None:
            if time.monotonic() > deadline:
                raise TimeoutError("not everything went on")
            time.sleep(2)
        after = read_memory(stage.pids["middlewares"])
        spent = stage.read_cpu() - cpu
        late = sorted(read_lateness(store))
    if len(late) != options.messages:
        print(f"WRONG: {len(late)} of {options.messages} went on")
        sys.exit(1)
    p50, p99 = statistics.median(late), late[int(len(late) * 0.99)]
    print(
        f"lateness: p50 {p50:.2f} s, p99 {p99:.2f} s, worst {late[-1]:.2f} s"
        f" (wanted: p99 {WANTED} s)"
    )
    print(
        f"the worker's memory: {before:.0f} MiB at the start, {waiting:.0f} with all of them"
        f" waiting, {after:.0f} at the end"
    )
    for name, seconds in sorted(spent.items()):
        print(f"CPU for each message: {1000 * seconds / options.messages:.2f} ms {name}")


def schedule(store: Store, count: int, start: datetime, span: float) -> None:
    """Write Events as they are when the middleware holds them, with their timers."""
    now = datetime.now(UTC)
    for first in range(0, count, 5000):
        events, timers = [], []
        for number in range(first, min(first + 5000, count)):
            due_at = start + timedelta(seconds=span * number / count)
            event = StoredEvent(
                kind=KIND,
                entity=uuid4(),
                fields={"x-delay-id": number, "x-delay-at": due_at.timestamp()},
                tags=("delay",),
                state=OutboxState.HELD,
                happened_at=due_at,
                created_at=now,
                published_at=now,
                steps=1,
                history=(Step(at=now, by="delay", what="held"),),
            )
            events.append(to_document(event))
            timers.append(
                {
                    "_id": str(number),
                    "event": str(event.id),
                    "due_at": to_value(due_at),
                    "slot": get_slot(due_at),
                }
            )
        store.events.collection.insert_many(events)
        store.delayed.collection.insert_many(timers)


def read_lateness(store: Store) -> list[float]:
    """Give how late each went on, in seconds."""
    return [
        float(step["detail"].split()[0])
        for event in store.events.collection.find({}, {"history": 1})
        for step in event["history"]
        if step["what"] == "released"
    ]


def read_memory(pid: int) -> float:
    """Give the resident memory of a process, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
