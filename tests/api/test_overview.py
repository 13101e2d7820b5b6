"""How all of it goes, at a glance, and while something is away."""

from collections import deque
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pymongo import monitoring

from api import create_app
from stargazer.alarms import raise_alarm
from stargazer.coordinator.members import announce
from stargazer.coordinator.report import Placed, save_placed
from stargazer.models import DeadLetter, Delivery, DeliveryState, Task, User
from stargazer.tallies import Tallies

NOW = datetime.now(UTC)
#: What grows without end, or with the number of chats.
LARGE = ("deliveries", "events", "users", "inbox", "translations")
CHANNEL = {"channel_id": "UC" + "a" * 22}


class Asked(monitoring.CommandListener):
    """Notes what the database is asked."""

    def __init__(self):
        self.commands = deque(maxlen=1000)

    def started(self, event):
        self.commands.append(event.command)

    def succeeded(self, event):
        """Do nothing."""

    def failed(self, event):
        """Do nothing."""


_asked = Asked()
# It hears of all clients that are made from here on, so of each test's own.
monitoring.register(_asked)


@pytest.fixture
def read(call):
    """Give a function that gives the overview, as an account that may only read."""

    def read(**params):
        status, answer = call("getOverview", params, by="watcher")
        assert status == 200, answer
        return answer["data"]

    return read


@pytest.fixture
def call_without(settings, accounts, free_port, check_answer):
    """Give a function that asks an application some of whose servers are not there."""
    apps = []

    def call(**urls):
        changes = {name: f"redis://127.0.0.1:{free_port()}/0" for name in urls}
        apps.append(create_app(settings.model_copy(update=changes)))
        auth = ("root", "correct horse")
        answer = apps[-1].test_client().post("/v1/getOverview", json={}, auth=auth)
        check_answer("getOverview", answer.status_code, answer.json)
        assert answer.status_code == 200
        return answer.json["data"]["overview"]

    yield call
    for app in apps:
        app.extensions["stargazer.state"].close()


def test_a_new_instance_has_nothing_wrong(read):
    overview = read()["overview"]
    assert overview["troubles"] == []
    assert set(overview["counts"].values()) == {0}
    assert len(overview["minutes"]) == 60
    assert overview["age"] == {"p50": None, "p99": None}
    assert {each["queue"] for each in overview["queues"]} >= {"ready", "telegram", "youtube"}
    assert [source["accounts"] for source in overview["sources"]] == [0] * 6


def test_what_was_counted_is_told(read, redis_client):
    tallies = Tallies()
    for kind in ("youtube/live_start", "youtube/live_start", "feed/new_entry"):
        tallies.count_event(kind)
    for state in (*DeliveryState, DeliveryState.SENT):
        tallies.count_delivery("telegram", state)
    for age in (1, 1, 1, 60):
        tallies.observe_age(age)
    tallies.give(redis_client)
    overview = read()["overview"]
    assert overview["events"] == {"feed/new_entry": 1, "youtube/live_start": 2}
    outcome = {"im": "telegram", "sent": 2, "failed": 1, "dropped": 1, "unknown": 1}
    assert overview["outcomes"] == [outcome]
    totals = {
        name: sum(minute[name] for minute in overview["minutes"])
        for name in ("events", "sent", "lost", "dropped")
    }
    assert totals == {"events": 3, "sent": 2, "lost": 2, "dropped": 1}
    assert 1 <= overview["age"]["p50"] < 1.2
    assert 60 <= overview["age"]["p99"] < 72


