"""What Telegram pushes to us."""

import json
import time

import pytest
from pydantic import SecretStr

from stargazer.telegram import Bot
from stargazer.telegram.listening import CALLBACK, get_secret, make_webhook
from stargazer.telegram.updates import KIND

HEADER = "X-Telegram-Bot-Api-Secret-Token"
TOKEN = "1000:simulated"
ACCOUNT = "telegram 42"


@pytest.fixture
def settings(settings):
    changes = {
        "telegram_token": SecretStr(TOKEN),
        "telegram_updates": "webhook",
        "public_url": "https://a.example",
    }
    return settings.model_copy(update=changes)


@pytest.fixture
def push(client, settings):
    """Give a function that pushes an update as Telegram does."""

    def send(number=1, text="/list", headers=None, body=None):
        chat = {"id": 42, "type": "private"}
        person = {"id": 42, "first_name": "Aki"}
        message = {"message_id": 1, "date": 1, "chat": chat, "from": person, "text": text}
        update = {"update_id": number, "message": message}
        return client.post(
            CALLBACK,
            data=json.dumps(update) if body is None else body,
            headers={HEADER: get_secret(settings)} if headers is None else headers,
            content_type="application/json",
        )

    return send


def test_what_is_said_is_kept_and_handed_over(push, store, take_sent):
    assert push().status_code == 204
    [kept] = store.pushes.list_all()
    [sent] = take_sent("commands")
    assert (sent.task, sent.args) == ("commands.receive", [str(kept.id)])
    assert json.loads(kept.body)["message"]["text"] == "/list"


def test_what_comes_twice_is_kept_once(push, store, take_sent):
    assert [push().status_code, push().status_code] == [204, 204]
    assert len(take_sent("commands")) == 1
    [kept] = store.pushes.list_all()
    store.pushes.delete(kept.id)
    assert push().status_code == 204
    assert store.pushes.find_first(KIND, ACCOUNT) is None
    assert push(number=2).status_code == 204
    assert store.pushes.find_first(KIND, ACCOUNT) is not None


def test_what_the_broker_does_not_take_has_to_be_sent_again(
    app, settings, client, push, store, free_port
):
    celery = app.extensions["stargazer.state"].broker.celery
    before = celery.conf.broker_url
    celery.conf.broker_url = f"redis://127.0.0.1:{free_port()}/0"
    assert push().status_code == 503
    assert store.pushes.find_first(KIND, ACCOUNT) is not None
    celery.conf.broker_url = before
    celery.pool.force_close_all()


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({HEADER: "wrong"}, 403), ({HEADER: ""}, 403), ({HEADER: "ö".encode()}, 403)],
    ids=["missing", "wrong", "empty", "no ASCII"],
)
def test_who_does_not_know_the_secret_is_not_heard(push, store, headers, status):
    assert push(headers=headers).status_code == status
    assert list(store.pushes.list_all()) == []


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "{}", '{"update_id": "x"}'])
def test_what_is_no_update_is_refused(push, store, body):
    assert push(body=body).status_code == 400
    assert list(store.pushes.list_all()) == []


def test_what_nobody_has_to_answer_is_not_kept(push, store):
    assert push(body='{"update_id": 1, "poll": {}}').status_code == 204
    assert list(store.pushes.list_all()) == []


class TestElsewhere:
    @pytest.fixture
    def settings(self, settings):
        return settings.model_copy(update={"telegram_updates": "poll"})

    def test_who_asks_for_updates_is_pushed_none(self, push):
        assert push().status_code == 404


def test_what_a_simulated_telegram_pushes_is_kept_once_whatever_goes_wrong(
    app, settings, simulator, serve, make_context, store
):
    bot = Bot(make_context(telegram_api_url=simulator.telegram_url))
    address = f"{serve(app)}{CALLBACK}"
    bot.call("setWebhook", {**make_webhook(settings), "url": address})
    simulator.add_fault("push", duplicate=True, count=1)
    assert simulator.talk.say(42, "/list")
    # Lost on its way, and sent again.
    simulator.add_fault("push", drop=True, count=1)
    assert simulator.talk.say(42, "/help")

    def is_taken():
        return bot.call("getWebhookInfo", {})["pending_update_count"] == 0

    deadline = time.monotonic() + 10
    while not is_taken():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    texts = [json.loads(push.body)["message"]["text"] for push in store.pushes.list_all()]
    assert sorted(texts) == ["/help", "/list"]
