"""What people on QQ say to us is done and answered; what happens to us is noted."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from stargazer import chats, ratelimit
from stargazer.commands.wording import say
from stargazer.models import Push, User
from stargazer.onebot.events import read_event
from stargazer.onebot.pace import get_limits
from stargazer.simulator.onebot.world import TOKEN
from stargazer.telegram.updates import KIND
from workers.commands.receiving import answer_all

GROUP, USER = 900_100, 20_002
US = 10_001_000
NOW = datetime.now(UTC)


@pytest.fixture
def settings(settings, simulator):
    return settings.model_copy(
        update={
            "qq_url": simulator.qq.url,
            "qq_token": SecretStr(TOKEN),
            "qq_rate": 60_000.0,
            "qq_chat_rate": 60_000.0,
        }
    )


@pytest.fixture
def post(context, store, simulator):
    """Give a function that lets an event come to us, and says when it has to be tried again."""
    simulator.set_limits(qq_per_minute=None)

    def post(event, received_at=None):
        body = json.dumps({"self_id": US, "time": int(NOW.timestamp()), **event}).encode()
        account = f"qq {read_event(body).chat}"
        at = received_at or datetime.now(UTC)
        push = Push(kind=KIND, account=account, body=body, received_at=at, published_at=at)
        store.pushes.insert(push)
        put_off = answer_all(context, account)
        return put_off and put_off.seconds

    return post


@pytest.fixture
def talk(post):
    def talk(text, group=None, role="member", sub_type=None, **kwargs):
        event = {
            "post_type": "message",
            "message_type": "group" if group else "private",
            "sub_type": sub_type or ("normal" if group else "friend"),
            "group_id": group,
            "user_id": USER,
            "message": text,
            "sender": {"nickname": "A friend", "role": role},
        }
        return post(event, **kwargs)

    return talk


@pytest.fixture
def heard(simulator):
    """Give a function that gives what was said since: the action, the number and the text."""

    def heard():
        found = simulator.journal(target="qq")
        simulator.clear_journal()
        return [
            (
                each["parameters"].get("user_id") or each["parameters"]["group_id"],
                each["parameters"]["message"][0]["data"]["text"],
            )
            for each in found
            if each["delivered"]
        ]

    return heard


@pytest.fixture(autouse=True)
def group(simulator):
    return simulator.qq.set_group(GROUP, members=[USER])


@pytest.fixture
def friend(simulator):
    return simulator.qq.add_friend(USER)


@pytest.mark.usefixtures("friend")
class TestCommands:
    def test_a_friend_registers(self, talk, heard, store):
        assert talk("注册") is None
        user = store.users.find_by_address("qq", f"private:{USER}")
        assert (user.name, user.settings.language, user.settings.timezone) == (
            "A friend",
            "zh",
            "Asia/Shanghai",
        )
        assert heard() == [(USER, say("zh", "registered", timezone="Asia/Shanghai"))]

    def test_only_who_leads_a_group_changes_it(self, talk, heard, store, group):
        talk("/register", group=GROUP)
        assert heard() == [(GROUP, say("zh", "admins_only"))]
        talk("/register", group=GROUP, role="admin")
        assert store.users.find_by_address("qq", group)
        assert len(heard()) == 1

    def test_the_settings_of_a_group_are_sent_in_private(self, talk, heard):
        talk("/settings", group=GROUP, role="owner")
        private, public = heard()
        assert private[0] == USER
        assert "/settings/#" in private[1]
        assert public == (GROUP, say("zh", "settings_sent"))


@pytest.mark.usefixtures("friend")
def test_who_talks_on_without_being_understood_is_told_so_once(talk, heard):
    for _ in range(3):
        talk("I am a machine. Say /help!")
    talk("/list")
    assert [text for _, text in heard()] == [
        f"{say('zh', 'unknown')}\n\n{say('zh', 'help')}",
        say("zh", "list_empty"),
    ]


def test_a_link_that_was_sent_is_not_sent_again(talk, heard, simulator):
    simulator.qq.add_friend(USER)
    simulator.qq.set_group(GROUP, muted=True)
    assert talk("/settings", group=GROUP, role="owner") is None
    assert [number for number, _ in heard()] == [USER]


class TestStrangers:
    def test_a_stranger_gets_the_link_by_the_group(self, talk, heard):
        talk("/settings", group=GROUP, role="owner")
        assert [number for number, _ in heard()] == [USER, GROUP]

    def test_who_cannot_be_reached_is_told_so_in_the_group(self, talk, heard, simulator):
        simulator.qq.set_group(GROUP, temporary=False)
        assert talk("/settings", group=GROUP, role="owner") is None
        [(number, text)] = heard()
        assert (number, text) == (GROUP, say("zh", "befriend"))

    def test_a_stranger_is_asked_to_become_a_friend(self, post, heard, store):
        post(
            {
                "post_type": "message",
                "message_type": "private",
                "sub_type": "group",
                "user_id": USER,
                "message": "/register",
                "sender": {"group_id": GROUP},
            }
        )
        assert heard() == [(USER, say("zh", "befriend"))]
        assert list(store.users.list_all()) == []


class TestTrouble:
    @pytest.mark.usefixtures("friend")
    def test_what_cannot_be_answered_now_is_tried_again(self, talk, simulator, heard):
        simulator.add_fault("qq", status=503, count=1)
        assert talk("/help") == 10.0
        assert talk("/list") is None
        # In the order in which it was said.
        assert [text for _, text in heard()] == [say("zh", "help"), say("zh", "list_empty")]

    @pytest.mark.usefixtures("friend")
    def test_what_is_late_is_given_up(self, talk, simulator, heard, store):
        simulator.add_fault("qq", status=503, count=1)
        assert talk("/help", received_at=NOW - timedelta(minutes=16)) is None
        assert heard() == []
        assert list(store.pushes.list_all()) == []

    def test_a_group_that_has_muted_us_is_not_written_to_again(self, talk, simulator, store):
        simulator.qq.set_group(GROUP, muted=True)
        assert talk("/help", group=GROUP) is None
        assert list(store.pushes.list_all()) == []
        assert len(simulator.journal(target="qq")) == 1

    @pytest.mark.usefixtures("friend")
    def test_the_pace_is_that_of_all_messages(self, talk, context, heard):
        ratelimit.block(context.redis, "qq", 60)
        assert talk("/help") == pytest.approx(60, abs=5)
        assert heard() == []


class TestHappenings:
    @pytest.fixture
    def user(self, store, group):
        user = User(im="qq", im_payload=group)
        store.users.save(user)
        return user

    @pytest.fixture
    def notice(self, post):
        def notice(notice_type, sub_type="", **fields):
            event = {"post_type": "notice", "notice_type": notice_type, "sub_type": sub_type}
            return post({**event, "group_id": GROUP, "user_id": US, **fields})

        return notice

    @pytest.fixture
    def get_wait(self, context):
        def get(address):
            limits = get_limits(context.settings, address)
            [wait] = ratelimit.reserve(context.redis, [limits], 0.0)
            return wait

        return get

    def test_who_was_removed_is_paused_and_resumed_when_it_is_back(self, store, user, notice):
        notice("group_decrease", "kick_me")
        assert store.users.find(user.id).paused == "the account was removed from this group"
        notice("group_increase", "invite")
        assert store.users.find(user.id).paused is None

    def test_who_is_muted_for_a_while_waits(self, store, user, notice, get_wait):
        notice("group_ban", "ban", duration=600)
        assert get_wait(user.im_payload) > 500
        assert store.users.find(user.id).paused is None
        notice("group_ban", "lift_ban")
        assert get_wait(user.im_payload) < 1

    def test_who_is_muted_for_long_is_paused(self, store, user, notice):
        notice("group_ban", "ban", duration=30 * 86_400)
        assert "muted" in store.users.find(user.id).paused
        notice("group_ban", "lift_ban")
        assert store.users.find(user.id).paused is None

    def test_a_new_friend_is_resumed(self, store, notice):
        user = User(im="qq", im_payload=f"private:{USER}", paused="no friend")
        store.users.save(user)
        notice("friend_add", user_id=USER, group_id=None)
        assert store.users.find(user.id).paused is None

    def test_what_an_operator_has_paused_stays_so(self, store, user, notice):
        store.users.pause(user.id, chats.BY_AN_OPERATOR, NOW)
        notice("group_increase", "invite")
        assert store.users.find(user.id).paused == chats.BY_AN_OPERATOR

    def test_a_group_that_nobody_subscribed_is_no_matter(self, notice, store):
        assert notice("group_decrease", "kick_me") is None
        assert list(store.users.list_all()) == []
