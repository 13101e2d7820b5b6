import io
import json
import threading
import time

import pytest
import requests

from stargazer.simulator.limits import Limits, Window
from stargazer.simulator.photos import find_fault


def make_png(width, height):
    return b"\x89PNG\r\n\x1a\n" + bytes(8) + width.to_bytes(4) + height.to_bytes(4)


PNG = make_png(640, 480)
BOT = "/telegram/bot1000:simulated"
UNLIMITED = {"global_per_second": None, "chat_per_second": None, "group_per_minute": None}


@pytest.fixture
def unlimited(web):
    web.put("/control/limits", json=UNLIMITED)
    return web


@pytest.fixture
def call(web):
    def ask(method, **params):
        return web.post(f"{BOT}/{method}", json=params)

    return ask


def test_a_bot_knows_itself(call):
    answer = call("getMe").json
    assert answer["ok"]
    assert answer["result"]["id"] == 1000
    assert answer["result"]["is_bot"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("bot1000:wrong/getMe", 401), ("bot1000:simulated/inventMe", 404)],
    ids=["token", "method"],
)
def test_a_wrong_token_or_method_is_refused(web, path, status):
    answer = web.post(f"/telegram/{path}")
    assert answer.status_code == status
    assert answer.json["ok"] is False
    assert answer.json["error_code"] == status


def test_other_tokens_can_be_made_right(web):
    web.put("/control/credentials", json={"bot_tokens": ["77:other"]})
    assert web.get("/telegram/bot77:other/getMe").json["result"]["id"] == 77
    assert web.get(f"{BOT}/getMe").status_code == 401


@pytest.mark.parametrize(
    "request_of",
    [
        lambda web, fields: web.post(f"{BOT}/sendMessage", json=fields),
        lambda web, fields: web.post(f"{BOT}/sendmessage", data=fields),
        lambda web, fields: web.get(f"{BOT}/sendMessage", query_string=fields),
        lambda web, fields: web.post(
            f"{BOT}/sendMessage", data=fields, content_type="multipart/form-data"
        ),
    ],
    ids=["json", "form", "query", "multipart"],
)
def test_parameters_come_in_any_form(web, request_of):
    answer = request_of(web, {"chat_id": "7", "text": "<b>Hi</b> &amp;", "parse_mode": "HTML"})
    message = answer.json["result"]
    assert message["text"] == "Hi &"
    assert message["chat"] == {"id": 7, "type": "private", "first_name": "User 7"}
    assert message["message_id"] == 1


