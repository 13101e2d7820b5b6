"""What the library Apprise is given, and what is made of what it says."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from flask import Flask, request
from pydantic import SecretStr

from stargazer import addresses
from stargazer.errors import RefusedError, ThrottledError, TransientError, UnknownOutcomeError
from stargazer.keyring import Keyring
from stargazer.models import User
from stargazer.rendering import Message
from workers.im.apprise import Apprise

KEY = SecretStr(Fernet.generate_key().decode())
MESSAGE = Message("Sora: Live now", ("A <title>", "2026-11-23"), "https://v.test/1", ())


def make_user(url):
    name, sealed = addresses.seal(Keyring(KEY), "apprise", url)
    return User(im="apprise", im_payload=name, sealed=sealed)


@pytest.fixture
def apprise(make_context):
    return Apprise(make_context(secret_key=KEY))


@pytest.fixture
def service(serve):
    """Run a service that takes what Apprise's `json://` sends; its URL, answers and what it got."""
    app = Flask("service")
    got, statuses = [], []

    @app.post("/hook")
    def take():
        got.append(request.get_json())
        return "", statuses.pop(0) if statuses else 200

    url = serve(app).replace("http://", "json://")
    return f"{url}/hook", statuses, got


def test_a_message_goes_where_the_url_says(apprise, service):
    url, _, got = service
    assert apprise.send(make_user(url), MESSAGE, "key") == ()
    [sent] = got
    assert sent["title"] == "Sora: Live now"
    assert sent["message"] == "A <title>\n2026-11-23\nhttps://v.test/1"


def test_a_headline_alone_is_the_message(apprise, service):
    url, _, got = service
    apprise.send(make_user(url), Message("3 messages were not sent", (), "", ()), "key")
    assert (got[0]["title"], got[0]["message"]) == ("", "3 messages were not sent")


def test_two_messages_in_a_row_do_not_sleep_in_the_library(apprise, service):
    url, _, got = service
    for _ in range(2):
        apprise.send(make_user(url), MESSAGE, "key")
    assert len(got) == 2


@pytest.mark.parametrize("status", [403, 404, 429, 500])
def test_what_fails_is_tried_again_later(apprise, service, status):
    url, statuses, got = service
    statuses.append(status)
    with pytest.raises(TransientError):
        apprise.send(make_user(url), MESSAGE, "key")
    apprise.send(make_user(url), MESSAGE, "key")
    assert len(got) == 2


def test_nobody_there_is_tried_again_later(apprise, free_port):
    with pytest.raises(TransientError):
        apprise.send(make_user(f"json://127.0.0.1:{free_port()}/x"), MESSAGE, "key")


def test_no_answer_leaves_it_open(make_context, serve):
    app, is_over = Flask("silent"), threading.Event()
    app.post("/hook")(lambda: str(is_over.wait(30)))
    url = serve(app).replace("http://", "json://")
    apprise = Apprise(make_context(secret_key=KEY, http_timeout=timedelta(seconds=0.2)))
    try:
        with pytest.raises(UnknownOutcomeError):
            apprise.send(make_user(f"{url}/hook"), MESSAGE, "key")
    finally:
        is_over.set()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"drop": True, "accept": True}, None),
        ({"drop": True}, None),
        ({"delay": 0.6, "accept": True}, 204),
    ],
    ids=["a broken connection", "a lost request", "a late answer"],
)
def test_what_may_have_been_taken_is_never_repeated(apprise, simulator, fault, status):
    url = simulator.receivers.set_service("stars") + "?rto=0.2"
    simulator.add_fault("apprise", **fault, count=1)
    with pytest.raises(UnknownOutcomeError):
        apprise.send(make_user(url), MESSAGE, "key")
    [entry] = simulator.journal(target="apprise")
    assert (entry["status"], entry["fault"]) == (status, "drop" if status is None else "delay")


def test_two_threads_do_not_hear_of_each_others_broken_connections(apprise, simulator):
    fine = make_user(simulator.receivers.set_service("stars"))
    broken = make_user("json://127.0.0.1:9/x")
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(apprise.send, user, MESSAGE, "key") for user in [fine, broken] * 20]
    errors = [type(each.exception()) for each in sent]
    assert errors == [type(None), TransientError] * 20


def test_what_the_library_knows_no_more_is_refused(apprise):
    sealed = Keyring(KEY).encrypt("nosuchservice://x")
    user = User(im="apprise", im_payload="nosuchservice-1", sealed=sealed)
    with pytest.raises(RefusedError):
        apprise.send(user, MESSAGE, "key")


def test_without_the_key_the_message_waits(make_context):
    with pytest.raises(ThrottledError, match="STARGAZER_SECRET_KEY"):
        Apprise(make_context()).send(make_user("json://a.test/x"), MESSAGE, "key")


def test_the_library_logs_nothing_of_an_address(apprise, service):
    url, statuses, _ = service
    statuses.append(500)
    heard = []
    # pytest's own listens to each logger, whatever that passes on; a process has one at the root.
    listener = logging.Handler()
    listener.emit = heard.append
    logging.getLogger().addHandler(listener)
    try:
        with pytest.raises(TransientError):
            apprise.send(make_user(url), MESSAGE, "key")
    finally:
        logging.getLogger().removeHandler(listener)
    assert [each for each in heard if each.name.startswith("apprise")] == []


def test_each_chat_has_a_pace_of_its_own(make_context):
    apprise = Apprise(make_context(secret_key=KEY, apprise_rate=3))
    limits = {apprise.get_limits(make_user(f"json://{host}.test/x"))[0] for host in "ab"}
    assert len(limits) == 2
    assert {(limit.amount, limit.period) for limit in limits} == {(3, 1.0)}
