"""What is known to lose or multiply Celery tasks on Redis does not do so here."""

import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.processes

WORKER = (
    "celery --app probe worker --hostname {name}@%h --queues web --pool {pool} --concurrency 2"
    " --without-gossip --without-mingle"
)


@pytest.fixture
def probes(make_system):
    """Give a System of which only Redis runs, and workers that run the probes."""
    system = make_system(visibility_timeout=8)
    system.start("redis")

    def start_worker(name, pool="threads"):
        system.start_command(name, WORKER.format(name=name, pool=pool))

    system.start_worker = start_worker
    return system


def publish(system, task, key, **options):
    """Publish from a process of its own, which knows nothing that another has declared."""
    code = f"from probe import app; app.send_task({task!r}, ({key!r},), **{options!r})"
    subprocess.run([sys.executable, "-c", code], env=system.environment(), check=True, timeout=30)


def count(system, key):
    return system.context.redis.llen(f"stargazer:probe:{key}")


def wait_for_count(system, key, wanted, limit=30):
    system.wait_for(f"{key} to run", lambda: count(system, key) >= wanted, limit)


def assert_count_stays(system, key, wanted, seconds):
    """What comes twice comes late, so this looks for as long as it takes to come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert count(system, key) == wanted
        time.sleep(0.1)


def test_a_task_published_by_a_fresh_process_before_any_worker_runs_is_not_lost(probes):
    publish(probes, "web.note", "fresh")
    probes.start_worker("one")
    wait_for_count(probes, "fresh", 1)


def test_a_retry_comes_back_to_its_queue(probes):
    probes.start_worker("one")
    publish(probes, "web.fail_first", "retried")
    wait_for_count(probes, "retried", 2)


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_outages_are_waited_for_however_many_there_are(probes, pool):
    probes.start_worker("one", pool)
    publish(probes, "web.meet_outages", "unlucky")
    wait_for_count(probes, "unlucky:after 0 retries", 1)
    assert count(probes, "unlucky") == 4


def test_a_dead_workers_message_is_done_by_another(probes):
    probes.start_worker("one")
    publish(probes, "web.hold", "held")
    wait_for_count(probes, "held", 1)
    probes.kill("one")
    probes.context.redis.set("stargazer:probe:release", 1)
    probes.start_worker("two")
    wait_for_count(probes, "held:done", 1)
    assert count(probes, "held") == 2
    assert_count_stays(probes, "held", 2, seconds=10)


def test_a_task_that_kills_its_process_is_given_up_and_the_others_go_on(probes):
    probes.start_worker("one", pool="prefork")
    publish(probes, "web.die", "deadly")
    wait_for_count(probes, "deadly", 3)
    publish(probes, "web.note", "alive")
    wait_for_count(probes, "alive", 1)
    assert_count_stays(probes, "deadly", 3, seconds=12)


def test_a_pause_longer_than_the_visibility_timeout_multiplies_nothing(make_system):
    system = make_system(
        visibility_timeout=4, sweep_after=3, sweep_interval=0.5, delivery_lease=4, tick_interval=1
    )
    system.start("redis", "mongo", "simulator", "web", "beat", "sources", "pipeline", "delivery")
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    system.wait_until_open()
    system.follow(["1001"], ["youtube/new_video"])
    system.simulator.add_fault("telegram", status=429, retry_after=9, count=1)
    before = time.time()
    system.publish_video("paused-0001")
    system.wait_for("the message", system.list_delivered)
    (message,) = system.list_delivered()
    assert message["at"] - before >= 9
    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        requests = [each["status"] for each in system.simulator.journal(0, "telegram")]
        assert requests == [429, 200]
        time.sleep(0.2)
