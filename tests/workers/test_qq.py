"""What QQ's adapter is told, and what is made of what it answers."""

import json
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
import responses
from pydantic import SecretStr

from stargazer import ratelimit
from stargazer.delivery import Sender
from stargazer.errors import (
    AwayError,
    CredentialsError,
    GoneError,
    RefusedError,
    ShutOutError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.models import (
    Delivery,
    DeliveryState,
    Entity,
    Meta,
    Name,
    QuietHours,
    Reason,
    StoredEvent,
    User,
    UserSettings,
)
from stargazer.rendering import Message
from stargazer.simulator.onebot.world import TOKEN
from workers.im.qq.sending import QQ, SHUT_OUT_PAUSES

API = "http://qq.test"
GROUP, FRIEND = 900_100, 20_002
MESSAGE = Message("Sora: Live now", ("A title",), "https://v.test/1", ("https://p.test/1",))
CALLING = MESSAGE._replace(may_mention=True)
TIMEOUT = "Timeout: NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg EventRet:\n{}\n"


def make_user(address=f"group:{GROUP}", mention=""):
    return User(im="qq", im_payload=address, settings=UserSettings(mention=mention))


@pytest.fixture
def settings(settings, simulator):
    return settings.model_copy(update={"qq_url": simulator.qq.url, "qq_token": SecretStr(TOKEN)})


@pytest.fixture
def qq(context):
    return QQ(context)


@pytest.fixture
def group(simulator):
    return make_user(simulator.qq.set_group(GROUP))


@pytest.fixture
def get_wait(context, qq):
    def get(user):
        [wait] = ratelimit.reserve(context.redis, [qq.get_limits(user)], 0.0)
        return wait

    return get


@pytest.fixture
def answer(make_context):
    """Give a function that says what the adapter answers next, and returns what comes of it."""

    def react(status, body=None):
        qq = QQ(make_context(qq_url=API))
        with responses.RequestsMock() as mocked:
            kwargs = {"json": body} if isinstance(body, dict) else {"body": body or b""}
            mocked.post(f"{API}/send_group_msg", status=status, **kwargs)
            mocked.assert_all_requests_are_fired = False
            mocked.post(f"{API}/get_status", json={"status": "ok", "retcode": 0, "data": {}})
            return qq.send(make_user(), MESSAGE._replace(pictures=()), "key")

    return react


def list_sent(simulator):
    """Give the calls that were to send something."""
    journal = simulator.journal(target="qq")
    return [each for each in journal if each["action"].startswith("send")]


def list_types(call):
    return [segment["type"] for segment in call["parameters"]["message"]]


class TestSending:
    def test_a_group_gets_text_and_pictures(self, qq, simulator, group):
        [number] = qq.send(group, MESSAGE, "key")
        [call] = list_sent(simulator)
        assert (call["action"], str(call["message_id"])) == ("send_group_msg", number)
        assert call["parameters"] == {
            "group_id": GROUP,
            "message": [
                {"type": "text", "data": {"text": "Sora: Live now\nA title\nhttps://v.test/1"}},
                {"type": "image", "data": {"file": "https://p.test/1"}},
            ],
        }
        assert simulator.counters()["limit_breaks"] == {}

    def test_a_friend_gets_it_in_private(self, qq, simulator):
        assert qq.send(make_user(simulator.qq.add_friend(FRIEND)), MESSAGE, "key")
        [call] = list_sent(simulator)
        assert (call["action"], call["parameters"]["user_id"]) == ("send_private_msg", FRIEND)

    def test_a_picture_that_is_refused_becomes_a_link(self, qq, simulator, group):
        simulator.qq.set_account(pictures_refused=True)
        assert qq.send(group, MESSAGE, "key")
        first, second = list_sent(simulator)
        assert (first["delivered"], second["delivered"]) == (False, True)
        [text] = second["parameters"]["message"]
        assert text["data"]["text"].endswith("https://v.test/1\nhttps://p.test/1")

    def test_a_picture_that_is_not_for_everybody_is_only_a_link(self, qq, simulator, group):
        qq.send(group, MESSAGE._replace(is_sensitive=True), "key")
        [call] = list_sent(simulator)
        assert list_types(call) == ["text"]

    def test_at_most_four_pictures_go_along(self, qq, simulator, group):
        pictures = tuple(f"https://p.test/{number}" for number in range(9))
        qq.send(group, MESSAGE._replace(pictures=pictures), "key")
        [call] = list_sent(simulator)
        assert list_types(call) == ["text", *["image"] * 4]

    @pytest.mark.parametrize(
        "body",
        [
            {"status": "async", "retcode": 1, "data": None},
            {"status": "ok", "retcode": 0, "data": None},
            {"status": "ok", "retcode": 0},
        ],
        ids=["asynchronous", "no data", "half an answer"],
    )
    def test_what_was_taken_is_taken_whatever_the_answer_lacks(self, answer, body):
        assert answer(200, body) == ()

    def test_an_id_is_a_string_whatever_it_was(self, answer):
        body = {"status": "ok", "retcode": 0, "data": {"message_id": -2147302767}}
        assert answer(200, body) == ("-2147302767",)

    def test_no_proxy_is_asked_for_the_way(self, make_context, group, free_port):
        context = make_context(proxy_url=f"http://127.0.0.1:{free_port()}")
        assert QQ(context).send(group, MESSAGE, "key")


class TestRefusals:
    @pytest.mark.parametrize(
        ("said", "error"),
        [
            (TIMEOUT, UnknownOutcomeError),
            (
                "Error: Timeout: NTEvent EventName:NodeIKernelMsgService/sendMsg",
                UnknownOutcomeError,
            ),
            ("发送超时", UnknownOutcomeError),
            ('EventRet:\n{\n "result": 110,\n "errMsg": ""\n}', GoneError),
            ("你已被移出该群", GoneError),
            ('EventRet:\n{\n "result": 120,\n "errMsg": ""\n}', ShutOutError),
            ("当前处于被禁言状态", ShutOutError),
            ("请先添加对方为好友", ShutOutError),
            ("Error: 无法获取用户信息\n    at createContext (napcat.mjs:1:1)", ShutOutError),
            ("操作过于频繁", ThrottledError),
            ("账号不在线", AwayError),
            ("账号未登录", AwayError),
            ("rich media transfer failed", RefusedError),
            ("图片下载超时", RefusedError),
            ("Timeout: NTEvent NodeIKernelRichMediaService/uploadRMFileWithoutMsg", RefusedError),
            ("something new", RefusedError),
            ("", RefusedError),
        ],
        ids=range(17),
    )
    @pytest.mark.parametrize("code", [100, 200, 1200])
    def test_the_text_says_how_to_react(self, answer, said, error, code):
        body = {"status": "failed", "retcode": code, "data": None, "message": said}
        with pytest.raises(error) as caught:
            answer(200, body)
        assert "at createContext" not in str(caught.value)
        assert f"({code})" in str(caught.value)

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (401, b"", CredentialsError),
            (403, {"message": "token verify failed!"}, CredentialsError),
            (404, b"<html>", AwayError),
            (406, b"", AwayError),
            (404, {"status": "failed", "retcode": 1404, "data": None}, RefusedError),
            (400, b"Invalid JSON", RefusedError),
            (429, b"", ThrottledError),
            (500, b"", TransientError),
            (502, b"<html>", AwayError),
            (503, b"", AwayError),
            (504, b"<html>", UnknownOutcomeError),
            (200, b"<html>", UnknownOutcomeError),
            (200, b"[]", UnknownOutcomeError),
        ],
        ids=str,
    )
    def test_the_status_says_how_to_react(self, answer, status, body, error):
        with pytest.raises(error):
            answer(status, body)

    def test_a_time_out_is_never_repeated(self, qq, simulator, group):
        simulator.add_fault("qq", code=1200, count=1)
        with pytest.raises(UnknownOutcomeError):
            qq.send(group, MESSAGE, "key")
        [call] = list_sent(simulator)
        assert call["delivered"]

    def test_no_answer_leaves_it_open(self, qq, simulator, group):
        simulator.add_fault("qq", drop=True, accept=True, count=1)
        with pytest.raises(UnknownOutcomeError):
            qq.send(group, MESSAGE, "key")

    def test_who_was_removed_is_gone(self, qq, simulator, group):
        simulator.qq.leave_group(GROUP)
        with pytest.raises(GoneError, match="移出"):
            qq.send(group, MESSAGE, "key")

    @pytest.mark.parametrize("address", ["10001", "group:x", ""])
    def test_what_is_no_address_pauses_its_chat(self, qq, address):
        assert qq.get_limits(make_user(address))
        with pytest.raises(GoneError, match="expected private:NUMBER"):
            qq.send(make_user(address), MESSAGE, "key")

    def test_a_muted_group_is_left_alone_for_longer_each_time(
        self, qq, simulator, group, get_wait, context
    ):
        simulator.qq.set_group(GROUP, muted=True)
        for pause in SHUT_OUT_PAUSES:
            with pytest.raises(ShutOutError, match="禁言"):
                qq.send(group, MESSAGE, "key")
            assert get_wait(group) == pytest.approx(pause, abs=60)
            assert get_wait(make_user("group:900200")) < 60
            ratelimit.unblock(context.redis, f"qq:group:{GROUP}")
        with pytest.raises(GoneError, match=r"禁言 \(200\), 4 times"):
            qq.send(group, MESSAGE, "key")

    def test_who_may_speak_again_begins_anew(self, qq, simulator, group, get_wait, context):
        for _ in SHUT_OUT_PAUSES:
            simulator.qq.set_group(GROUP, muted=True)
            with pytest.raises(ShutOutError):
                qq.send(group, MESSAGE, "key")
            simulator.qq.set_group(GROUP, muted=False)
            qq.send(group, MESSAGE, "key")
            assert get_wait(group) == pytest.approx(SHUT_OUT_PAUSES[0], abs=60)
            ratelimit.unblock(context.redis, f"qq:group:{GROUP}")

    def test_a_wrong_token_holds_up_everybody(self, make_context, simulator, group, get_wait):
        qq = QQ(make_context(qq_token=SecretStr("wrong")))
        with pytest.raises(CredentialsError, match="STARGAZER_QQ_TOKEN"):
            qq.send(group, MESSAGE, "key")
        assert get_wait(make_user(f"private:{FRIEND}")) > 30
        assert TOKEN not in json.dumps(simulator.journal())

    def test_an_adapter_that_is_not_there_holds_up_everybody(
        self, make_context, free_port, get_wait, group
    ):
        qq = QQ(make_context(qq_url=f"http://127.0.0.1:{free_port()}"))
        with pytest.raises(AwayError, match="cannot be reached: no connection"):
            qq.send(group, MESSAGE, "key")
        assert get_wait(make_user(f"private:{FRIEND}")) > 8

    def test_an_account_that_is_offline_holds_up_the_others(self, qq, simulator, group, get_wait):
        simulator.qq.set_account(online=False)
        with pytest.raises(UnknownOutcomeError):
            qq.send(group, MESSAGE, "key")
        assert get_wait(make_user(f"private:{FRIEND}")) > 8

    def test_without_an_adapter_nothing_is_given_up(self, make_context, group):
        with pytest.raises(AwayError, match="STARGAZER_QQ_URL"):
            QQ(make_context(qq_url="")).send(group, MESSAGE, "key")

    @pytest.mark.usefixtures("group")
    def test_what_was_taken_needs_no_redis(self, make_context, free_port):
        qq = QQ(make_context(redis_url=f"redis://127.0.0.1:{free_port()}/0"))
        assert qq.send(make_user(mention="all"), CALLING, "key")


