"""Adding accounts as people paste them."""

import pytest
from pydantic import SecretStr

from stargazer.simulator.quota import DEFAULT_KEY

CHANNEL = "UC" + "a" * 22
META = {"name": {"name": {"en": "Sora"}, "default_language": "en"}}


@pytest.fixture
def settings(settings, simulator):
    simulator.set_channel(CHANNEL, title="Sora", handle="@sora")
    return settings.model_copy(
        update={
            "youtube_api_url": simulator.youtube_url,
            "youtube_api_key": SecretStr(DEFAULT_KEY),
        }
    )


@pytest.fixture
def entity(call):
    return call("newEntity", {"meta": META})[1]["data"]["id"]


@pytest.mark.parametrize(
    "account",
    [
        {"kind": "youtube", "params": {"channel_id": CHANNEL}},
        {"kind": "youtube", "params": {"channel_id": "@sora"}},
        {"kind": "youtube", "params": {"channel_id": "https://www.youtube.com/@Sora/streams"}},
        {"address": "https://www.youtube.com/@sora"},
    ],
    ids=["id", "handle", "address as parameter", "address alone"],
)
def test_what_is_pasted_is_stored_as_the_id(call, entity, account):
    status, answer = call("addTask", {"entity_id": entity, **account})
    assert status == 200
    assert answer["data"]["kind"] == "youtube"
    assert answer["data"]["params"] == {"channel_id": CHANNEL}
    # However it is written, it is the same account.
    assert call("addTask", {"entity_id": entity, "address": "youtube.com/@sora"})[0] == 409


def test_a_whole_vtuber_is_added_with_addresses(call):
    accounts = [{"address": "https://www.youtube.com/@sora"}, {"address": "twitch.tv/sora"}]
    status, answer = call("newEntity", {"meta": META, "tasks": accounts})
    assert status == 200
    shown = {task["kind"]: task["params"] for task in answer["data"]["tasks"]}
    assert shown == {"youtube": {"channel_id": CHANNEL}, "twitch": {"login": "sora"}}


def test_one_wrong_account_of_several_adds_nothing(call):
    accounts = [{"address": "twitch.tv/sora"}, {"address": "https://www.youtube.com/@nobody"}]
    status, answer = call("newEntity", {"meta": META, "tasks": accounts})
    assert (status, answer["data"]["code"]) == (400, "unknown_account")
    said = "`tasks.1.address`: YouTube knows no such channel; tried the handle @nobody"
    assert answer["data"]["error"] == ["Bad Request", said]
    assert call("getEntities")[1]["data"]["entities"] == []


@pytest.mark.parametrize("method", ["addTask", "newEntity", "updateTask"])
def test_a_platform_that_is_away_is_nobodys_fault_and_changes_nothing(
    call, entity, simulator, method
):
    task = {"entity_id": entity, "kind": "youtube", "params": {"channel_id": CHANNEL}}
    key = call("addTask", task)[1]["data"]["id"]
    simulator.add_fault("api", status=503)
    wanted = {"kind": "youtube", "params": {"channel_id": "@sora"}}
    status, answer = call(
        method,
        {
            "addTask": {"entity_id": entity, **wanted},
            "newEntity": {"meta": META, "tasks": [wanted]},
            "updateTask": {"task_id": key, "params": wanted["params"]},
        }[method],
    )
    assert (status, answer["data"]["code"]) == (503, "platform_unavailable")
    assert "youtube could not be asked, try again" in answer["data"]["error"][1]
    assert len(call("getEntities")[1]["data"]["entities"]) == 1
