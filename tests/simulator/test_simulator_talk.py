"""What people say to the simulated bot, and how it gets there."""

import threading
import time

import flask
import pytest

from stargazer.simulator.client import Simulator

BOT = "/telegram/bot1000:simulated"
UNLIMITED = {"global_per_second": None, "chat_per_second": None, "group_per_minute": None}


@pytest.fixture
def call(web):
    web.put("/control/limits", json=UNLIMITED)

    def ask(method, **params):
        return web.post(f"{BOT}/{method}", json=params).json

    return ask


@pytest.fixture
def say(web):
    def speak(chat_id, text, **fields):
        body = {"chat_id": chat_id, "text": text, **fields}
        return web.post("/control/telegram/say", json=body).json["update"]

    return speak


@pytest.fixture
def seen(web):
    return lambda chat_id: web.get(f"/control/telegram/chats/{chat_id}/messages").json["messages"]


def keyboard(*buttons):
    return {"inline_keyboard": [[button] for button in buttons]}


class TestFetching:
    def test_what_is_said_comes_until_it_is_confirmed(self, call, say):
        first, second = say(7, "/start", language_code="ja"), say(-7, "hello", is_reply=True)
        assert second["update_id"] == first["update_id"] + 1
        assert call("getUpdates")["result"] == [first, second]
        assert call("getUpdates", limit=1)["result"] == [first]
        assert call("getUpdates", offset=second["update_id"])["result"] == [second]
        assert call("getUpdates", offset=second["update_id"] + 1)["result"] == []
        message = first["message"]
        assert message["from"] == {
            "id": 7,
            "is_bot": False,
            "first_name": "Aki",
            "language_code": "ja",
        }
        assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
        assert second["message"]["reply_to_message"]["from"]["id"] == 1000

    def test_the_last_ones_may_be_asked_for(self, call, say):
        updates = [say(7, str(number)) for number in range(3)]
        assert call("getUpdates", offset=-1)["result"] == updates[2:]
        assert call("getUpdates")["result"] == updates[2:]

    def test_only_wanted_kinds_come(self, call, say):
        assert call("getUpdates", allowed_updates=["callback_query"])["ok"]
        assert say(7, "hello") is None

    def test_who_waits_hears_at_once_what_is_said(self, simulator):
        found = []

        def wait():
            url = f"{simulator.base_url}{BOT}/getUpdates"
            found.append(simulator._session.post(url, json={"timeout": 20}).json())

        thread = threading.Thread(target=wait)
        begun = time.monotonic()
        thread.start()
        talker = Simulator(simulator.base_url)
        update = talker.talk.say(7, "hello")
        talker.close()
        thread.join()
        assert found[0]["result"] == [update]
        assert time.monotonic() - begun < 15

    def test_whoever_comes_later_turns_away_who_waits(self, simulator):
        url = f"{simulator.base_url}{BOT}/getUpdates"
        found = []
        threads = [
            threading.Thread(
                target=lambda: found.append(
                    Simulator(simulator.base_url)._session.post(url, json={"timeout": 1}).json()
                )
            )
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused, answered = sorted(found, key=lambda body: body["ok"])
        assert answered == {"ok": True, "result": []}
        assert refused["error_code"] == 409
        assert "terminated by other getUpdates request" in refused["description"]

    def test_nothing_is_fetched_while_there_is_a_webhook(self, call):
        call("setWebhook", url="https://bot.example/updates")
        refused = call("getUpdates")
        assert refused["error_code"] == 409
        assert "webhook is active" in refused["description"]
        call("deleteWebhook")
        assert call("getUpdates")["ok"]


class TestPushing:
    @pytest.fixture
    def hook(self, serve):
        """Give an address that takes updates, and what came with which secret."""
        app = flask.Flask("receiver")
        received, statuses = [], []

        @app.post("/")
        def receive():
            secret = flask.request.headers.get("X-Telegram-Bot-Api-Secret-Token")
            received.append((secret, flask.request.get_json()))
            return "", statuses.pop() if statuses else 200

        return serve(app), received, statuses

    def test_what_is_said_is_pushed_until_it_is_taken(self, call, say, hook, eventually):
        url, received, statuses = hook
        statuses.append(500)
        before = say(7, "before")
        call("setWebhook", url=url, secret_token="secret")
        eventually(lambda: len(received) == 2)
        assert received == [("secret", before)] * 2
        eventually(lambda: call("getWebhookInfo")["result"]["pending_update_count"] == 0)
        info = call("getWebhookInfo")["result"]
        assert info["url"] == url
        assert info["last_error_message"].endswith("500 Internal Server Error")
        assert "secret" not in str(info)
        after = say(7, "after")
        eventually(lambda: received[-1] == ("secret", after))

    @pytest.mark.parametrize(
        ("params", "description"),
        [
            ({"url": "http://bot.example/"}, "An HTTPS URL must be provided"),
            ({"url": "https://bot.example/", "secret_token": "a b"}, "unallowed characters"),
            ({"url": "https://bot.example/", "max_connections": "x"}, "expected a number"),
        ],
        ids=["no TLS", "secret", "connections"],
    )
    def test_a_wrong_webhook_is_refused(self, call, params, description):
        refused = call("setWebhook", **params)
        assert refused["error_code"] == 400
        assert description in refused["description"]


class TestButtons:
    def test_a_button_says_what_it_holds(self, call, web, seen):
        markup = keyboard({"text": "Yes", "callback_data": "/follow x"})
        call("sendMessage", chat_id=7, text="Sure?", reply_markup=markup)
        [message] = seen(7)
        assert (message["text"], message["reply_markup"]) == ("Sure?", markup)
        press = {"chat_id": 7, "message_id": message["message_id"], "label": "Yes"}
        query = web.post("/control/telegram/press", json=press).json["update"]["callback_query"]
        assert (query["data"], query["from"]["id"]) == ("/follow x", 7)
        assert query["message"]["message_id"] == message["message_id"]
        assert call("answerCallbackQuery", callback_query_id=query["id"], text="Done")["ok"]
        assert not call("answerCallbackQuery", callback_query_id=query["id"])["ok"]
        [answered] = web.get("/control/telegram/state").json["queries"]
        assert answered["answer"] == {"text": "Done"}
        edit = {"chat_id": 7, "message_id": message["message_id"], "text": "Done"}
        call("editMessageText", **edit)
        [message] = seen(7)
        assert message["text"] == "Done"
        assert "reply_markup" not in message
        assert web.post("/control/telegram/press", json=press).status_code == 404

    @pytest.mark.parametrize(
        "button",
        [
            {"text": "x"},
            {"text": "", "callback_data": "x"},
            {"text": "x", "callback_data": "ソ" * 22},
            {"text": "x", "url": "http://127.0.0.1:8000/settings"},
            {"text": "x", "url": "http://localhost/settings"},
            {"text": "x", "url": "javascript:alert(1)"},
        ],
        ids=["nothing", "no label", "too long", "this machine", "no domain", "no address"],
    )
    def test_a_wrong_button_is_refused(self, call, button, seen):
        refused = call("sendMessage", chat_id=7, text="x", reply_markup=keyboard(button))
        assert refused["error_code"] == 400
        assert seen(7) == []


def test_every_update_is_one_as_a_library_knows_it(call, say, web):
    from telegram import Update  # noqa: PLC0415 - it takes a moment to load

    markup = keyboard({"text": "Yes", "callback_data": "y"})
    call("sendMessage", chat_id=7, text="Sure?", reply_markup=markup)
    for path, body in (
        ("press", {"chat_id": 7, "message_id": 1, "label": "Yes"}),
        ("member", {"chat_id": -7, "status": "kicked"}),
        ("member", {"chat_id": 7, "status": "member"}),
        ("migrate", {"chat_id": -7, "to": -1007}),
    ):
        web.post(f"/control/telegram/{path}", json=body)
    say(-1007, "/list", language_code="ja", username="aki", is_reply=True, thread_id=3)
    say(-1007, "/list", as_chat=True)
    say(-1007, "hello", is_post=True)
    updates = call("getUpdates")["result"]
    assert len(updates) == 8
    for raw in updates:
        update = Update.de_json(raw, None)
        assert update.effective_chat is not None
        assert dict(update.api_kwargs) == {}
        for part in (update.message, update.callback_query, update.my_chat_member):
            assert part is None or dict(part.api_kwargs) == {}


class TestChats:
    def test_who_blocks_the_bot_cannot_be_written_to(self, call, web):
        for status, reached in (("kicked", False), ("member", True)):
            body = {"chat_id": 7, "status": status}
            update = web.post("/control/telegram/member", json=body).json["update"]
            change = update["my_chat_member"]
            assert change["new_chat_member"]["status"] == status
            assert change["old_chat_member"]["status"] != status
            assert call("sendMessage", chat_id=7, text="x")["ok"] == reached

    def test_a_group_that_migrates_says_so_on_both_sides(self, call, web):
        web.post("/control/telegram/migrate", json={"chat_id": -7, "to": -1007})
        old, new = (each["message"] for each in call("getUpdates")["result"])
        assert (old["chat"]["id"], old["migrate_to_chat_id"]) == (-7, -1007)
        assert (new["chat"]["id"], new["migrate_from_chat_id"]) == (-1007, -7)
        refused = call("sendMessage", chat_id=-7, text="x")
        assert refused["parameters"] == {"migrate_to_chat_id": -1007}

    def test_some_are_admins(self, call, web):
        web.put("/control/chats/-7", json={"admins": [8]})
        statuses = [
            call("getChatMember", chat_id=-7, user_id=user)["result"]["status"] for user in (8, 9)
        ]
        assert statuses == ["administrator", "member"]
        assert not call("getChatMember", chat_id=-7)["ok"]

    def test_who_has_never_spoken_to_the_bot_is_not_spoken_to(self, call, web):
        web.put("/control/chats/7", json={"not_started": True})
        refused = call("sendMessage", chat_id=7, text="x")
        assert (refused["error_code"], refused["description"]) == (
            403,
            "Forbidden: bot can't initiate conversation with a user",
        )

    def test_posts_of_channels_and_anonymous_admins_are_as_telegram_has_them(self, say):
        post = say(-1007, "hello", is_post=True)["channel_post"]
        assert post["sender_chat"]["type"] == "channel"
        message = say(-1007, "/list", as_chat=True, thread_id=5)["message"]
        assert message["sender_chat"]["id"] == message["chat"]["id"]
        assert message["message_thread_id"] == 5


@pytest.mark.parametrize(
    ("commands", "is_taken"),
    [
        ([{"command": "follow", "description": "x"}], True),
        ([{"command": "Follow", "description": "x"}], False),
        ([{"command": "follow", "description": ""}], False),
        ([{"command": "follow", "description": "x" * 257}], False),
        ("nonsense", False),
    ],
    ids=["right", "capital", "no description", "too long", "no list"],
)
def test_a_menu_is_checked_and_kept(call, commands, is_taken):
    assert call("setMyCommands", commands=commands, language_code="ja")["ok"] == is_taken
    kept = call("getMyCommands", language_code="ja")["result"]
    assert kept == (commands if is_taken else [])