class TestCallingAll:
    @pytest.fixture
    def calls(self, qq, simulator):
        def send(user, message=CALLING):
            qq.send(user, message, "key")
            return "at" in list_types(list_sent(simulator)[-1])

        return send

    @pytest.fixture(autouse=True)
    def _admin(self, simulator):
        simulator.qq.set_group(GROUP, role="admin")

    def test_who_wants_it_is_called(self, calls, simulator):
        assert calls(make_user(mention="all"))
        [call] = list_sent(simulator)
        assert call["parameters"]["message"][0] == {"type": "at", "data": {"qq": "all"}}

    @pytest.mark.parametrize(
        ("user", "message"),
        [
            (make_user(), CALLING),
            (make_user(mention="all"), MESSAGE),
            (make_user(mention="all"), CALLING._replace(is_silent=True)),
            (make_user(mention="123456789012345678"), CALLING),
        ],
        ids=["not wanted", "not worth it", "silent", "a role"],
    )
    def test_nobody_else_is(self, calls, user, message, simulator):
        assert not calls(user, message)
        assert len(simulator.journal(target="qq")) == 1

    def test_nobody_is_called_in_quiet_hours(self, calls):
        """Not even by what is told in them."""
        user = make_user(mention="all")
        quiet = QuietHours(start=time(0, 0), end=time(0, 0))
        settings = user.settings.model_copy(update={"quiet_hours": quiet})
        assert not calls(user.model_copy(update={"settings": settings}))
        assert calls(user)

    def test_a_friend_alone_is_not_called(self, calls, simulator):
        assert not calls(make_user(simulator.qq.add_friend(FRIEND), mention="all"))

    def test_it_happens_once_in_two_hours_for_each_group(self, calls, simulator, context):
        other = make_user(simulator.qq.set_group(GROUP + 1, role="owner"), mention="all")
        assert calls(make_user(mention="all"))
        assert not calls(make_user(mention="all"))
        assert calls(other)
        assert 7000 < context.redis.ttl(f"stargazer:qq:called:{GROUP}") <= 7200

    @pytest.mark.parametrize(
        ("group", "account"),
        [
            ({"role": "member"}, {}),
            ({"calls": 0}, {}),
            ({"role": "member"}, {"counts_calls": False}),
        ],
        ids=["no right", "used up", "no right, as far as is known"],
    )
    def test_what_is_not_allowed_is_not_tried(self, calls, simulator, group, account):
        simulator.qq.set_group(GROUP, **group)
        simulator.qq.set_account(**account)
        assert not calls(make_user(mention="all"))
        assert simulator.counters()["limit_breaks"] == {}

    def test_an_admin_may_where_nobody_counts(self, calls, simulator):
        simulator.qq.set_account(counts_calls=False)
        assert calls(make_user(mention="all"))

    def test_what_was_refused_has_called_nobody(self, calls, simulator, qq):
        simulator.qq.set_group(GROUP, muted=True)
        with pytest.raises(ShutOutError):
            qq.send(make_user(mention="all"), CALLING, "key")
        simulator.qq.set_group(GROUP, muted=False)
        assert calls(make_user(mention="all"))

    def test_a_message_that_went_out_plain_has_called_nobody(self, calls, simulator):
        simulator.qq.set_account(pictures_refused=True)
        assert not calls(make_user(mention="all"))
        simulator.qq.set_account(pictures_refused=False)
        assert calls(make_user(mention="all"))


