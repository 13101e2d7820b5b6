"""Twitch's pushes, from a simulator that signs as Twitch does to our own address."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from api import create_app
from stargazer.simulator.twitch.world import CLIENT_ID, CLIENT_SECRET
from stargazer.twitch import CALLBACK, Twitch, get_push_secret


@pytest.fixture
def settings(settings, simulator):
    return settings.model_copy(
        update={
            "twitch_api_url": simulator.twitch.url,
            "twitch_auth_url": simulator.twitch.url,
            "twitch_client_id": CLIENT_ID,
            "twitch_client_secret": SecretStr(CLIENT_SECRET),
        }
    )


def wait(condition):
    deadline = time.monotonic() + 10
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
    return found


@pytest.fixture
def twitch(simulator, app, serve, context, celery_app):
    """Give the simulated Twitch, which has verified that it may push to us."""
    simulator.twitch.set_account("1", login="one")
    callback = f"{serve(app)}{CALLBACK}"
    Twitch(context.http, context.settings).subscribe("stream.online", "1", callback)
    wait(lambda: [each["status"] for each in simulator.twitch.subscriptions()] == ["enabled"])
    return simulator.twitch


@pytest.fixture
def answers(simulator):
    """Give a function that waits for so many answers to notifications, and returns them."""

    def answers(count):
        def find():
            found = simulator.journal(target="push")
            return found if len(found) >= count else None

        return [each["status"] for each in wait(find)]

    return answers


def test_a_push_is_kept_and_queued(twitch, store, take_sent, answers):
    twitch.start("1", id="9")
    assert answers(1) == [204]
    (push,) = store.pushes.list_all()
    assert (push.kind, push.account) == ("twitch", "1")
    assert json.loads(push.body)["event"]["id"] == "9"
    (sent,) = take_sent("twitch")
    assert (sent.task, sent.args) == ("twitch.receive", [str(push.id)])


def test_a_message_that_comes_again_is_taken_once(twitch, store, answers):
    for _ in range(3):
        twitch.start("1", id="9", oddities={"message_id": "m"})
    assert answers(3) == [204, 204, 204]
    assert len(list(store.pushes.list_all())) == 1


@pytest.mark.parametrize("oddities", [{"forged": True}, {"age": 700}, {"age": -700}])
def test_what_is_forged_old_or_from_the_future_is_refused(twitch, store, answers, oddities):
    twitch.start("1", id="9", oddities=oddities)
    assert answers(1) == [403]
    assert list(store.pushes.list_all()) == []


def test_what_the_broker_does_not_take_is_sent_again(twitch, store, answers, app, take_sent):
    celery = app.extensions["stargazer.state"].broker.celery

    def move(url):
        celery.conf.update(broker_url=url)
        celery._pool = None
        celery.amqp._producer_pool = None

    good = celery.conf.broker_url
    move("redis://127.0.0.1:9/0")
    twitch.start("1", id="9")
    assert answers(1)[0] == 503
    move(good)
    wait(lambda: answers(1)[-1] == 204)
    (push,) = store.pushes.list_all()
    assert [sent.args for sent in take_sent("twitch")] == [[str(push.id)]]


def test_a_revocation_is_received(twitch, answers, store, caplog):
    assert twitch.revoke("1", "authorization_revoked") == 1
    assert answers(1) == [204]
    assert list(store.pushes.list_all()) == []
    assert "subscription_revoked" in caplog.text


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff"])
def test_a_signed_body_that_is_none_is_refused(client, settings, body):
    sent_at = datetime.now(UTC).isoformat()
    signed = b"m" + sent_at.encode() + body
    digest = hmac.new(get_push_secret(settings).encode(), signed, hashlib.sha256).hexdigest()
    headers = {
        "Twitch-Eventsub-Message-Id": "m",
        "Twitch-Eventsub-Message-Timestamp": sent_at,
        "Twitch-Eventsub-Message-Type": "notification",
        "Twitch-Eventsub-Message-Signature": f"sha256={digest}",
    }
    assert client.post(CALLBACK, data=body, headers=headers).status_code == 400


def test_without_an_app_there_is_no_such_address(settings, accounts):
    app = create_app(settings.model_copy(update={"twitch_client_secret": SecretStr("")}))
    assert app.test_client().post(CALLBACK).status_code == 404
    app.extensions["stargazer.state"].close()
