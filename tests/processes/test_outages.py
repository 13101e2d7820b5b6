"""The database or Redis goes away for a while: callers hear of it, and then all goes on."""

import signal
import time

import pytest
import requests

pytestmark = pytest.mark.processes

ANSWER_WITHIN = 3.0
ACCEPTED, UNAVAILABLE = 202, 503
PROCESSES = ("redis", "mongo", "simulator", "web", "beat", "sources", "pipeline", "delivery")


@pytest.fixture
def system(make_system):
    system = make_system(
        visibility_timeout=6, sweep_after=3, sweep_interval=1, delivery_lease=6, tick_interval=1
    )
    system.start(*PROCESSES)
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    system.wait_until_open()
    system.follow(["1001", "-1002"], ["youtube/new_video"])
    return system


@pytest.mark.parametrize("server", ["redis", "mongo"])
def test_what_is_pushed_while_a_server_is_dead_arrives_once_it_is_back(system, server):
    system.kill(server)
    system.publish_video("outage-0001")
    system.wait_for("a refused push", lambda: UNAVAILABLE in system.list_push_statuses())
    system.start(server)
    system.wait_for("both messages", lambda: len(system.list_delivered()) == 2, limit=60)
    system.publish_video("outage-0002")
    system.wait_for("two more", lambda: len(system.list_delivered()) == 4, limit=60)
    texts = {(each["chat_id"], each["text"][-11:]) for each in system.list_delivered()}
    assert len(texts) == 4


def test_what_is_pushed_just_before_the_database_dies_waits_for_it(system):
    system.send_signal("sources", signal.SIGSTOP)
    system.publish_video("outage-0003")
    system.wait_for("an accepted push", lambda: ACCEPTED in system.list_push_statuses())
    system.kill("mongo")
    system.send_signal("sources", signal.SIGCONT)
    system.wait_for(
        "the worker to meet the outage",
        lambda: "outage_met" in (system.folder / "sources.log").read_text(),
    )
    system.start("mongo")
    system.wait_for("both messages", lambda: len(system.list_delivered()) == 2, limit=60)


def test_a_push_is_refused_within_seconds_while_a_server_is_away(system):
    url = system.store.leases.list_all()[0].callback
    body = b"<feed xmlns='http://www.w3.org/2005/Atom'/>"
    headers = system.sign(body)

    def push():
        start = time.monotonic()
        status = requests.post(url, data=body, headers=headers, timeout=20).status_code
        return status, time.monotonic() - start

    answers = {}
    for server in ("redis", "mongo"):
        system.send_signal(server, signal.SIGSTOP)
        answers[server, "frozen"] = push()
        system.send_signal(server, signal.SIGCONT)
        system.wait_for(f"{server} to answer again", lambda: push()[0] == ACCEPTED)
        system.kill(server)
        answers[server, "dead"] = push()
        system.start(server)
        system.wait_for(f"{server} to answer again", lambda: push()[0] == ACCEPTED)
    assert {status for status, _ in answers.values()} == {UNAVAILABLE}
    assert max(took for _, took in answers.values()) < ANSWER_WITHIN, answers
