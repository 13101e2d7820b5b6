"""People talk to the bot in the simulated Telegram, and are answered."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from stargazer.accounts import find_session
from stargazer.commands.wording import LANGUAGES
from stargazer.commands.wording import say as write
from stargazer.models import Entity, Meta, Name
from stargazer.telegram import Bot
from stargazer.telegram.listening import CALLBACK, Mode
from stargazer.telegram.updates import KIND
from workers.commands import listening, receiving

BOT = "simulated_1000_bot"
GROUP, CHAT = -1007, 42
NO_WAIT = timedelta()
UNLIMITED = {"global_per_second": None, "chat_per_second": None, "group_per_minute": None}


@pytest.fixture
def settings(settings):
    rates = {"telegram_rate": 5000, "telegram_chat_rate": 5000, "telegram_group_rate": 5000}
    return settings.model_copy(update={"telegram_updates": "poll", **rates})


@pytest.fixture
def talk(simulator, store, celery_app):
    """Give what people do; somebody is watched whom they may follow."""
    simulator.set_limits(**UNLIMITED)
    names = {"en": "Hoshimachi Suisei", "ja": "星街すいせい"}
    store.entities.save(Entity(meta=Meta(name=Name(name=names, default_language="ja"))))
    return simulator.talk


@pytest.fixture
def listen(context, take_sent):
    """Give a function that hears and answers all that was said."""

    def hear():
        listening.fetch(context, Bot(context), NO_WAIT)
        for sent in take_sent("commands"):
            push = context.store.pushes.find(UUID(sent.args[0]))
            if push is not None:
                receiving.answer_all(context, push.account)

    return hear


@pytest.fixture
def answers(talk, listen):
    """Give a function that says something, and returns what is answered in that chat."""

    def ask(text, chat=CHAT, **fields):
        before = len(talk.messages(chat))
        talk.say(chat, text, **fields)
        listen()
        return talk.messages(chat)[before:]

    return ask


@pytest.fixture
def calls(simulator):
    """Give a function that tells how often a method was called."""

    def count(method):
        return sum(each["method"] == method for each in simulator.journal(target="telegram"))

    return count


def get_buttons(message):
    return [button for [button] in message["reply_markup"]["inline_keyboard"]]


class TestPrivately:
    def test_who_says_follow_hears_of_it(self, answers, store):
        [said] = answers("/follow 星街", language_code="ja")
        user = store.users.find_by_address("telegram", "42")
        assert (user.name, user.settings.language) == ("User 42", "ja")
        assert said["text"].startswith("星街すいせいをフォローしました。")
        [entity] = user.event_filter.entities
        [undo] = get_buttons(said)
        assert undo["callback_data"] == f"/unfollow {entity}"

    def test_a_button_changes_the_message_that_it_is_under(self, answers, talk, listen, store):
        [said] = answers("/follow suisei")
        [undo] = get_buttons(said)
        talk.press(CHAT, said["message_id"], undo["text"])
        listen()
        [said] = talk.messages(CHAT)
        assert said["text"] == write("en", "unfollowed", name="Hoshimachi Suisei")
        assert store.users.find_by_address("telegram", "42").event_filter.entities == frozenset()
        [query] = talk.state()["queries"]
        assert query["answer"] == {"text": None}

    def test_a_button_under_a_message_that_is_gone_is_answered_anew(
        self, answers, talk, listen, simulator
    ):
        [said] = answers("/mute")
        talk.press(CHAT, said["message_id"], "8h")
        token = {"chat_id": CHAT, "message_id": said["message_id"]}
        simulator._session.post(
            f"{simulator.telegram_url}/bot1000:simulated/deleteMessage", json=token
        )
        listen()
        [said] = talk.messages(CHAT)
        assert said["text"] == write("en", "not_registered")

    def test_a_button_that_is_pressed_twice_changes_nothing(self, answers, talk, listen, calls):
        [said] = answers("/list")
        answers("/follow suisei")
        [listed] = answers("/list")
        for _ in range(2):
            talk.press(CHAT, listed["message_id"], get_buttons(listed)[0]["text"])
        listen()
        assert talk.messages(CHAT)[-1]["text"] == write(
            "en", "not_followed", name="Hoshimachi Suisei"
        )
        assert said["text"] == write("en", "list_empty")
        assert calls("answerCallbackQuery") == 2

    def test_a_link_to_this_machine_stands_in_the_text(self, answers, store, settings):
        [said] = answers("/settings")
        assert [each["text"] for each in get_buttons(said)] == [
            write("en", "settings_again_button")
        ]
        url = said["text"].rpartition(" ")[2]
        assert url.startswith(f"http://127.0.0.1:{settings.web_port}/settings/#")
        session = find_session(store, url.partition("#")[2], datetime.now(UTC))
        assert session.user == store.users.find_by_address("telegram", "42").id

    def test_one_tap_renews_the_link(self, answers, talk, listen):
        [said] = answers("/settings")
        talk.press(CHAT, said["message_id"], write("en", "settings_again_button"))
        listen()
        [renewed] = talk.messages(CHAT)[-1:]
        assert renewed["message_id"] == said["message_id"]
        assert renewed["text"] != said["text"]

    def test_a_token_is_in_no_log(self, answers, caplog):
        [said] = answers("/settings")
        assert said["text"].partition("#")[2] not in caplog.text

    def test_who_blocks_the_bot_is_paused_and_who_lets_it_in_resumed(
        self, answers, talk, listen, store
    ):
        answers("/register")
        talk.set_member(CHAT, "kicked")
        listen()
        assert store.users.find_by_address("telegram", "42").paused == (
            "the bot was blocked by the user"
        )
        talk.set_member(CHAT, "member")
        listen()
        assert store.users.find_by_address("telegram", "42").paused is None


class TestInGroups:
    @pytest.fixture
    def admin(self, simulator):
        simulator.set_chat(GROUP, admins=[8])
        return {"user_id": 8}

    def test_admins_change_and_others_do_not(self, answers, admin, store, calls):
        [refused] = answers("/follow suisei", GROUP, user_id=9)
        assert refused["text"] == write("en", "admins_only")
        answers("/follow suisei", GROUP, **admin)
        user = store.users.find_by_address("telegram", str(GROUP))
        assert (user.name, len(user.event_filter.entities)) == ("Group 1007", 1)
        answers("/mute 8h", GROUP, **admin)
        # Who is an admin is remembered for a moment.
        assert calls("getChatMember") == 2

    def test_who_speaks_in_the_groups_own_name_is_an_admin(self, answers, store, calls):
        answers("/follow suisei", GROUP, as_chat=True)
        assert store.users.find_by_address("telegram", str(GROUP)).event_filter.entities
        assert calls("getChatMember") == 0

    @pytest.mark.parametrize(
        ("text", "fields", "is_answered"),
        [
            ("/list", {}, True),
            (f"/list@{BOT}", {}, True),
            (f"/list@{BOT.upper()}", {}, True),
            ("/list@other_bot", {}, False),
            ("/dance", {}, False),
            ("/dance@other_bot", {}, False),
            (f"/dance@{BOT}", {}, True),
            ("list", {}, False),
            (f"@{BOT} list", {}, True),
            (f"@{BOT}ter list", {}, False),
            ("list", {"is_reply": True}, True),
            ("/list", {"is_post": True}, False),
        ],
    )
    def test_only_what_is_said_to_us_is_answered(self, answers, text, fields, is_answered):
        said = answers(text, GROUP, **fields)
        assert len(said) == is_answered

    def test_a_button_of_somebody_elses_is_refused_to_who_pressed_it(
        self, answers, admin, talk, listen
    ):
        [said] = answers("/follow suisei", GROUP, **admin)
        [undo] = get_buttons(said)
        talk.press(GROUP, said["message_id"], undo["text"], user_id=9)
        listen()
        assert talk.messages(GROUP) == [said]
        [query] = talk.state()["queries"]
        assert query["answer"] == {"text": write("en", "admins_only")}

    def test_the_link_goes_to_the_admin_alone(self, answers, admin, talk):
        [beside] = answers("/settings", GROUP, **admin)
        assert beside["text"] == write("en", "settings_sent")
        [private] = talk.messages(8)
        assert "Group 1007" in private["text"]
        assert "#" in private["text"]

    def test_one_tap_in_the_group_sends_the_admin_another_link(self, answers, admin, talk, listen):
        [beside] = answers("/settings", GROUP, **admin)
        talk.press(GROUP, beside["message_id"], write("en", "settings_again_button"), user_id=8)
        listen()
        first, second = talk.messages(8)
        assert first["text"] != second["text"]

    def test_who_cannot_be_written_to_is_told_how(self, answers, admin, simulator, talk):
        simulator.set_chat(8, not_started=True)
        [said] = answers("/settings", GROUP, **admin)
        assert said["text"] == write("en", "settings_impossible")
        [button] = get_buttons(said)
        assert button["url"] == f"https://t.me/{BOT}?start=group"
        assert talk.messages(8) == []

    def test_a_group_that_migrates_takes_its_choices_along(
        self, answers, admin, talk, listen, store
    ):
        answers("/follow suisei", GROUP, **admin)
        user = store.users.find_by_address("telegram", str(GROUP))
        talk.migrate(GROUP, -100500)
        listen()
        assert store.users.find_by_address("telegram", "-100500").id == user.id
        assert store.users.find_by_address("telegram", str(GROUP)) is None

    def test_a_topic_is_a_chat_of_its_own(self, answers, admin, talk, listen, simulator, store):
        simulator.set_chat(GROUP, topics=[5])
        [said] = answers("/follow suisei", GROUP, thread_id=5, **admin)
        assert said["message_thread_id"] == 5
        [user] = store.users.list_all()
        assert user.im_payload == f"{GROUP}/5"
        talk.set_member(GROUP, "kicked")
        listen()
        assert store.users.find(user.id).paused
        talk.set_member(GROUP, "member")
        talk.migrate(GROUP, -100500)
        listen()
        moved = store.users.find(user.id)
        assert (moved.im_payload, moved.paused) == ("-100500/5", None)

    def test_what_was_said_in_a_topic_that_is_gone_is_answered_in_the_general_one(self, answers):
        [said] = answers("/list", GROUP, thread_id=6)
        assert "message_thread_id" not in said


class TestTrouble:
    def test_what_was_said_is_answered_in_its_order_and_once(self, talk, listen, store):
        for text in ("/follow suisei", "/unfollow suisei", "/list"):
            talk.say(CHAT, text)
        listen()
        listen()
        texts = [each["text"] for each in talk.messages(CHAT)]
        assert texts[1:] == [
            write("en", "unfollowed", name="Hoshimachi Suisei"),
            write("en", "list_empty"),
        ]
        assert list(store.pushes.list_all()) == []
        # Telegram was told that all of it has come.
        assert talk.state()["waiting"] == []

    def test_what_nobody_could_answer_yet_waits(self, talk, context, store, simulator):
        simulator.set_chat(GROUP, admins=[8])
        talk.say(GROUP, "/follow suisei", user_id=8)
        listening.fetch(context, Bot(context), NO_WAIT)
        fault = simulator.add_fault("telegram", status=502)
        put_off = receiving.answer_all(context, f"telegram {GROUP}")
        kept = store.pushes.find_first(KIND, f"telegram {GROUP}")
        assert (put_off.push, put_off.seconds > 0) == (kept.id, True)
        simulator.remove_fault(fault)
        assert receiving.answer_all(context, f"telegram {GROUP}") is None
        [said] = talk.messages(GROUP)
        assert "Suisei" in said["text"]
        # After a quarter of an hour nobody waits for an answer any more.
        late = kept.model_copy(update={"received_at": kept.received_at - timedelta(hours=1)})
        store.pushes.insert(late)
        context.redis.flushall()
        simulator.add_fault("telegram", status=502)
        assert receiving.answer_all(context, f"telegram {GROUP}") is None
        assert list(store.pushes.list_all()) == []

    @pytest.mark.parametrize(
        "fault",
        [{"status": 429, "retry_after": 1}, {"status": 502}],
        ids=["throttled", "gateway"],
    )
    def test_an_answer_is_tried_again(self, talk, context, simulator, fault):
        talk.say(CHAT, "/list")
        listening.fetch(context, Bot(context), NO_WAIT)
        simulator.add_fault("telegram", count=1, **fault)
        receiving.answer_all(context, f"telegram {CHAT}")
        [said] = talk.messages(CHAT)
        assert said["text"] == write("en", "list_empty")

    def test_an_answer_that_may_have_arrived_is_not_repeated(self, talk, context, simulator, store):
        talk.say(CHAT, "/list")
        listening.fetch(context, Bot(context), NO_WAIT)
        simulator.add_fault("telegram", count=1, accept=True, drop=True)
        receiving.answer_all(context, f"telegram {CHAT}")
        assert len(talk.messages(CHAT)) == 1
        assert list(store.pushes.list_all()) == []

    def test_what_cannot_be_read_holds_up_nothing(self, talk, listen):
        talk.put_raw("message", {"nonsense": True})
        talk.put_raw("callback_query", {"id": "1", "from": {"id": 7, "first_name": "x"}})
        talk.say(CHAT, "/list")
        listen()
        listen()
        assert len(talk.messages(CHAT)) == 1
        assert talk.state()["waiting"] == []

    def test_other_bots_are_not_answered(self, talk, listen):
        bot = {"id": 7, "is_bot": True, "first_name": "Bot"}
        chat = {"id": GROUP, "type": "supergroup"}
        message = {"message_id": 1, "date": 1, "chat": chat, "from": bot, "text": "/list"}
        talk.put_raw("message", message)
        listen()
        assert talk.messages(GROUP) == []

    def test_somebody_elses_turn_is_left_to_them(self, talk, context, store):
        talk.say(CHAT, "/list")
        listening.fetch(context, Bot(context), NO_WAIT)
        account = f"telegram {CHAT}"
        with receiving.Turn(context.redis, f"{KIND}:{account}", timedelta(minutes=1)):
            assert receiving.answer_all(context, account) is None
            assert store.pushes.find_first(KIND, account) is not None


class TestFetching:
    def test_updates_that_come_again_are_answered_once(self, talk, listen, redis_client):
        talk.say(CHAT, "/list")
        listen()
        redis_client.delete("stargazer:telegram:offset:1000")
        listen()
        assert len(talk.messages(CHAT)) == 1

    def test_without_memory_nothing_is_lost(self, talk, listen, redis_client):
        talk.say(CHAT, "/list")
        listen()
        redis_client.flushall()
        talk.say(CHAT, "/help")
        listen()
        # The first may come twice, as it was not confirmed yet.
        texts = [each["text"] for each in talk.messages(CHAT)]
        assert texts[0] == write("en", "list_empty")
        assert texts[-1].startswith(write("en", "help"))

    @pytest.mark.usefixtures("talk")
    def test_another_listener_is_an_alarm_until_it_is_gone(self, context, simulator, store):
        fault = simulator.add_fault("telegram", status=409)
        assert not listening.fetch(context, Bot(context), NO_WAIT)
        [alarm] = store.alarms.list_all()
        assert (alarm.kind, alarm.ended_at) == ("telegram", None)
        assert context.redis.exists("stargazer:telegram:poll:paused")
        simulator.remove_fault(fault)
        assert listening.fetch(context, Bot(context), NO_WAIT)
        assert store.alarms.list_all()[0].ended_at is not None

    def test_passing_trouble_is_no_alarm(self, context, simulator, store):
        simulator.add_fault("telegram", status=502, count=1)
        assert not listening.fetch(context, Bot(context), NO_WAIT)
        assert store.alarms.list_all() == []


class TestSettingUp:
    @pytest.fixture
    def settings(self, settings):
        changes = {"telegram_updates": "webhook", "public_url": "http://127.0.0.1:1"}
        return settings.model_copy(update=changes)

    @staticmethod
    def get_info(context):
        return Bot(context).call("getWebhookInfo", {})

    @pytest.mark.usefixtures("talk")
    def test_telegram_is_told_once_where_to_push(self, context, calls, settings):
        for _ in range(2):
            listening.set_up(context, Bot(context), Mode.WEBHOOK)
        assert calls("setWebhook") == 1
        assert self.get_info(context)["url"] == f"{settings.public_url}{CALLBACK}"
        # Whoever came between is set right, and so is a secret that nobody remembers to have said.
        Bot(context).call("setWebhook", {"url": "https://b.example"})
        listening.set_up(context, Bot(context), Mode.WEBHOOK)
        assert self.get_info(context)["url"] == f"{settings.public_url}{CALLBACK}"
        context.redis.flushall()
        listening.set_up(context, Bot(context), Mode.WEBHOOK)
        assert calls("setWebhook") == 4

    @pytest.mark.usefixtures("talk")
    def test_who_asks_takes_the_webhook_away(self, context, calls):
        listening.set_up(context, Bot(context), Mode.WEBHOOK)
        assert not listening.fetch(context, Bot(context), NO_WAIT)
        for _ in range(2):
            listening.set_up(context, Bot(context), Mode.POLL)
        assert calls("deleteWebhook") == 1
        assert listening.fetch(context, Bot(context), NO_WAIT)

    def test_the_menu_is_shown_in_every_language_once(self, talk, context, calls):
        for _ in range(2):
            listening.show_menu(context, Bot(context))
        menus = talk.state()["menus"]
        assert set(menus) == {"", *LANGUAGES}
        assert menus[""] == menus["en"] != menus["ja"]
        assert menus["zh"][0] == {"command": "follow", "description": "订阅:/follow 名字"}
        assert calls("setMyCommands") == 4
