"""What QQ's adapter posts to us, from a simulator that signs as adapters do."""

import time

import pytest
from pydantic import SecretStr

from api import create_app
from stargazer.onebot import ALARM, KIND
from stargazer.onebot.events import CALLBACK
from stargazer.simulator.onebot.events import sign
from stargazer.simulator.onebot.world import SECRET, Account

GROUP, USER = 900_100, 20_002


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"qq_secret": SecretStr(SECRET)})


@pytest.fixture
def qq(simulator, app, serve, celery_app):
    """Give the simulated QQ, whose adapter posts to us."""
    simulator.qq.set_account(event_url=f"{serve(app)}{CALLBACK}")
    return simulator.qq


@pytest.fixture
def answers(simulator):
    """Give a function that waits for so many answers to events, and returns them."""

    def answers(count):
        deadline = time.monotonic() + 10
        while len(found := simulator.journal(target="push")) < count:
            assert time.monotonic() < deadline, "it was not answered"
            time.sleep(0.02)
        return [each["status"] for each in found]

    return answers


@pytest.mark.parametrize("form", ["array", "string"])
def test_what_is_said_to_us_is_kept_and_queued(qq, store, take_sent, answers, form):
    qq.say(USER, "/list", group=GROUP, form=form)
    assert answers(1) == [204]
    (push,) = store.pushes.list_all()
    assert (push.kind, push.account) == ("commands", f"qq group:{GROUP}")
    (sent,) = take_sent("commands")
    assert (sent.task, sent.args) == ("commands.receive", [str(push.id)])


def test_what_people_say_to_each_other_is_not_kept(qq, store, answers):
    qq.say(USER, "hello", group=GROUP)
    assert answers(1) == [204]
    assert list(store.pushes.list_all()) == []


def test_what_is_forged_is_refused(qq, store, answers):
    qq.say(USER, "/list", forged=True)
    assert answers(1) == [403]
    qq.set_account(secret="")
    qq.say(USER, "/list")
    assert answers(2) == [403, 403]
    assert list(store.pushes.list_all()) == []


def test_the_same_event_is_taken_once(client, store):
    event = {
        "self_id": 1,
        "time": 1,
        "post_type": "notice",
        "notice_type": "friend_add",
        "user_id": USER,
    }
    headers, body = sign(Account(), event)
    for _ in range(2):
        assert client.post(CALLBACK, data=body, headers=headers).status_code == 204
    assert len(list(store.pushes.list_all())) == 1


@pytest.mark.parametrize("event", [[], {}, {"self_id": "x"}], ids=repr)
def test_a_signed_body_that_is_no_event_is_refused(client, event):
    headers, body = sign(Account(), event)
    assert client.post(CALLBACK, data=body, headers=headers).status_code == 400


def test_what_was_said_long_ago_is_not_answered_any_more(client, store):
    said = {
        "self_id": 1,
        "post_type": "message",
        "message_type": "private",
        "user_id": USER,
        "message": "/unregister confirm",
    }
    for age, kept in ((1000, 0), (800, 1)):
        headers, body = sign(Account(), {**said, "time": int(time.time()) - age})
        assert client.post(CALLBACK, data=body, headers=headers).status_code == 204
        assert len(list(store.pushes.list_all())) == kept


def test_a_heartbeat_raises_an_alarm_and_ends_it(qq, store, answers):
    qq.beat(online=True)
    answers(1)
    assert store.platforms.get(KIND).succeeded_at is None
    qq.beat(online=False)
    answers(2)
    [alarm] = store.alarms.list_all()
    assert (alarm.key, alarm.ended_at) == (ALARM, None)
    qq.beat(online=True)
    assert answers(3) == [204] * 3
    [alarm] = store.alarms.list_all()
    assert alarm.ended_at is not None


def test_what_the_broker_does_not_take_is_kept_for_the_sweeper(qq, store, answers, app, caplog):
    celery = app.extensions["stargazer.state"].broker.celery
    celery.conf.update(broker_url="redis://127.0.0.1:9/0")
    celery._pool = None
    celery.amqp._producer_pool = None
    qq.say(USER, "/list")
    assert answers(1) == [204]
    assert len(list(store.pushes.list_all())) == 1
    assert "push_not_published" in caplog.text


def test_without_a_secret_nothing_is_accepted(settings, accounts):
    app = create_app(settings.model_copy(update={"qq_secret": SecretStr("")}))
    headers, body = sign(Account(secret=""), {"self_id": 1, "time": 1, "post_type": "notice"})
    answer = app.test_client().post(CALLBACK, data=body, headers=headers)
    assert (answer.status_code, "STARGAZER_QQ_SECRET" in answer.text) == (403, True)
    app.extensions["stargazer.state"].close()
