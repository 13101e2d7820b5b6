"""Moving house by the API."""

import json

import pytest

ENTITY = {"meta": {"name": {"name": {"en": "Sora"}, "default_language": "en"}}}
CHANNEL = {"channel_id": "UC" + "a" * 22}


@pytest.fixture
def filled(call):
    """Give an export of a VTuber, and of a chat that hears of it."""
    tasks = [{"kind": "youtube", "params": CHANNEL}]
    _, entity = call("newEntity", {**ENTITY, "tasks": tasks})
    wish = {"entities": [entity["data"]["id"]], "kinds": ["youtube/live_start"]}
    call("addUser", {"im": "telegram", "im_payload": "1", "event_filter": wish})
    return call("exportData")[1]["data"]["document"]


def count(answer):
    return {(each["what"], each["outcome"]): each["count"] for each in answer["data"]["counts"]}


def test_what_is_gone_comes_back(call, store, filled):
    for collection in ("entities", "tasks", "users", "subscriptions", "memories"):
        store.database[collection].delete_many({})
    added = {("entity", "added"): 1, ("task", "added"): 1, ("user", "added"): 1}
    _, answer = call("importData", {"document": filled, "dry_run": True})
    assert count(answer) == added
    assert [each["what"] for each in answer["data"]["changes"]] == ["entity", "task", "user"]
    assert list(store.users.list_all()) == []
    assert count(call("importData", {"document": filled})[1]) == added
    assert call("exportData")[1]["data"]["document"] == filled
    _, index = call("getUserIndex", {"im": "telegram"})
    assert list(index["data"]["index"].values()) == [{"youtube/live_start": ["1"]}]


def test_every_problem_of_a_wrong_document_is_said(call, filled):
    head, entity, user, end = filled.splitlines()
    wrong = json.loads(user)
    wrong["user"] |= {"im": 5, "id": "x"}
    document = "\n".join([head, entity, json.dumps(wrong), end])
    status, answer = call("importData", {"document": document})
    assert (status, answer["data"]["code"]) == (400, "invalid_document")
    assert [each.partition(":")[0] for each in answer["data"]["error"][1:]] == ["line 3"] * 2


@pytest.mark.parametrize(
    ("size", "status"), [(2, 400), (9, 413)], ids=["more than others take", "too much"]
)
def test_a_document_may_be_longer_than_a_usual_body(call, size, status):
    document = "x" * size * 1024 * 1024
    assert call("importData", {"document": document, "format": "json"})[0] == status


def test_what_is_left_out_is_told_before_what_is_added(call, store):
    target = {"target_name": "x", "target": "1", "platform_name": "weibo"}
    other = {**target, "platform_name": "bilibili"}
    subscriptions = [
        {"categories": [3], "tags": [], "target": each} for each in (other, *[target] * 3)
    ]
    pack = {"user_target": {"platform_type": "QQ Group", "group_id": 12345}, "subs": subscriptions}
    document = json.dumps({"version": 3, "groups": [pack]})
    _, answer = call("importData", {"document": document, "dry_run": True})
    assert answer["data"]["format"] == "NBESF of nonebot-bison"
    outcomes = [each["outcome"] for each in answer["data"]["changes"]]
    assert outcomes == ["skipped"] * 3 + ["added"] * 3
