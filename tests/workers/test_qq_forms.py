"""What we send to QQ, and what the simulated QQ says, as others' models of OneBot read it."""

import time

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from nonebot.adapters.onebot.v11 import Adapter, Message, MessageSegment
from nonebot.adapters.onebot.v11 import event as events

from stargazer.rendering import Message as Told
from stargazer.rendering.forms.onebot import to_cq, to_segments, to_text_segments
from stargazer.rendering.forms.plain import to_text

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60)


@given(
    headline=TEXTS, body=st.lists(TEXTS, max_size=3), count=st.integers(0, 6), calls=st.booleans()
)
def test_segments_are_those_that_others_would_build(headline, body, count, calls):
    pictures = tuple(f"https://p.test/{number}?a=1,2&b=[{number}]" for number in range(count))
    told = Told(headline, tuple(body), "https://v.test/1", pictures)
    ours = to_segments(told, mentions_all=calls)
    theirs = Message(MessageSegment.at("all") if calls else "")
    theirs += MessageSegment.text((" " if calls else "") + to_text(told))
    for segment in ours[1 + calls :]:
        theirs += MessageSegment("image", {"file": segment["data"]["file"]})
    assert [MessageSegment(**each) for each in ours] == list(theirs)
    assert len(ours) == 1 + calls + min(count, 4)


@given(text=TEXTS)
def test_codes_are_read_as_they_were_meant(text):
    told = Told(f"x{text}", (), "", ("https://p.test/?a=[1],2&b",))
    segments = to_segments(told)
    read = Message(to_cq(segments))
    assert [(each.type, each.data) for each in read] == [
        (each["type"], each["data"]) for each in segments
    ]


def test_plain_text_holds_as_many_links_as_there_is_room_for():
    told = Told("x" * 20, (), "", ("https://p.test/1", "https://p.test/2"))
    [segment] = to_text_segments(told, 40)
    assert segment["data"]["text"] == f"{'x' * 20}\nhttps://p.test/1"
    assert Message([MessageSegment(**segment)]).extract_plain_text() == segment["data"]["text"]


@pytest.fixture
def read(simulator, serve):
    """Give a function that lets something happen on QQ, and gives how others read it."""
    app, got = Flask("receiver"), []

    @app.post("/")
    def take():
        got.append(request.get_json())
        return "", 204

    simulator.qq.set_account(event_url=serve(app))

    def happen(act):
        act(simulator.qq)
        deadline = time.monotonic() + 10
        while not got:
            assert time.monotonic() < deadline, "nothing was posted"
            time.sleep(0.01)
        return Adapter.json_to_event(got.pop())

    return happen


@pytest.mark.parametrize("form", ["array", "string"])
def test_what_somebody_says_is_a_message(read, form):
    event = read(lambda qq: qq.say(20_002, "订阅 [星街] & more", form=form))
    assert isinstance(event, events.PrivateMessageEvent)
    assert (event.user_id, event.sub_type) == (20_002, "friend")


@pytest.mark.parametrize("form", ["array", "string"])
def test_what_somebody_says_in_a_group_is_one_too(read, form):
    event = read(lambda qq: qq.say(5, "/list", group=900_100, role="admin", at_us=True, form=form))
    assert isinstance(event, events.GroupMessageEvent)
    assert (event.group_id, event.sender.role) == (900_100, "admin")
    assert event.message[0] == MessageSegment.at(event.self_id)


@pytest.mark.parametrize(
    ("act", "model"),
    [
        (
            lambda qq: qq.notice(
                "group_decrease", sub_type="kick_me", group_id=9, user_id=1, operator_id=2
            ),
            events.GroupDecreaseNoticeEvent,
        ),
        (
            lambda qq: qq.notice(
                "group_increase", sub_type="invite", group_id=9, user_id=1, operator_id=2
            ),
            events.GroupIncreaseNoticeEvent,
        ),
        (
            lambda qq: qq.notice(
                "group_ban", sub_type="ban", group_id=9, user_id=1, operator_id=2, duration=60
            ),
            events.GroupBanNoticeEvent,
        ),
        (lambda qq: qq.notice("friend_add", user_id=1), events.FriendAddNoticeEvent),
        (lambda qq: qq.beat(online=False), events.HeartbeatMetaEvent),
    ],
    ids=["removed", "invited", "muted", "a friend", "a heartbeat"],
)
def test_what_else_happens_is_an_event(read, act, model):
    assert isinstance(read(act), model)