class TestPace:
    def test_messages_are_apart_and_not_like_clockwork(self, qq, context):
        users = [make_user(f"group:{900_000 + number}") for number in range(40)]
        limits = [qq.get_limits(user) for user in users]
        waits = ratelimit.reserve(context.redis, limits, 1000.0)
        gaps = [after - before for before, after in pairwise(waits)]
        assert min(gaps) >= 1.5
        assert max(gaps) <= 1.5 * 1.3 + 0.1
        assert max(gaps) - min(gaps) > 0.1

    def test_one_chat_has_a_pace_of_its_own(self, qq, context, group):
        first, second = ratelimit.reserve(context.redis, [qq.get_limits(group)] * 2, 1000.0)
        assert second - first >= 3.0


class TestOutage:
    """What waits for an adapter that is away costs no attempt."""

    @pytest.fixture
    def add(self, store):
        entity = Entity(meta=Meta(name=Name(name={"en": "Sora"}, default_language="en")))
        store.entities.save(entity)

        def add(user):
            now = datetime.now(UTC)
            fields = {"video_id": "v1", "title": "A title", "url": "https://v.test/1"}
            times = {"happened_at": now, "created_at": now}
            event = StoredEvent(kind="youtube/new_video", entity=entity.id, fields=fields, **times)
            store.events.save(event)
            store.users.save(user)
            store.deliveries.add(
                [Delivery(event=event.id, user=user.id, im="qq", created_at=now, due_at=now)]
            )
            return event

        return add

    def test_a_message_outlives_it(self, context, make_context, store, free_port, group, add):
        event = add(group)
        away = make_context(qq_url=f"http://127.0.0.1:{free_port()}", delivery_attempts=1)
        before = datetime.now(UTC)
        Sender(away, QQ(away), 2).deliver(event.id, [group.id])
        waiting = store.deliveries.find(event.id, group.id)
        assert (waiting.state, waiting.attempts, waiting.code) == (
            DeliveryState.PENDING,
            0,
            Reason.THROTTLED,
        )
        assert "cannot be reached" in waiting.reason
        assert waiting.next_at > before + timedelta(seconds=9)
        # As if its time had come.
        for key in ("qq", f"qq:{group.im_payload}"):
            ratelimit.unblock(context.redis, key)
        back = make_context(qq_rate=60_000, qq_chat_rate=60_000)
        Sender(back, QQ(back), 2).deliver(event.id, [group.id])
        sent = store.deliveries.find(event.id, group.id)
        assert (sent.state, sent.code) == (DeliveryState.SENT, None)

    def test_the_chat_of_who_was_removed_is_paused(self, context, store, simulator, group, add):
        event = add(group)
        simulator.qq.leave_group(GROUP)
        Sender(context, QQ(context), 2).deliver(event.id, [group.id])
        assert "移出" in store.users.find(group.id).paused
