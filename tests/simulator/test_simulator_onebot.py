"""The simulated adapter: what it takes, what it refuses as NapCat does, and what it posts."""

import hashlib
import hmac

import pytest

from stargazer.simulator.onebot.world import SECRET, TOKEN

GROUP, FRIEND = 900_100, 20_002
TEXT = {"type": "text", "data": {"text": "x"}}
PICTURE = {"type": "image", "data": {"file": "https://p.test/1"}}
ALL = {"type": "at", "data": {"qq": "all"}}


@pytest.fixture
def ask(web):
    web.put(f"/control/qq/groups/{GROUP}", json={"role": "admin", "members": [5]})
    web.put(f"/control/qq/friends/{FRIEND}", json={})

    def call(action, token=TOKEN, **parameters):
        return web.post(
            f"/qq/{action}", json=parameters, headers={"Authorization": f"Bearer {token}"}
        )

    return call


@pytest.fixture
def breaks(web):
    return lambda: web.get("/control/counters").json["limit_breaks"]


def test_a_message_gets_its_number(ask, web, breaks):
    answer = ask("send_group_msg", group_id=GROUP, message=[TEXT, PICTURE])
    assert (answer.json["status"], answer.json["retcode"]) == ("ok", 0)
    assert isinstance(answer.json["data"]["message_id"], int)
    [entry] = web.get("/control/journal?target=qq").json["entries"]
    assert (entry["action"], entry["delivered"]) == ("send_group_msg", True)
    assert breaks() == {}


@pytest.mark.parametrize(
    ("action", "parameters", "status", "code", "text"),
    [
        ("send_group_msg", {"token": "wrong", "group_id": GROUP}, 403, None, "token verify failed"),
        ("fly", {}, 200, 200, "不支持的Api"),
        ("send_group_msg", {"message": [TEXT]}, 200, 1400, "group_id"),
        ("send_group_msg", {"group_id": 1, "message": [TEXT]}, 200, 200, "移出"),
        ("send_private_msg", {"user_id": 5, "message": [TEXT]}, 200, 200, "好友"),
        ("send_group_msg", {"group_id": GROUP, "message": []}, 200, 1400, "form"),
        ("send_group_msg", {"group_id": GROUP, "message": [{}]}, 200, 1400, "segment"),
        ("send_group_msg", {"group_id": GROUP, "message": [PICTURE] * 10}, 200, 1400, "pictures"),
        (
            "send_group_msg",
            {"group_id": GROUP, "message": [{"type": "image", "data": {"file": "ftp://x"}}]},
            200,
            1400,
            "file",
        ),
        (
            "send_group_msg",
            {"group_id": GROUP, "message": [{"type": "text", "data": {"text": " "}}]},
            200,
            1400,
            "empty",
        ),
        ("get_group_member_info", {"group_id": GROUP, "user_id": 6}, 200, 200, "不存在"),
    ],
    ids=[
        *("another token", "no action", "no group", "not in it", "no friend", "nothing"),
        *("no segment", "ten pictures", "a strange file", "only a space", "no member"),
    ],
)
def test_what_is_wrong_is_said_as_the_adapter_does(ask, action, parameters, status, code, text):
    answer = ask(action, **parameters)
    assert (answer.status_code, answer.json.get("retcode")) == (status, code)
    assert text in answer.json["message"]


@pytest.mark.parametrize(
    ("group", "account", "message", "text"),
    [
        ({"muted": True}, {}, [TEXT], "禁言"),
        ({}, {"pictures_refused": True}, [TEXT, PICTURE], "rich media"),
        ({}, {"online": False}, [TEXT], "Timeout: NTEvent"),
        ({"calls": 0}, {}, [ALL, TEXT], "全体成员"),
        ({"role": "member"}, {}, [ALL, TEXT], "全体成员"),
    ],
    ids=["muted", "pictures", "offline", "called too often", "may not call"],
)
def test_what_is_unusual_shows(ask, web, group, account, message, text):
    web.put(f"/control/qq/groups/{GROUP}", json=group)
    web.put("/control/qq/account", json=account)
    answer = ask("send_group_msg", group_id=GROUP, message=message)
    assert answer.json["status"] == "failed"
    assert text in answer.json["message"]
    assert not web.get("/control/journal?target=qq").json["entries"][0]["delivered"]


def test_a_member_is_reached_by_the_group(ask, web):
    to_member = {"user_id": 5, "group_id": GROUP, "message": [TEXT]}
    assert ask("send_private_msg", **to_member).json["status"] == "ok"
    web.put(f"/control/qq/groups/{GROUP}", json={"temporary": False})
    assert "临时会话" in ask("send_private_msg", **to_member).json["message"]


def test_calls_are_used_up(ask):
    before = ask("get_group_at_all_remain", group_id=GROUP).json["data"]
    ask("send_group_msg", group_id=GROUP, message=[ALL, TEXT])
    after = ask("get_group_at_all_remain", group_id=GROUP).json["data"]
    assert before["can_at_all"]
    assert after["remain_at_all_count_for_uin"] == before["remain_at_all_count_for_uin"] - 1


def test_too_fast_is_taken_and_counted(ask, breaks, web):
    for _ in range(2):
        ask("send_group_msg", group_id=GROUP, message=[TEXT])
    assert breaks() == {"qq_pace": 1}
    web.put("/control/limits", json={"qq_per_minute": None})
    ask("send_group_msg", group_id=GROUP, message=[TEXT])
    assert breaks() == {"qq_pace": 1}


def test_some_may_come_at_once(ask, breaks, web):
    web.put("/control/limits", json={"qq_burst": 2})
    for _ in range(3):
        ask("send_group_msg", group_id=GROUP, message=[TEXT])
    assert breaks() == {"qq_pace": 1}


def test_a_number_on_demand_is_answered(ask, web):
    web.post("/control/faults", json={"target": "qq", "code": 1404, "count": 1})
    answer = ask("send_group_msg", group_id=GROUP, message=[TEXT])
    assert (answer.json["status"], answer.json["retcode"]) == ("failed", 1404)


def test_what_timed_out_has_arrived(ask, web):
    web.post("/control/faults", json={"target": "qq", "code": 1200, "count": 1})
    assert ask("send_group_msg", group_id=GROUP, message=[TEXT]).json["retcode"] == 1200
    assert web.get("/control/journal?target=qq").json["entries"][0]["delivered"]


@pytest.mark.parametrize("form", ["array", "string"])
def test_what_is_said_is_posted_and_signed(simulator, receiver, eventually, form):
    simulator.qq.set_account(event_url=receiver.url)
    simulator.qq.say(5, "/list", group=GROUP, role="owner", at_us=True, form=form)
    eventually(lambda: receiver.pushes)
    [push] = receiver.pushes
    digest = hmac.new(SECRET.encode(), push.body, hashlib.sha1).hexdigest()
    assert push.headers["X-Signature"] == f"sha1={digest}"
    assert push.headers["X-Self-Id"] == "10001000"


def test_without_an_address_nothing_is_posted(simulator):
    simulator.qq.beat(online=True)
    assert simulator.journal(target="push") == []
