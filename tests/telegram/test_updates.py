"""What Telegram tells the bot."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.errors import PayloadError
from stargazer.telegram.updates import keep_update, read_update

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
GROUP = {"id": -100, "type": "supergroup", "title": "Fans"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Aki", "last_name": "Sato"}
PERSON = {"id": 42, "is_bot": False, "first_name": "Aki"}


def keep(kind, content, number=7, bot="1000"):
    body = json.dumps({"update_id": number, kind: content}).encode()
    return keep_update(read_update(body), body, bot, NOW)


def message(chat=PRIVATE, **fields):
    return {"message_id": 1, "date": 1, "chat": chat, "from": PERSON, **fields}


@pytest.mark.parametrize(
    ("kind", "content", "account"),
    [
        ("message", message(text="hello"), "telegram 42"),
        ("message", message(GROUP, text="/list"), "telegram -100"),
        ("message", message(GROUP, text="hello @our_bot"), "telegram -100"),
        ("message", message(GROUP, text="yes", reply_to_message=message()), "telegram -100"),
        ("message", message(GROUP, migrate_to_chat_id=-1001), "telegram -100"),
        ("message", message(GROUP, migrate_from_chat_id=-1001), "telegram -100"),
        ("message", message(GROUP, text="among ourselves"), None),
        ("message", message(sticker={}), None),
        ("message", message({**GROUP, "type": "channel"}, text="/list"), None),
        ("channel_post", message({**GROUP, "type": "channel"}, text="/list"), None),
        ("edited_message", message(text="/list"), None),
        (
            "callback_query",
            {"id": "1", "from": PERSON, "message": message(GROUP), "data": "x"},
            "telegram -100",
        ),
        (
            "callback_query",
            {"id": "1", "from": PERSON, "message": {"message_id": 1, "date": 0, "chat": GROUP}},
            "telegram -100",
        ),
        ("callback_query", {"id": "1", "from": PERSON, "inline_message_id": "x"}, None),
        (
            "my_chat_member",
            {"chat": PRIVATE, "new_chat_member": {"status": "kicked", "until_date": 0}},
            "telegram 42",
        ),
    ],
)
def test_what_has_to_be_answered_is_kept(kind, content, account):
    push = keep(kind, content)
    assert (push.account if push else None) == account
    assert push is None or (push.kind, push.received_at) == ("commands", NOW)


def test_the_same_update_has_the_same_id_and_another_bots_another():
    first = keep("message", message(text="hello"))
    assert keep("message", message(text="hello")).id == first.id
    assert keep("message", message(text="hello"), number=8).id != first.id
    assert keep("message", message(text="hello"), bot="1001").id != first.id


@pytest.mark.parametrize(
    ("member", "is_out"),
    [
        ({"status": "kicked"}, True),
        ({"status": "left"}, True),
        ({"status": "restricted", "can_send_messages": False}, True),
        ({"status": "restricted", "can_send_messages": True}, False),
        ({"status": "member"}, False),
        ({"status": "administrator"}, False),
    ],
    ids=str,
)
def test_the_bot_is_out_when_it_cannot_write(member, is_out):
    change = {"chat": GROUP, "new_chat_member": member}
    body = json.dumps({"update_id": 1, "my_chat_member": change}).encode()
    assert read_update(body).my_chat_member.is_out == is_out


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"update_id": "x"}',
        b'{"update_id": 1, "message": "said by somebody"}',
        b'{"update_id": 1, "message": {"message_id": 1}}',
    ],
)
def test_what_is_no_update_is_said_without_what_it_says(body):
    with pytest.raises(PayloadError) as caught:
        read_update(body)
    assert "somebody" not in str(caught.value)


@given(st.binary())
def test_whatever_comes_is_an_update_or_none(body):
    with suppress(PayloadError):
        assert read_update(body).update_id is not None