def test_what_there_is_is_counted(read, store):
    users = [User(im="web", im_payload=str(n), name=f"chat {n}") for n in range(3)]
    for user in users:
        store.users.save(user)
    store.users.pause(users[0].id, "the bot was blocked", NOW)
    store.users.save(users[1].model_copy(update={"paused": "by hand", "paused_at": NOW}))
    states = [*DeliveryState, DeliveryState.SENT]
    store.deliveries.add(
        [
            Delivery(
                event=uuid4(), user=users[2].id, im="web", state=state, created_at=NOW, due_at=NOW
            )
            for state in states
        ]
    )
    store.dead_letters.insert(DeadLetter(by="publish", reason="no event", body="x", created_at=NOW))
    overview = read()["overview"]
    counts = overview["counts"]
    assert (counts["users"], counts["paused"], counts["deliveries"]) == (3, 2, len(states))
    assert [counts[name] for name in ("pending", "failed", "unknown", "dead_letters")] == [1] * 4
    paused = {(user["name"], user["reason"]) for user in overview["paused"]}
    assert paused == {("chat 0", "the bot was blocked"), ("chat 1", "by hand")}
    (trouble,) = overview["troubles"]
    assert (trouble["severity"], trouble["page"]) == ("wait", "dead")


def test_who_is_resumed_is_not_among_the_paused(read, store):
    user = User(im="web", im_payload="1")
    store.users.save(user)
    store.users.pause(user.id, "blocked", NOW)
    assert store.users.resume(store.users.find(user.id))
    overview = read()["overview"]
    assert (overview["counts"]["paused"], overview["paused"]) == (0, [])


def test_sources_workers_and_alarms_are_those_of_their_own_methods(
    read, call, store, redis_client, make_member
):
    store.tasks.save(Task(entity=uuid4(), kind="youtube", params=CHANNEL))
    announce(redis_client, make_member("sources@a"), timedelta(minutes=5))
    placed = Placed(shares={"sources@a": 1}, scheduled=1, by_node={"sources@a": 1})
    save_placed(redis_client, "youtube", placed)
    raise_alarm(store, "youtube:quota", "the units are used up", NOW, kind="youtube")
    overview = read()["overview"]
    sources = call("getSources")[1]["data"]["sources"]
    assert overview["sources"] == sources
    workers = call("getWorkers")[1]["data"]
    assert (overview["workers"], overview["kinds"]) == (workers["workers"], workers["kinds"])
    (trouble,) = overview["troubles"]
    (alarm,) = call("getAlarms")[1]["data"]["alarms"]
    assert trouble["severity"] == "bad"
    assert trouble["todo"] == alarm["todo"]
    assert alarm["reason"] in trouble["what"]


def test_an_answer_that_has_not_changed_is_not_sent_again(read):
    first = read()
    again = read(version=first["version"])
    assert again["version"] == first["version"]
    assert again["overview"] is None
    assert read(version="another")["overview"] == first["overview"]


def test_nothing_large_is_read_through(read, store):
    store.users.save(User(im="web", im_payload="1", paused="by hand", paused_at=NOW))
    _asked.commands.clear()
    assert read()["overview"]["counts"]["paused"] == 1
    about = {}
    for command in _asked.commands:
        name, collection = next(iter(command.items()))
        if collection in LARGE:
            about.setdefault(name, []).append(command)
    # All of them are estimated, and those of a state are counted up to a limit.
    assert about.keys() == {"count", "find"}
    assert all(not command.get("query") or command["limit"] for command in about["count"])
    assert all(command["limit"] for command in about["find"])
    assert not any(command.get("filter") == {} for command in about["find"])


def test_it_is_read_once_for_all_who_look(app, read, store):
    before = read()["version"]
    store.users.save(User(im="web", im_payload="1"))
    assert read(version=before)["overview"] is None
    app.extensions["stargazer.state"].overview.forget()
    assert read(version=before)["overview"]["counts"]["users"] == 1


def test_without_redis_it_tells_the_rest(call_without, store):
    raise_alarm(store, "twitter", "X does not answer", NOW, kind="twitter")
    overview = call_without(redis_url="", broker_url="")
    unknown = ("minutes", "events", "outcomes", "queues", "workers", "kinds", "sources")
    assert [overview[name] for name in unknown] == [None] * len(unknown)
    redis, alarm = overview["troubles"]
    assert "Redis does not answer" in redis["what"]
    assert "X does not answer" in alarm["what"]


def test_without_the_broker_it_tells_the_rest(call_without):
    overview = call_without(broker_url="")
    assert overview["queues"] is None
    assert overview["sources"] is not None
    (trouble,) = overview["troubles"]
    assert "The broker does not answer" in trouble["what"]