def test_message_ids_count_up_in_each_chat(unlimited, call):
    ids = [
        call("sendMessage", chat_id=chat, text="x").json["result"]["message_id"]
        for chat in (7, 7, 8, 7)
    ]
    assert ids == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("chat_id", "kind"),
    [(7, "private"), (-7, "group"), (-1001234567890, "supergroup"), ("@name", "supergroup")],
    ids=str,
)
def test_any_chat_exists(call, chat_id, kind):
    assert call("getChat", chat_id=chat_id).json["result"]["type"] == kind


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendMessage", {"text": "x"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": "x", "text": "x"}, "chat not found"),
        ("sendMessage", {"chat_id": 7}, "message text is empty"),
        ("sendMessage", {"chat_id": 7, "text": " \n"}, "message text is empty"),
        ("sendMessage", {"chat_id": 7, "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": 7, "text": "🌟" * 2049}, "message is too long"),
        ("sendMessage", {"chat_id": 7, "text": "x", "parse_mode": "RTF"}, "unsupported parse_mode"),
        (
            "sendMessage",
            {"chat_id": 7, "text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ("sendPhoto", {"chat_id": 7}, "there is no photo in the request"),
        (
            "sendPhoto",
            {"chat_id": 7, "photo": "not-an-id"},
            "wrong file identifier/HTTP URL specified",
        ),
        (
            "sendPhoto",
            {"chat_id": 7, "photo": "https://[/1.jpg"},
            "wrong file identifier/HTTP URL specified",
        ),
        (
            "sendPhoto",
            {"chat_id": 7, "photo": "https://pictures.invalid/1.jpg"},
            "failed to get HTTP URL content",
        ),
        (
            "sendPhoto",
            {"chat_id": 7, "photo": "https://127.0.0.1/1.jpg", "caption": "x" * 1025},
            "message caption is too long",
        ),
        (
            "editMessageText",
            {"chat_id": 7, "message_id": 1, "text": "x"},
            "message to edit not found",
        ),
        ("deleteMessage", {"chat_id": 7, "message_id": 1}, "message to delete not found"),
        (
            "sendMediaGroup",
            {"chat_id": 7, "media": [1, 2]},
            "can't parse media: expected an array of objects",
        ),
        (
            "sendMediaGroup",
            {"chat_id": 7, "media": [{"type": "photo"}] * 2},
            "can't parse media: an item has no media",
        ),
        ("sendMessage", {"chat_id": 7, "text": 5}, "can't parse text: expected a string"),
        ("sendMediaGroup", {"chat_id": 7, "media": "{"}, "can't parse media: expected an array"),
        (
            "sendMediaGroup",
            {"chat_id": 7, "media": [{"type": "photo", "media": "https://127.0.0.1/1.jpg"}]},
            "media group must include 2-10 items",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_wrong_request_is_refused_in_telegrams_words(web, call, method, params, description):
    answer = call(method, **params)
    assert answer.status_code == 400
    assert answer.json["description"] == f"Bad Request: {description}"
    assert web.get("/control/counters").json["delivered"] == 0


@pytest.mark.parametrize(
    "text",
    ["x" * 4096, "🌟" * 2048, "<b>" + "x" * 4095 + "&lt;</b>"],
    ids=["letters", "emoji", "markup"],
)
def test_the_longest_text_is_sent(call, text):
    answer = call("sendMessage", chat_id=7, text=text, parse_mode="HTML")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("chat_id", "state", "status", "description"),
    [
        (7, {"blocked": True}, 403, "Forbidden: bot was blocked by the user"),
        (-7, {"blocked": True}, 403, "Forbidden: bot was kicked from the group chat"),
        (7, {"missing": True}, 400, "Bad Request: chat not found"),
    ],
    ids=["blocked", "kicked", "missing"],
)
def test_a_chat_can_be_closed_to_the_bot(web, call, chat_id, state, status, description):
    web.put(f"/control/chats/{chat_id}", json=state)
    answer = call("sendMessage", chat_id=chat_id, text="x")
    assert (answer.status_code, answer.json["description"]) == (status, description)
    web.put(f"/control/chats/{chat_id}", json=dict.fromkeys(state, False))
    assert call("sendMessage", chat_id=chat_id, text="x").status_code == 200


def test_a_group_can_become_a_supergroup(web, call):
    web.put("/control/chats/-7", json={"migrated_to": -1007})
    answer = call("sendMessage", chat_id=-7, text="x")
    assert answer.status_code == 400
    assert answer.json["parameters"] == {"migrate_to_chat_id": -1007}


def test_a_chat_can_refuse_photos_but_not_texts(web, call):
    web.put("/control/chats/7", json={"photo_refused": True})
    photo = call("sendPhoto", chat_id=7, photo="https://127.0.0.1/1.jpg")
    assert photo.json["description"] == "Bad Request: wrong file identifier/HTTP URL specified"
    assert call("sendMessage", chat_id=7, text="x").status_code == 200


def test_a_photo_can_be_uploaded_and_sent_again_by_its_id(unlimited, call):
    upload = {"chat_id": "7", "caption": "x", "photo": (io.BytesIO(PNG), "a.png")}
    first = unlimited.post(f"{BOT}/sendPhoto", data=upload).json["result"]
    file_id = first["photo"][0]["file_id"]
    again = call("sendPhoto", chat_id=7, photo=file_id).json["result"]
    assert again["photo"][0]["file_id"] == file_id
    assert "caption" not in again
    entries = unlimited.get("/control/journal").json["entries"]
    assert [one["photo"] for one in entries] == ["upload", file_id]


def test_an_album_is_as_many_messages_as_it_has_items(web, call):
    media = [
        {
            "type": "photo",
            "media": "https://127.0.0.1/1.jpg",
            "caption": "<i>x</i>",
            "parse_mode": "HTML",
        },
        {"type": "photo", "media": "attach://second"},
    ]
    form = {"chat_id": "-7", "media": json.dumps(media), "second": (io.BytesIO(PNG), "a.png")}
    messages = web.post(f"{BOT}/sendMediaGroup", data=form).json["result"]
    assert [message["message_id"] for message in messages] == [1, 2]
    assert messages[0]["caption"] == "x"
    assert web.get("/control/counters").json["delivered"] == 2
    (entry,) = web.get("/control/journal").json["entries"]
    assert entry["message_ids"] == [1, 2]


def test_an_album_names_the_photo_that_it_fails_for(web, call):
    photos = [f"https://127.0.0.1/{number}.jpg" for number in (1, 2)]
    web.put("/control/chats/7", json={"refused_photos": photos[1:]})
    media = [{"type": "photo", "media": photo} for photo in photos]
    assert call("sendMediaGroup", chat_id=7, media=media).json["description"] == (
        "Bad Request: failed to send message #2 with the error message"
        ' "failed to get HTTP URL content"'
    )


@pytest.mark.parametrize(
    ("content", "description"),
    [
        (b"", "file must be non-empty"),
        (b"<html>", "IMAGE_PROCESS_FAILED"),
        (make_png(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (make_png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
    ],
    ids=["empty", "no photo", "too large", "too long"],
)
def test_an_upload_can_be_no_photo(web, content, description):
    upload = {"chat_id": "7", "photo": (io.BytesIO(content), "a.png")}
    answer = web.post(f"{BOT}/sendPhoto", data=upload).json
    assert answer["description"] == f"Bad Request: {description}"


def test_a_photo_has_ten_megabytes_at_most():
    assert find_fault(PNG + bytes(10 * 1024 * 1024)).limit == "photo_size"
    assert find_fault(PNG + bytes(9 * 1024 * 1024)) is None


def test_a_chat_may_be_for_texts_only(web, call):
    web.put("/control/chats/7", json={"photos_forbidden": True})
    upload = {"chat_id": "7", "photo": (io.BytesIO(PNG), "a.png")}
    answer = web.post(f"{BOT}/sendPhoto", data=upload).json
    assert answer["description"] == "Bad Request: not enough rights to send photos to the chat"


def test_a_topic_has_to_be_there(unlimited, call):
    unlimited.put("/control/chats/-7", json={"topics": [42]})
    answers = [
        call("sendMessage", chat_id=-7, text="x", message_thread_id=topic).json
        for topic in (42, 43)
    ]
    assert answers[0]["ok"]
    assert answers[1]["description"] == "Bad Request: message thread not found"
    entries = unlimited.get("/control/journal").json["entries"]
    assert [(one["topic"], one["delivered"]) for one in entries] == [(42, True), (43, False)]


def test_the_journal_tells_which_messages_make_no_sound(unlimited, call):
    call("sendMessage", chat_id=7, text="x", disable_notification=True)
    call("sendMessage", chat_id=7, text="x")
    entries = unlimited.get("/control/journal").json["entries"]
    assert [one["silent"] for one in entries] == [True, False]


def test_what_is_edited_is_text_or_caption_and_changes(unlimited, call):
    call("sendMessage", chat_id=7, text="x")
    call("sendPhoto", chat_id=7, photo="https://127.0.0.1/1.jpg", caption="x")
    said = [
        call("editMessageCaption", chat_id=7, message_id=1, caption="y").json,
        call("editMessageText", chat_id=7, message_id=2, text="y").json,
        call("editMessageText", chat_id=7, message_id=1, text="x").json,
        call("editMessageCaption", chat_id=7, message_id=2, caption="y").json,
        call("editMessageCaption", chat_id=7, message_id=2, caption="y").json,
        call("editMessageCaption", chat_id=7, message_id=2, caption="z" * 1025).json,
    ]
    described = [each.get("description", "").removeprefix("Bad Request: ") for each in said]
    assert described[:2] == [
        "there is no caption in the message to edit",
        "there is no text in the message to edit",
    ]
    assert described[2].startswith("message is not modified")
    assert said[3]["result"]["caption"] == "y"
    assert described[4].startswith("message is not modified")
    assert described[5] == "message caption is too long"


def test_a_message_is_edited_and_taken_back(unlimited, call):
    call("sendMessage", chat_id=7, text="x")
    edited = call("editMessageText", chat_id=7, message_id=1, text="y").json["result"]
    assert (edited["message_id"], edited["text"]) == (1, "y")
    assert call("deleteMessage", chat_id=7, message_id=1).json["result"] is True
    assert call("editMessageText", chat_id=7, message_id=1, text="z").status_code == 400
    assert unlimited.get("/control/counters").json["delivered"] == 1


@pytest.mark.parametrize(
    ("limits", "chats", "passing", "limit", "wait"),
    [
        ({}, [7, 7], 1, "chat", 1),
        ({"burst": 3}, [7] * 4, 3, "chat", 3),
        ({}, list(range(1, 32)), 30, "global", 1),
        ({"chat_per_second": None}, [-7] * 21, 20, "group", 57),
    ],
    ids=["chat", "chat with a burst", "global", "group"],
)
def test_too_many_messages_are_refused(web, call, limits, chats, passing, limit, wait):
    web.put("/control/limits", json=limits)
    answers = [call("sendMessage", chat_id=chat, text="x") for chat in chats]
    assert [answer.status_code for answer in answers] == [200] * passing + [429]
    body = answers[-1].json
    assert body["parameters"] == {"retry_after": wait}
    assert body["description"] == f"Too Many Requests: retry after {wait}"
    assert answers[-1].headers["Retry-After"] == str(wait)
    counters = web.get("/control/counters").json
    assert counters["limit_breaks"] == {limit: 1}
    assert counters["delivered"] == passing


def test_a_limit_can_be_lifted(unlimited, call):
    assert {call("sendMessage", chat_id=-7, text="x").status_code for _ in range(50)} == {200}


def test_a_refused_message_does_not_count_for_other_limits(web, call):
    for _ in range(40):
        call("sendMessage", chat_id=7, text="x")
    assert call("sendMessage", chat_id=8, text="x").status_code == 200


def test_a_text_that_is_too_long_is_counted(web, call):
    call("sendMessage", chat_id=7, text="x" * 5000)
    assert web.get("/control/counters").json["limit_breaks"] == {"text_length": 1}


@pytest.mark.parametrize("rate", [0.5, 1, 2.5, 30], ids=str)
def test_a_sender_that_keeps_the_pace_is_never_refused(rate):
    window, limit = Window(), Limits(global_per_second=rate).global_per_second
    for number in range(200):
        # Up to two hundredths of a step early or late, as a real clock is.
        now = (number + 0.02 * (-1) ** number) / rate
        assert window.wait(now, limit, 1) == 0
        window.add(now)


def test_no_second_has_more_than_the_limit():
    window, passed = Window(), []
    for millisecond in range(10_000):
        if window.wait(millisecond / 1000, 30, 1) == 0:
            window.add(millisecond / 1000)
            passed.append(millisecond)
    most = max(sum(start <= one < start + 950 for one in passed) for start in passed)
    assert most == 30


def test_a_gateway_can_fail(web, call):
    web.post("/control/faults", json={"target": "telegram", "status": 502})
    answer = call("sendMessage", chat_id=7, text="x")
    assert answer.json == {"ok": False, "error_code": 502, "description": "Bad Gateway"}


def test_a_fault_says_how_long_to_wait(web, call):
    web.post("/control/faults", json={"target": "telegram", "status": 429, "retry_after": 30})
    answer = call("sendMessage", chat_id=7, text="x")
    assert answer.json == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 30",
        "parameters": {"retry_after": 30},
    }
    assert web.get("/control/counters").json["limit_breaks"] == {}


@pytest.mark.parametrize(
    ("accept", "delivered"), [(True, 1), (False, 0)], ids=["accepted", "not accepted"]
)
def test_a_connection_is_closed_without_an_answer(simulator, accept, delivered):
    simulator.add_fault("telegram", drop=True, accept=accept, count=1)
    url = f"{simulator.telegram_url}/bot1000:simulated/sendMessage"
    with pytest.raises(requests.ConnectionError):
        requests.post(url, json={"chat_id": 7, "text": "x"}, timeout=10)
    (entry,) = simulator.journal()
    assert (entry["status"], entry["delivered"]) == (None, accept)
    assert simulator.counters()["delivered"] == delivered
    assert simulator.counters()["requests"] == {"telegram": {"no answer": 1}}


def test_a_message_can_be_delivered_while_the_caller_times_out(simulator, eventually):
    simulator.add_fault("telegram", drop=True, accept=True, delay=1.0)
    url = f"{simulator.telegram_url}/bot1000:simulated/sendMessage"
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, json={"chat_id": 7, "text": "x"}, timeout=0.3)
    (entry,) = simulator.journal()
    assert entry["delivered"]


@pytest.mark.parametrize("accept", [True, False], ids=["done at once", "done late"])
def test_an_answer_can_be_late(web, call, accept):
    web.post("/control/faults", json={"target": "telegram", "delay": 0.2, "accept": accept})
    before = time.monotonic()
    assert call("getMe").status_code == 200
    assert time.monotonic() - before >= 0.2


def test_numbers_and_counts_hold_when_many_send_at_once(simulator):
    simulator.set_limits(**UNLIMITED)
    url = f"{simulator.telegram_url}/bot1000:simulated/sendMessage"

    def send():
        with requests.Session() as session:
            for _ in range(20):
                session.post(url, json={"chat_id": 7, "text": "x"}, timeout=30)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = simulator.journal()
    assert sorted(one["message_id"] for one in entries) == list(range(1, 161))
    assert [one["seq"] for one in entries] == list(range(1, 161))
    assert simulator.counters()["delivered"] == 160
