"""Whether what judges our requests to Telegram would find anything."""

import pytest

from tests.telegram_models import find_problems

PHOTO = {"type": "photo", "media": "https://p.test/1.jpg", "has_spoiler": True}
TEXT = {"chat_id": "42", "text": "x"}


@pytest.mark.parametrize(
    ("method", "parameters", "files"),
    [
        ("sendMessage", {**TEXT, "parse_mode": "HTML", "message_thread_id": 7}, ()),
        ("sendMessage", {**TEXT, "link_preview_options": {"url": "https://p.test"}}, ()),
        (
            "sendMessage",
            {
                **TEXT,
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]},
            },
            (),
        ),
        ("sendMediaGroup", {"chat_id": 42, "media": [PHOTO, PHOTO]}, ()),
        (
            "sendMediaGroup",
            {"chat_id": "42", "media": '[{"type":"photo","media":"attach://a"}]'},
            ("a",),
        ),
        ("sendPhoto", {"chat_id": "42", "disable_notification": "true"}, ("photo",)),
        ("setMyCommands", {"commands": [{"command": "a", "description": "b"}]}, ()),
    ],
)
def test_a_right_request_has_no_problems(method, parameters, files):
    assert find_problems(method, parameters, files) == []


@pytest.mark.parametrize(
    ("method", "parameters", "files"),
    [
        ("sendMesage", TEXT, ()),
        ("sendMessage", {"chat_id": 42}, ()),
        ("sendMessage", {**TEXT, "silent": True}, ()),
        ("sendMessage", {**TEXT, "disable_notification": 1}, ()),
        ("sendMessage", {**TEXT, "message_thread_id": "7"}, ()),
        ("sendMessage", {**TEXT, "message_thread_id": None}, ()),
        ("sendMessage", {**TEXT, "link_preview_options": {"link": "https://p.test"}}, ()),
        ("sendMessage", {**TEXT, "entities": ["bold"]}, ()),
        ("sendMediaGroup", {"chat_id": 42, "media": [{**PHOTO, "text": "x"}]}, ()),
        ("sendMediaGroup", {"chat_id": 42, "media": [{**PHOTO, "type": "picture"}]}, ()),
        ("sendMediaGroup", {"chat_id": 42, "media": [{"type": "photo"}]}, ()),
        ("sendMediaGroup", {"chat_id": 42, "media": PHOTO}, ()),
        (
            "sendMediaGroup",
            {"chat_id": "42", "media": '[{"type":"photo","media":"attach://b"}]'},
            ("a",),
        ),
    ],
    ids=[
        "method",
        "missing",
        "unknown",
        "no boolean",
        "no number",
        "null",
        "unknown inside",
        "no object",
        "unknown in a list",
        "type",
        "missing in a list",
        "no list",
        "an upload without use",
    ],
)
def test_a_wrong_request_is_found_out(method, parameters, files):
    assert find_problems(method, parameters, files)
