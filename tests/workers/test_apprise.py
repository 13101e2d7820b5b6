"""What the library Apprise is given, and what is made of what it says."""

import threading
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


def test_what_the_library_knows_no_more_is_refused(apprise):
    sealed = Keyring(KEY).encrypt("nosuchservice://x")
    user = User(im="apprise", im_payload="nosuchservice-1", sealed=sealed)
    with pytest.raises(RefusedError):
        apprise.send(user, MESSAGE, "key")


def test_without_the_key_the_message_waits(make_context):
    with pytest.raises(ThrottledError, match="STARGAZER_SECRET_KEY"):
        Apprise(make_context()).send(make_user("json://a.test/x"), MESSAGE, "key")


def test_the_library_logs_nothing_of_an_address(apprise, service, caplog):
    url, statuses, _ = service
    statuses.append(500)
    with caplog.at_level("DEBUG"), pytest.raises(TransientError):
        apprise.send(make_user(url), MESSAGE, "key")
    assert [each for each in caplog.records if each.name.startswith("apprise")] == []


def test_each_chat_has_a_pace_of_its_own(apprise):
    limits = {apprise.get_limits(make_user(f"json://{host}.test/x"))[0] for host in "ab"}
    assert len(limits) == 2
