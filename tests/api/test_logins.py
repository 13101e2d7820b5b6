"""A client's token is as good as its password, for a while."""

from datetime import timedelta

import pytest

from stargazer.accounts import find_login, hash_password, new_login
from stargazer.models import Account

PASSWORD = "correct horse"


@pytest.fixture
def log_in(call):
    def log_in(username="bot", **options):
        params = {"username": username, "password": PASSWORD}
        status, answer = call("login", params, by=None, **options)
        assert status == 200, answer
        return answer["data"]

    return log_in


@pytest.fixture
def call_with(client):
    def call_with(token, method, params=None):
        headers = {"Authorization": f"Bearer {token}"}
        response = client.post(f"/v1/{method}", json=params or {}, headers=headers)
        return response.status_code, response.json["data"]

    return call_with


def test_a_token_is_good_for_what_the_password_is(log_in, call_with, settings):
    login = log_in()
    assert call_with(login["token"], "addUser", {"im": "web", "im_payload": "a"})[0] == 200
    assert call_with(login["token"], "getAccounts")[0] == 403
    assert call_with(login["token"], "getSettings")[0] == 403
    assert settings.login_lifetime == timedelta(hours=12)


def test_http_basic_is_a_password_too(call, call_with):
    token = call("login", by="reader")[1]["data"]["token"]
    assert call_with(token, "getEntities")[0] == 200


def test_the_predecessors_clients_get_what_they_expect(log_in):
    assert set(log_in()) >= {"token", "valid_until"}


def test_a_token_gets_no_other_token(log_in, call_with):
    status, answer = call_with(log_in()["token"], "login")
    assert (status, answer["code"]) == (401, "credentials_missing")


def test_an_account_without_a_part_in_the_api_cannot_log_in(call, store, password_hash):
    store.accounts.save(Account(username="m", hash=password_hash, permissions={"mq": "rw"}))
    status, answer = call("login", {"username": "m", "password": PASSWORD}, by=None)
    assert (status, answer["data"]["code"]) == (403, "permission_denied")


def test_what_an_account_may_do_changes_at_once(log_in, call, call_with):
    token = log_in()["token"]
    change = {"username": "bot", "permissions": {"api": "ro"}}
    assert call("updateAccount", change)[0] == 200
    assert call_with(token, "addUser", {"im": "web", "im_payload": "a"})[0] == 403
    assert call_with(token, "getUserIndex", {"im": "web"})[0] == 200


def test_another_password_ends_it(log_in, call, call_with):
    token = log_in()["token"]
    assert call("updateAccount", {"username": "bot", "password": "another horse"})[0] == 200
    status, answer = call_with(token, "getEntities")
    assert (status, answer["code"]) == (403, "wrong_credentials")
    assert call("getEntities", by="bot")[0] == 403


def test_it_ends_with_the_account(log_in, call, call_with):
    token = log_in()["token"]
    assert call("delAccount", {"username": "bot"})[0] == 200
    assert call_with(token, "getEntities")[0] == 403


def test_it_is_over_when_its_time_is(store, now):
    account = Account(username="x", hash=hash_password("a"), permissions={"api": "ro"})
    store.accounts.save(account)
    token, login = new_login(store, account, now, timedelta(hours=1))
    assert find_login(store, token, now) == account
    assert find_login(store, token, login.valid_until) is None
    assert token not in str(list(store.logins.collection.find()))
    new_login(store, account, login.valid_until, timedelta(hours=1))
    assert store.logins.collection.count_documents({}) == 1


def test_no_answer_tells_of_a_hash(call, store):
    call("addAccount", {"username": "new", "password": "a new password", "permissions": {}})
    said = str([call(method)[1] for method in ("getAccounts", "getEntities")])
    assert "pbkdf2" not in said
    assert store.accounts.find("new").hash.split("$")[2] not in said


@pytest.mark.parametrize("by", ["root", "bot", "watcher"])
def test_a_login_says_what_its_account_may_do(call, by):
    status, answer = call("login", by=by)
    assert status == 200
    accounts = call("getAccounts")[1]["data"]["accounts"]
    permissions = {account["username"]: account["permissions"] for account in accounts}
    assert answer["data"]["permissions"] == permissions[by]
