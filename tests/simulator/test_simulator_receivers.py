"""The simulated receivers: take what is signed and fresh, once, and count what is not."""

import hashlib
import hmac
import time

import pytest

SECRET = "a secret of the receiver"
BODY = b'{"id": "1"}'


@pytest.fixture
def post(web):
    web.put("/control/receivers/stars", json={"secret": SECRET})

    def ask(*, key="1", age=0, secret=SECRET, body=BODY):
        timestamp = str(int(time.time()) - age)
        signed = timestamp.encode() + b"." + BODY
        digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        headers = {
            "X-Stargazer-Id": key,
            "X-Stargazer-Timestamp": timestamp,
            "X-Stargazer-Signature": f"sha256={digest}",
        }
        return web.post("/webhook/stars", data=body, headers=headers).status_code

    return ask


@pytest.fixture
def counters(web):
    return lambda: web.get("/control/counters").json


def test_what_is_signed_is_taken_once(post, counters):
    assert [post(), post(), post(key="2")] == [204] * 3
    assert counters()["delivered"] == 2
    assert counters()["limit_breaks"] == {}


@pytest.mark.parametrize(
    "wrong",
    [{"secret": "another"}, {"age": 400}, {"age": -400}, {"body": b"{}"}],
    ids=["secret", "old", "of tomorrow", "body"],
)
def test_what_is_not_is_refused_and_counted(post, counters, wrong):
    assert post(**wrong) == 401
    assert counters()["limit_breaks"] == {"webhook_signature": 1}
    assert counters()["delivered"] == 0


def test_one_that_is_gone_says_so(post, web):
    web.put("/control/receivers/stars", json={"status": 410})
    assert post() == 410


def test_too_fast_is_refused_and_counted(post, web, counters):
    web.put("/control/receivers/stars", json={"per_second": 0.01})
    assert [post(), post(key="2")] == [204, 429]
    assert counters()["limit_breaks"] == {"webhook": 1}


NOTIFICATION = {"version": "1.0", "title": "", "message": "x", "type": "info", "attachments": []}


@pytest.fixture
def notify(web):
    return lambda body: web.post("/apprise/stars", json=body).status_code


def test_what_apprise_sends_is_taken_each_time(notify, counters):
    assert [notify(NOTIFICATION), notify(NOTIFICATION)] == [204] * 2
    assert counters()["delivered"] == 2
    assert counters()["limit_breaks"] == {}


@pytest.mark.parametrize("body", [{}, [], {**NOTIFICATION, "message": ""}], ids=str)
def test_what_apprise_never_sends_is_counted(notify, counters, body):
    assert notify(body) == 400
    assert counters()["limit_breaks"] == {"apprise_form": 1}


def test_apprise_too_fast_is_refused_and_counted(notify, web, counters):
    web.put("/control/receivers/apprise/stars", json={"per_second": 0.01})
    assert [notify(NOTIFICATION), notify(NOTIFICATION)] == [204, 429]
    assert counters()["limit_breaks"] == {"apprise": 1}


def test_a_service_of_apprise_has_its_address(simulator):
    address = simulator.receivers.set_service("stars", status=410)
    assert address == simulator.base_url.replace("http", "json") + "/apprise/stars"
