"""Who watches what, while real workers are killed, Redis is wiped, and the leader dies."""

import time
from collections import defaultdict
from itertools import pairwise

import pytest

from stargazer.coordinator.members import list_members
from stargazer.coordinator.report import read_placed
from stargazer.models import Entity, Meta, Name, Task
from workers.membership import BEATS

pytestmark = [pytest.mark.processes, pytest.mark.timeout(280)]

ACCOUNTS = 600
INTERVAL = 5
TICK = 1
HEARTBEAT = 1
SOURCE = (
    "celery --app stargazer.app worker --hostname {name}@test --queues youtube,websub"
    " --pool threads --concurrency 2 --without-gossip --without-mingle"
)
PIPELINE = (
    "celery --app stargazer.app worker --hostname {name}@test --queues coordinator,ready"
    " --pool threads --concurrency 4 --without-gossip --without-mingle"
)
BEAT = "celery --app stargazer.app beat --schedule {folder}/{name}"
WORKERS = ("s1", "s2", "s3")


@pytest.fixture
def system(make_system):
    return make_system(
        tick_interval=TICK,
        heartbeat_interval=HEARTBEAT,
        youtube_poll_interval=INTERVAL,
        youtube_api_key="",
        public_url="",
        visibility_timeout=10,
    )


def start_worker(system, name):
    system.start_command(name, SOURCE.format(name=name))


def list_present(system):
    return {each.member.node for each in list_members(system.context.redis) if each.is_there}


def add_accounts(system, count):
    entity = Entity(meta=Meta(name=Name(name={"en": "Aoi"}, default_language="en")))
    tasks = [
        Task(entity=entity.id, kind="youtube", params={"channel_id": f"UC{number:022d}"})
        for number in range(count)
    ]
    system.store.entities.save(entity.model_copy(update={"tasks": tuple(t.id for t in tasks)}))
    for task in tasks:
        system.simulator.set_channel(task.params["channel_id"], title="Aoi")
        system.store.tasks.save(task)


class Watcher:
    """When each account's feed was read, as the simulator saw it."""

    def __init__(self, system):
        self._system = system
        self._last = 0
        self.polls = defaultdict(list)

    def look(self):
        for entry in self._system.simulator.journal(self._last, "feed"):
            self._last = max(self._last, entry["seq"])
            self.polls[entry["channel_id"]].append(entry["at"])

    def wait_for_all(self, since, limit):
        """Wait until every account was read after that moment; how long the last one took."""

        def all_read():
            self.look()
            read = [times for times in self.polls.values() if times[-1] > since]
            return len(read) == ACCOUNTS

        self._system.wait_for("every account to be read", all_read, limit, every=0.3)
        return max(next(at for at in times if at > since) for times in self.polls.values()) - since

    def count_too_early(self, since):
        """Count the reads that came before the interval was over, by a second or more."""
        return sum(
            later - earlier < 0.95 * INTERVAL - 1
            for times in self.polls.values()
            for earlier, later in pairwise(times)
            if earlier >= since
        )


def test_every_account_is_watched_whoever_dies(system):
    system.start("redis", "mongo", "simulator")
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    add_accounts(system, ACCOUNTS)
    for name in ("beat-1", "beat-2"):
        system.start_command(name, BEAT.format(folder=system.folder, name=name))
    for name in ("p1", "p2"):
        system.start_command(name, PIPELINE.format(name=name))
    for name in WORKERS:
        start_worker(system, name)
    everybody = {f"{name}@test" for name in WORKERS}
    system.wait_for("three workers", lambda: list_present(system) == everybody)
    watcher = Watcher(system)
    watcher.wait_for_all(time.time(), limit=40)

    # At most so long after its time is any account read, whatever happens.
    longest = 1.05 * INTERVAL + BEATS * HEARTBEAT + 2 * TICK + 1
    placed = read_placed(system.context.redis)["youtube"].by_node
    assert sum(placed.values()) == ACCOUNTS
    assert max(placed.values()) < 1.25 * ACCOUNTS / 3

    began = time.time()
    watcher.wait_for_all(time.time(), limit=30)
    assert watcher.count_too_early(began) == 0

    killed_at = time.time()
    system.kill("s2")
    assert watcher.wait_for_all(killed_at, limit=40) <= longest
    # Only what the dead worker had in hand is read again before its time.
    assert watcher.count_too_early(killed_at) <= placed["s2@test"]
    moved = read_placed(system.context.redis)["youtube"].by_node
    assert moved.keys() == everybody - {"s2@test"}
    assert all(moved[node] >= placed[node] for node in moved)

    start_worker(system, "s2")
    system.wait_for("it to be back", lambda: list_present(system) == everybody)
    returned_at = time.time()
    assert watcher.wait_for_all(returned_at, limit=40) <= longest
    assert read_placed(system.context.redis)["youtube"].by_node == placed
    assert watcher.count_too_early(returned_at) == 0

    wiped_at = time.time()
    system.context.redis.flushall()
    assert watcher.wait_for_all(wiped_at, limit=40) <= longest
    system.wait_for(
        "the same placement",
        lambda: (
            "youtube" in (found := read_placed(system.context.redis))
            and found["youtube"].by_node == placed
        ),
    )

    # Whichever of them leads: one pair of them is gone, and the other goes on.
    leader_killed_at = time.time()
    system.kill("beat-1")
    system.kill("p1")
    assert watcher.wait_for_all(leader_killed_at, limit=40) <= longest
    system.start_command("p1", PIPELINE.format(name="p1"))
    system.kill("beat-2")
    system.start_command("beat-1", BEAT.format(folder=system.folder, name="beat-1"))
    system.kill("p2")
    second_killed_at = time.time()
    assert watcher.wait_for_all(second_killed_at, limit=60) <= longest + 5


def test_a_second_worker_of_the_same_name_is_refused(system):
    system.start("redis", "mongo")
    start_worker(system, "s1")
    system.wait_for("the first", lambda: list_present(system) == {"s1@test"})
    (before,) = list_members(system.context.redis)
    system.start_command("again", SOURCE.format(name="s1"))
    system.wait_for("the second to end", lambda: system.has_ended("again"))
    log = (system.folder / "again.log").read_text()
    assert "worker_name_taken worker=s1@test" in log
    assert f"process {before.member.pid}" in log
    assert "--hostname" in log
    assert [each.member for each in list_members(system.context.redis)] == [before.member]


def test_a_killed_worker_is_back_under_its_name_at_once_and_a_stopped_one_withdraws(system):
    system.start("redis", "mongo")
    start_worker(system, "s1")
    system.wait_for("it", lambda: list_present(system) == {"s1@test"})
    (before,) = list_members(system.context.redis)
    system.kill("s1")
    start_worker(system, "s1")
    system.wait_for(
        "its successor",
        lambda: (
            [each.member.pid for each in list_members(system.context.redis)] != [before.member.pid]
        ),
    )
    stopped_at = time.monotonic()
    system.end("s1")
    system.wait_for("it to withdraw", lambda: not list_present(system))
    assert time.monotonic() - stopped_at < 10
