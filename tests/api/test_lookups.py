"""Whose account an address names."""

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


@pytest.mark.parametrize(
    ("address", "kind", "params"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}", "youtube", {"channel_id": CHANNEL}),
        ("youtube.com/@sora/streams", "youtube", {"channel_id": CHANNEL}),
        (" https://www.youtube.com/c/sora ", "youtube", {"channel_id": CHANNEL}),
        ("https://www.youtube.com/user/sora", "youtube", {"channel_id": CHANNEL}),
        ("https://x.com/Sora_ch/with_replies?s=20", "twitter", {"id": "sora_ch"}),
        ("https://twitter.com/sora_ch/status/123", "twitter", {"id": "sora_ch"}),
        ("https://space.bilibili.com/286700005/dynamic", "bilibili", {"uid": "286700005"}),
        ("https://www.twitch.tv/Sora/videos", "twitch", {"login": "sora"}),
    ],
    ids=["channel", "handle", "c", "user", "x", "tweet", "space", "twitch"],
)
def test_an_address_names_an_account_that_nobody_watches(call, address, kind, params):
    status, answer = call("resolveAccount", {"address": address})
    assert status == 200, answer
    assert answer["data"] == {"kind": kind, "params": params, "watched_by": []}
    assert call("getTasks")[1]["data"]["tasks"] == []


def test_who_watches_it_already_is_told(call):
    account = {"kind": "youtube", "params": {"channel_id": CHANNEL}}
    entities = [call("newEntity", {"meta": META, "tasks": [account]})[1]["data"] for _ in "ab"]
    call("updateTask", {"task_id": entities[1]["tasks"][0]["id"], "paused": True})
    told = call("resolveAccount", {"address": "youtube.com/@sora"})[1]["data"]["watched_by"]
    assert [(each["entity_id"], each["paused"]) for each in told] == [
        (entities[0]["id"], False),
        (entities[1]["id"], True),
    ]
    assert told[0]["meta"] == {**META, "group": None}
    assert told[0]["task_id"] == entities[0]["tasks"][0]["id"]


def test_a_platform_that_is_away_is_nobodys_fault(call, simulator):
    simulator.add_fault("api", status=503)
    status, answer = call("resolveAccount", {"address": "youtube.com/@sora"})
    assert (status, answer["data"]["code"]) == (503, "platform_unavailable")


def test_what_is_no_address_is_told_what_to_paste(call):
    status, answer = call("resolveAccount", {"address": "sora"})
    assert (status, answer["data"]["code"]) == (400, "unknown_account")
    assert "paste" in answer["data"]["error"][1]
