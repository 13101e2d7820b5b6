"""What is kept is never older than the last change, whoever made it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from api import create_app
from api.snapshots import LONGEST, Snapshots
from stargazer.models import Entity, Meta, Name

META = {"name": {"name": {"en": "Suisei"}, "default_language": "en"}}
KIND = "youtube/live_start"
PASSWORD = "correct horse"


@pytest.fixture
def other(settings, accounts):
    """Give a client of another process."""
    app = create_app(settings)
    yield app.test_client()
    app.extensions["stargazer.state"].close()


@pytest.fixture
def ask_both(client, other):
    """Ask both processes; what they answer must be the same."""

    def ask(method, **params):
        answers = [
            each.post(f"/v1/{method}", json=params, auth=("root", PASSWORD)).json["data"]
            for each in (client, other)
        ]
        assert answers[0] == answers[1]
        return answers[0]

    return ask


def test_every_change_is_seen_by_the_next_call_in_every_process(call, ask_both, store):
    def names():
        return [each["meta"]["name"]["name"]["en"] for each in ask_both("getEntities")["entities"]]

    assert names() == []
    entity = call("newEntity", {"meta": META})[1]["data"]["id"]
    assert names() == ["Suisei"]
    renamed = {"name": {"name": {"en": "Comet"}, "default_language": "en"}}
    call("updateEntity", {"entity_id": entity, "meta": renamed})
    assert names() == ["Comet"]
    account = {"kind": "youtube", "params": {"channel_id": "UC" + "a" * 22}}
    task = call("addTask", {"entity_id": entity, **account})[1]["data"]["id"]
    assert len(ask_both("getEntities")["entities"][0]["tasks"]) == 1
    call("updateTask", {"task_id": task, "params": {"channel_id": "UC" + "b" * 22}})
    (shown,) = ask_both("getEntities")["entities"][0]["tasks"]
    assert shown["params"] == {"channel_id": "UC" + "b" * 22}
    call("delTask", {"task_id": task})
    assert ask_both("getEntities")["entities"][0]["tasks"] == []
    # A command, or a worker, writes past the API but not past the store.
    store.entities.save(Entity(meta=Meta(name=Name(name={"en": "Azki"}, default_language="en"))))
    assert sorted(names()) == ["Azki", "Comet"]
    call("delEntity", {"entity_id": entity})
    assert names() == ["Azki"]


def test_the_index_follows_every_change_and_its_version_says_so(call, ask_both, store):
    entity = call("newEntity", {"meta": META})[1]["data"]["id"]
    empty = ask_both("getUserIndex", im="telegram")
    assert empty["index"] == {}
    assert ask_both("getUserIndex", im="telegram", version=empty["version"]) == {
        "version": empty["version"],
        "index": None,
    }
    wish = {"entities": [entity], "kinds": [KIND]}
    users = [
        call("addUser", {"im": "telegram", "im_payload": chat, "event_filter": wish})[1]["data"]
        for chat in ("2", "1")
    ]
    full = ask_both("getUserIndex", im="telegram", version=empty["version"])
    assert full["index"] == {entity: {KIND: ["1", "2"]}}
    assert full["version"] != empty["version"]
    assert ask_both("getUserIndex", im="web")["index"] == {}
    store.users.pause(UUID(users[0]["id"]), "blocked", datetime.now(UTC))
    assert ask_both("getUserIndex", im="telegram")["index"] == {entity: {KIND: ["1"]}}
    store.users.move(UUID(users[1]["id"]), "-5")
    assert ask_both("getUserIndex", im="telegram")["index"] == {entity: {KIND: ["-5"]}}
    call("delUser", {"user_id": users[1]["id"]})
    again = ask_both("getUserIndex", im="telegram")
    assert again == empty


def test_what_is_edited_by_hand_is_seen_within_a_minute(store, now):
    made = []

    def make():
        made.append(len(made))
        return Name(name={"en": str(len(made))}, default_language="en")

    snapshots = Snapshots(store.revisions)
    first = snapshots.get("x", "watched", now, make)
    assert snapshots.get("x", "watched", now + LONGEST / 2, make) == first
    assert snapshots.get("x", "watched", now + LONGEST, make) != first
