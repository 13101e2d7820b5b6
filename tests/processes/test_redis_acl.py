"""Stargazer's own processes in a Redis where they may only what their account may."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from stargazer.accounts import new_account
from stargazer.tallies import read

pytestmark = pytest.mark.processes

PASSWORD = "correct horse"
WORKER = (
    "celery --app probe worker --hostname {name}@%h --queues web --pool {pool} --concurrency 2"
    " --without-gossip --without-mingle"
)


@pytest.fixture
def make_limited(make_system):
    """Give a function that starts the servers of a System whose processes have such an account."""

    def make(**changes):
        system = make_system(**changes)
        system.start("redis", "mongo")
        list(system.store.create_indexes())
        system.store.accounts.save(new_account("worker", PASSWORD, ["coordinator:ro"]))
        subprocess.run(
            [
                *(sys.executable, "-m", "stargazer.cli", "auth", "redis-acl", "--apply"),
                *("--password-of", "worker"),
            ],
            env={**system.environment(), "STARGAZER_NEW_PASSWORD": PASSWORD},
            check=True,
            timeout=30,
        )
        port = system.settings.redis_port
        url = f"redis://worker:correct%20horse@127.0.0.1:{port}/0"
        system.settings = system.settings.model_copy(update={"redis_url": url, "broker_url": url})
        return system

    return make


def list_denied(system):
    """Give what Redis refused, except the client library's name, which is nobody's need."""
    return [
        (entry["username"], entry["context"], entry["object"])
        for entry in system.context.redis.acl_log()
        if "client" not in str(entry["object"])
    ]


def count(system, key):
    return system.context.redis.llen(f"stargazer:probe:{key}")


def publish(system, task, key):
    code = f"from probe import app; app.send_task({task!r}, ({key!r},))"
    subprocess.run([sys.executable, "-c", code], env=system.environment(), check=True, timeout=30)


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_a_worker_runs_retries_and_restores(make_limited, pool):
    system = make_limited(visibility_timeout=4)
    system.start_command("one", WORKER.format(name="one", pool=pool))
    publish(system, "web.note", "noted")
    publish(system, "web.fail_first", "retried")
    system.wait_for("the first run", lambda: count(system, "noted") == 1)
    system.wait_for("the retry", lambda: count(system, "retried") == 2)

    publish(system, "web.hold", "held")
    system.wait_for("the task to be in hand", lambda: count(system, "held") == 1)
    system.kill("one")
    system.context.redis.set("stargazer:probe:release", 1)
    system.start_command("two", WORKER.format(name="two", pool=pool))
    system.wait_for("the dead worker's task", lambda: count(system, "held:done") == 1)
    assert count(system, "held") == 2
    assert list_denied(system) == []


def test_a_worker_that_is_stopped_gives_back_what_it_holds(make_limited):
    system = make_limited()
    system.start_command("one", WORKER.format(name="one", pool="prefork"))
    publish(system, "web.hold", "held")
    system.wait_for("the task to be in hand", lambda: count(system, "held") == 1)
    system.stop_at_once("one")
    assert system.context.redis.llen("stargazer:celery:web") == 1
    assert list_denied(system) == []


def is_counted(system):
    minutes = read(system.context.redis, datetime.now(UTC))
    return any(minute.events for minute in minutes) and any(minute.ages for minute in minutes)


def test_all_processes_bring_a_push_to_a_chat(make_limited):
    system = make_limited(tick_interval=1, sweep_interval=1)
    system.start("simulator", "web", "beat", "sources", "pipeline", "delivery", "flower")
    system.simulator.wait_until_ready(30)
    system.wait_until_open()
    system.follow(["1001"], ["youtube/new_video"])
    system.publish_video("limited-0001")
    system.wait_for("the message", system.list_delivered)
    [message] = system.list_delivered()
    assert "limited-0001" in message["text"]
    # One is counted in a process of a pool, the other in a thread.
    system.wait_for("the event and the message to be counted", lambda: is_counted(system))
    pinged = subprocess.run(
        [sys.executable, "-m", "celery", "--app", "stargazer.app", "inspect", "ping"],
        env=system.environment(),
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert b"3 nodes online" in pinged.stdout
    assert list_denied(system) == []
