"""What an adapter posts, as we read it."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nonebot.adapters.onebot.v11 import Message, MessageSegment

from stargazer.addresses.qq import Chat
from stargazer.errors import PayloadError
from stargazer.onebot.events import Beat, Happened, Said, What, is_signed, read_event

US, GROUP, USER = 10_001_000, 900_100, 20_002
SAID_AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
PRIVATE = {
    "self_id": US,
    "time": 1_790_000_000,
    "post_type": "message",
    "message_type": "private",
    "sub_type": "friend",
    "message_id": 1,
    "user_id": USER,
    "message": [{"type": "text", "data": {"text": "/list"}}],
    "raw_message": "/list",
    "sender": {"user_id": USER, "nickname": "A friend"},
}
IN_GROUP = {
    **PRIVATE,
    "message_type": "group",
    "sub_type": "normal",
    "group_id": GROUP,
    "sender": {"user_id": USER, "role": "member"},
}
NOTICE = {
    "self_id": US,
    "time": 1_790_000_000,
    "post_type": "notice",
    "group_id": GROUP,
    "user_id": US,
}
AT_US = {"type": "at", "data": {"qq": str(US)}}


def read(event, **changes):
    return read_event(json.dumps({**event, **changes}).encode())


def test_a_friend_speaks_to_us_alone():
    assert read(PRIVATE) == Said(
        chat=Chat(is_group=False, number=USER),
        said_at=SAID_AT,
        user=USER,
        text="/list",
        name="A friend",
        is_to_us=True,
        is_leader=True,
    )


def test_numbers_may_be_strings():
    strings = {name: str(value) for name, value in PRIVATE.items() if isinstance(value, int)}
    assert read(PRIVATE, **strings) == read(PRIVATE)


def test_what_is_unknown_may_be_said_to_be_so():
    assert read(PRIVATE, group_id=None, sender=None, sub_type=None).is_stranger


@pytest.mark.parametrize("group", [{"group_id": GROUP}, {"sender": {"group_id": GROUP}}, {}])
def test_who_is_no_friend_is_a_stranger(group):
    said = read(PRIVATE, sub_type="group", **group)
    assert (said.is_stranger, said.by_group) == (True, GROUP if group else None)


@pytest.mark.parametrize(
    ("message", "text", "is_to_us"),
    [
        ([{"type": "text", "data": {"text": " /list "}}], "/list", False),
        ([{"type": "text", "data": {"text": "／list"}}], "／list", False),  # noqa: RUF001
        ([AT_US, {"type": "text", "data": {"text": " 列表"}}], "列表", True),
        ([{"type": "at", "data": {"qq": US}}, {"type": "text", "data": {"text": "x"}}], "x", True),
        (f"[CQ:at,qq={US},name=Stars] 订阅 &#91;A&#93; &amp; B", "订阅 [A] & B", True),
        (f"[CQ:reply,id=-1][CQ:at,qq={US}]", "", True),
        ([AT_US, {"type": "image", "data": {"file": "x"}}], "", True),
    ],
    ids=[
        *("a slash", "a wide slash", "our name", "our number", "codes", "only our name"),
        "a picture",
    ],
)
def test_a_group_speaks_to_us_by_a_slash_or_by_our_name(message, text, is_to_us):
    said = read(IN_GROUP, message=message)
    assert (said.text, said.is_to_us, said.chat) == (
        text,
        is_to_us,
        Chat(is_group=True, number=GROUP),
    )


@pytest.mark.parametrize(
    "message",
    [
        "list",
        [{"type": "at", "data": {"qq": "all"}}, {"type": "text", "data": {"text": "list"}}],
        [{"type": "at", "data": {"qq": "5"}}],
        f"&#91;CQ:at,qq={US}&#93; list",
        [{}, {"type": "text"}, {"type": "text", "data": None}],
        "",
    ],
    ids=["no slash", "everybody", "another one", "what looks like a code", "odd", "nothing"],
)
def test_the_rest_is_none_of_our_business(message):
    assert read(IN_GROUP, message=message) is None


@pytest.mark.parametrize(
    ("role", "is_leader"),
    [("owner", True), ("admin", True), ("member", False), (None, False)],
    ids=str,
)
def test_who_leads_a_group_may_change_it(role, is_leader):
    assert read(IN_GROUP, sender={"role": role}).is_leader is is_leader


@pytest.mark.parametrize(
    ("event", "chat", "what", "seconds"),
    [
        (
            {"notice_type": "group_decrease", "sub_type": "kick_me"},
            f"group:{GROUP}",
            What.REMOVED,
            0,
        ),
        ({"notice_type": "group_increase", "sub_type": "invite"}, f"group:{GROUP}", What.ADDED, 0),
        (
            {"notice_type": "group_ban", "sub_type": "ban", "duration": 60},
            f"group:{GROUP}",
            What.MUTED,
            60,
        ),
        (
            {"notice_type": "group_ban", "sub_type": "lift_ban", "duration": 0},
            f"group:{GROUP}",
            What.UNMUTED,
            0,
        ),
        (
            {"notice_type": "friend_add", "user_id": USER, "group_id": None},
            f"private:{USER}",
            What.ADDED,
            0,
        ),
    ],
    ids=["removed", "invited", "muted", "not muted any more", "a new friend"],
)
def test_what_happens_to_us_is_read(event, chat, what, seconds):
    happened = read({**NOTICE, **event})
    assert isinstance(happened, Happened)
    assert (str(happened.chat), happened.what, happened.seconds) == (chat, what, seconds)


@pytest.mark.parametrize(
    "event",
    [
        {"notice_type": "group_decrease", "sub_type": "kick", "user_id": 5},
        {"notice_type": "group_ban", "sub_type": "ban", "user_id": 0, "duration": -1},
        {"notice_type": "group_upload"},
        {"post_type": "request", "request_type": "friend"},
        {"post_type": "meta_event", "meta_event_type": "lifecycle", "sub_type": "enable"},
        {**PRIVATE, "user_id": US},
        {**PRIVATE, "message": [{"type": "image", "data": {"file": "x"}}]},
    ],
    ids=[
        *("somebody was removed", "all are muted", "a file", "a request", "it began"),
        *("our own words", "only a picture"),
    ],
)
def test_what_is_not_about_us_is_not(event):
    assert read({**NOTICE, **event}) is None


@pytest.mark.parametrize(
    ("event", "online"),
    [
        ({"post_type": "meta_event", "status": {"online": True, "good": True}}, True),
        ({"post_type": "meta_event", "status": {"online": False}}, False),
        ({"post_type": "notice", "notice_type": "bot_offline", "message": "kicked"}, False),
    ],
    ids=["online", "offline", "logged out"],
)
def test_the_adapter_says_how_it_is(event, online):
    assert read(NOTICE, **event) == Beat(online=online)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"self_id": "x"}'], ids=repr)
def test_what_is_no_event_is_refused(body):
    with pytest.raises(PayloadError):
        read_event(body)


@given(st.text(max_size=40), st.text(max_size=40))
def test_codes_mean_what_others_write_them_for(before, after):
    message = Message([MessageSegment.text(f"x{before}"), MessageSegment.at(US)])
    message += MessageSegment.text(after)
    said = read(IN_GROUP, message=str(message))
    assert said.text == f"x{before}{after}".strip()
    assert said.is_to_us


def test_a_signature_is_that_of_the_whole_body():
    signature = "sha1=de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"
    assert is_signed("key", signature, b"The quick brown fox jumps over the lazy dog")
    assert not is_signed("key", signature, b"The quick brown fox jumps over the lazy cog")
    assert not is_signed("Key", signature, b"The quick brown fox jumps over the lazy dog")
    assert not is_signed("key", "sha1=\xe9", b"")
