"""RabbitMQ's questions, as it sends them, and our answers."""

import logging
from datetime import UTC, datetime, timedelta

import pymongo.errors
import pytest
from pydantic import SecretStr

from api import create_app
from stargazer import mq
from stargazer.accounts import passwords
from stargazer.models import Account

#: That of `password_hash`.
PASSWORD = "correct horse"
KEY = "a-key-that-nobody-guesses"
#: Who asks, in the order of the signs in the tables below. The reader has no permission for the
#: queue, nobody none at all, and the stranger no account.
WHO = ("worker", "middleware", "bot", "reader", "nobody", "stranger")
PERMISSIONS = {
    "worker": {"coordinator": "ro"},
    "middleware": {"mq": "rw"},
    "bot": {"mq": "ro", "api": "rw"},
    "reader": {"api": "ro", "admin": "rw"},
    "nobody": {},
    "telegram": {"mq": "rw"},
    "celeryev.x": {"mq": "ro"},
}


@pytest.fixture
def settings(settings):
    changes = {"broker_url": "amqp://127.0.0.1:1//", "rabbitmq_key": SecretStr(KEY)}
    return settings.model_copy(update=changes)


@pytest.fixture
def accounts(store, password_hash):
    for username, permissions in PERMISSIONS.items():
        store.accounts.save(Account(username=username, hash=password_hash, permissions=permissions))


@pytest.fixture
def ask(client):
    """Ask as RabbitMQ does; give the status and the body."""

    def ask(what, key=KEY, **form):
        response = client.post(f"/rabbitmq/{key}/{what}", data=form)
        return response.status_code, response.get_data(as_text=True)

    return ask


def answer(is_allowed):
    return (200, "allow" if is_allowed else "deny")


def list_answers(signs):
    return {who: answer(sign == "+") for who, sign in zip(WHO, signs, strict=True)}


class TestUser:
    def test_who_has_something_to_do_there_comes_in(self, ask):
        answers = {who: ask("user", username=who, password=PASSWORD) for who in WHO}
        assert answers == list_answers("+++---")

    @pytest.mark.parametrize("form", [{"password": "wrong"}, {"password": ""}, {}], ids=str)
    def test_nobody_comes_in_without_the_password(self, ask, form):
        assert ask("user", username="worker", **form) == answer(is_allowed=False)

    def test_what_is_asked_besides_does_not_matter(self, ask):
        form = {"username": "bot", "password": PASSWORD, "vhost": "/other", "client_id": "x"}
        assert ask("user", **form) == answer(is_allowed=True)

    def test_the_answer_is_one_word_of_plain_text(self, client):
        form = {"username": "bot", "password": PASSWORD}
        response = client.post(f"/rabbitmq/{KEY}/user", data=form)
        assert response.data == b"allow"
        assert response.mimetype == "text/plain"

    def test_too_many_wrong_passwords_are_a_refusal_like_any_other(self, ask, store):
        [key] = passwords._get_keys("bot", None)
        for _ in range(10):
            store.guesses.add(key, datetime.now(UTC), timedelta(minutes=1))
        assert ask("user", username="bot", password=PASSWORD + "x") == answer(is_allowed=False)

    def test_a_question_without_a_password_is_no_wrong_guess(self, ask):
        for _ in range(12):
            ask("user", username="bot", password="")
        assert ask("user", username="bot", password=PASSWORD) == answer(is_allowed=True)


class TestVhost:
    @pytest.mark.parametrize(
        ("vhost", "signs"), [("/", "+++---"), ("/other", "------"), ("", "------")]
    )
    def test_there_is_one(self, ask, vhost, signs):
        answers = {who: ask("vhost", username=who, vhost=vhost, ip="127.0.0.1") for who in WHO}
        assert answers == list_answers(signs)

    @pytest.mark.parametrize(
        ("broker_url", "vhost"),
        [
            ("amqp://user:secret@host:5672", "/"),
            ("amqp://host/", "/"),
            ("amqp://host//", "/"),
            ("amqp://host/%2F", "/"),
            ("amqps://host/stars?ssl=1", "stars"),
            ("pyamqp://host//stars", "/stars"),
            ("amqp://one/stars;amqp://two/stars", "stars"),
            ("redis://127.0.0.1:6379/0", None),
        ],
    )
    def test_it_is_that_of_the_broker(self, broker_url, vhost):
        assert mq.get_vhost(broker_url) == vhost


RIGHTS = ("configure", "write", "read")


class TestResource:
    @pytest.mark.parametrize(
        ("resource", "name", "right", "signs"),
        [
            *[("queue", "bot", right, "+-+---") for right in RIGHTS],
            *[("queue", "bot.inbox", right, "+-+---") for right in RIGHTS],
            *[("queue", "amq.gen-x_y", right, "+++---") for right in RIGHTS],
            *[("queue", "botox", right, "+-----") for right in RIGHTS],
            *[("queue", "amq.rabbitmq.reply-to", right, "+-----") for right in RIGHTS],
            *[("queue", "ready", right, "+-----") for right in RIGHTS],
            *[("queue", "coordinator", right, "+-----") for right in RIGHTS],
            *[("queue", "publish", right, "+-----") for right in RIGHTS],
            *[("queue", "sources@host.dq2", right, "+-----") for right in RIGHTS],
            *[("queue", "", right, "+-----") for right in RIGHTS],
            ("exchange", "stargazer", "configure", "++----"),
            ("exchange", "stargazer", "write", "++----"),
            ("exchange", "stargazer", "read", "+++---"),
            *[("exchange", "amq.default", right, "+-----") for right in RIGHTS],
            *[("exchange", "", right, "+-----") for right in RIGHTS],
            *[("exchange", "amq.topic", right, "+-----") for right in RIGHTS],
            *[("exchange", "celeryev", right, "+-----") for right in RIGHTS],
            *[("exchange", "bot", right, "+-----") for right in RIGHTS],
            ("queue", "bot", "", "------"),
            ("exchange", "stargazer", "own", "------"),
        ],
    )
    def test_what_is_whose(self, ask, resource, name, right, signs):
        form = {"resource": resource, "name": name, "permission": right, "vhost": "/"}
        answers = {who: ask("resource", username=who, **form) for who in WHO}
        assert answers == list_answers(signs)

    def test_another_kind_of_resource_is_for_our_own_processes(self, ask):
        form = {"resource": "shovel", "name": "bot", "permission": "read"}
        assert ask("resource", username="worker", **form) == answer(is_allowed=True)
        assert ask("resource", username="bot", **form) == answer(is_allowed=False)

    @pytest.mark.parametrize(
        ("who", "queue"),
        [("telegram", "telegram"), ("telegram", "telegram.x"), ("celeryev.x", "celeryev.x")],
    )
    def test_an_account_that_is_called_like_a_queue_of_ours_does_not_get_it(self, ask, who, queue):
        form = {"resource": "queue", "name": queue, "permission": "read"}
        assert ask("resource", username=who, **form) == answer(is_allowed=False)


class TestTopic:
    @pytest.mark.parametrize(
        ("name", "right", "key", "signs"),
        [
            ("stargazer", "read", "event", "+++---"),
            ("stargazer", "read", "event.translate", "++----"),
            ("stargazer", "read", "#.translate", "++----"),
            ("stargazer", "read", "event.#", "++----"),
            ("stargazer", "read", "#", "++----"),
            ("stargazer", "read", "*", "++----"),
            ("stargazer", "read", "", "++----"),
            ("stargazer", "write", "event", "++----"),
            ("stargazer", "write", "event.delay", "++----"),
            ("stargazer", "configure", "event", "++----"),
            ("stargazer", "own", "event", "------"),
            ("celeryev", "read", "#", "+-----"),
            ("amq.topic", "read", "event", "+-----"),
            ("", "read", "event", "+-----"),
        ],
    )
    def test_who_may_use_which_key(self, ask, name, right, key, signs):
        form = {"resource": "topic", "name": name, "permission": right, "routing_key": key}
        answers = {who: ask("topic", username=who, **form) for who in WHO}
        assert answers == list_answers(signs)


QUESTIONS = {
    "user": {"username": "worker", "password": PASSWORD},
    "vhost": {"username": "worker", "vhost": "/"},
    "resource": {"username": "worker", "resource": "queue", "name": "q", "permission": "read"},
    "topic": {"username": "worker", "name": "x", "permission": "read", "routing_key": "k"},
}


@pytest.mark.parametrize("what", QUESTIONS)
class TestEveryQuestion:
    def test_it_is_answered_to_who_knows_the_key(self, ask, what):
        assert ask(what, **QUESTIONS[what]) == answer(is_allowed=True)

    @pytest.mark.parametrize("key", [KEY[:-1], KEY + "x", KEY.upper(), "x", "é"])
    def test_nobody_else_learns_anything(self, ask, what, key):
        assert ask(what, key, **QUESTIONS[what])[0] == 404

    @pytest.mark.usefixtures("accounts")
    @pytest.mark.parametrize("key", ["", " ", "x"])
    def test_without_a_key_there_are_no_answers(self, settings, what, key):
        app = create_app(settings.model_copy(update={"rabbitmq_key": SecretStr("")}))
        path = f"/rabbitmq/{key}/{what}"
        assert app.test_client().post(path, data=QUESTIONS[what]).status_code == 404
        app.extensions["stargazer.state"].close()

    def test_an_empty_question_is_denied(self, ask, what):
        assert ask(what) == answer(is_allowed=False)

    def test_a_question_in_the_address_is_none(self, client, what):
        path = f"/rabbitmq/{KEY}/{what}"
        assert client.get(path, query_string=QUESTIONS[what]).status_code == 405
        assert client.post(path, query_string=QUESTIONS[what]).data == b"deny"

    def test_a_database_that_is_away_allows_nothing(self, app, ask, what, monkeypatch):
        store = app.extensions["stargazer.state"].context.store

        def fail(_username):
            raise pymongo.errors.ServerSelectionTimeoutError("away")

        monkeypatch.setattr(store.accounts, "find", fail)
        status, body = ask(what, **QUESTIONS[what])
        assert status == 503
        assert body != "allow"

    def test_neither_key_nor_password_is_in_the_log(self, ask, what, caplog):
        caplog.set_level(logging.DEBUG)
        ask(what, **QUESTIONS[what])
        ask(what, **{**QUESTIONS[what], "username": "a-name", "password": "a-password"})
        ask(what, "wrong-key-that-nobody-guesses", **QUESTIONS[what])
        logged = " ".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
        assert KEY not in logged
        assert "wrong-key" not in logged
        assert PASSWORD not in logged
        assert "a-password" not in logged


def test_another_question_is_none(ask):
    assert ask("everything")[0] == 404


def test_a_refusal_can_be_found_in_the_log(ask, caplog):
    caplog.set_level(logging.INFO)
    form = {"resource": "queue", "name": "ready", "permission": "read"}
    ask("resource", username="bot", **form)
    [record] = [each for each in caplog.records if each.getMessage() == "rabbitmq_denied"]
    assert (record.account, record.resource, record.right) == ("bot", "ready", "read")
