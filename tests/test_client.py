"""The Python client, against the API as it is served."""

import inspect
import json
import socket
import threading
import time
from datetime import timedelta

import flask
import pytest

from api import create_app
from api.clientcode import write_methods
from api.rpc import list_methods, to_snake_case
from stargazer.accounts import hash_password
from stargazer.client import ApiError, Client, NoAnswerError
from stargazer.client import methods as generated
from stargazer.models import Account

PASSWORD = "correct horse"
META = {"name": {"name": {"en": "Suisei"}, "default_language": "en"}}
NOBODY = "5e0c6a7e-3f4b-4b52-9a70-2d1f6f0d8a11"


@pytest.fixture(scope="module")
def password_hash():
    return hash_password(PASSWORD)


@pytest.fixture
def serve_api(settings, store, password_hash, serve):
    """Serve the API with an account that may do everything, and settings that are different."""
    account = Account(username="root", hash=password_hash, permissions={"api": "rw", "admin": "rw"})
    store.accounts.save(account)
    apps = []

    def start(**changes):
        apps.append(create_app(settings.model_copy(update=changes)))
        return serve(apps[-1])

    yield start
    for app in apps:
        app.extensions["stargazer.state"].close()


@pytest.fixture
def url(serve_api):
    return serve_api()


@pytest.fixture
def root(url):
    with Client(url, username="root", password=PASSWORD) as client:
        yield client


@pytest.fixture
def answer_with(serve):
    """Give a client of something that always gives this answer, and remembers what was sent."""
    clients = []

    def make(body, status=200, headers=None):
        app = flask.Flask("other")
        app.seen = []

        @app.route("/v1/<path:name>", methods=["POST"])
        def answer(name):
            app.seen.append((name, flask.request.json, flask.request.headers.get("Authorization")))
            return body, status, headers or {}

        clients.append(Client(serve(app), timeout=timedelta(seconds=2)))
        return clients[-1], app.seen

    yield make
    for client in clients:
        client.close()


def test_the_committed_methods_are_what_would_be_generated():
    assert inspect.getsource(generated) == write_methods(), "run `make generate`"


@pytest.mark.parametrize("method", list_methods(), ids=lambda method: method.name)
def test_each_method_is_there_with_its_parameters(method):
    function = getattr(Client, to_snake_case(method.name))
    signature = inspect.signature(function)
    parameters = [each for each in signature.parameters.values() if each.name != "self"]
    fields = method.params.model_fields
    assert {each.name for each in parameters} == fields.keys()
    for each in parameters:
        assert each.kind is each.KEYWORD_ONLY
        assert (each.default is each.empty) is fields[each.name].is_required()
    assert signature.return_annotation.__name__ == method.result.__name__
    if method.name != "login":
        assert inspect.getdoc(function).startswith(method.summary)
        assert f"For {method.access}." in inspect.getdoc(function)


@pytest.mark.parametrize("method", list_methods(), ids=lambda method: method.name)
def test_each_method_is_called_by_its_name_and_leaves_out_what_is_none(answer_with, method):
    page = {"next_cursor": None, "token": "x", "valid_until": 2_000_000_000}
    client, seen = answer_with({"success": True, "time": 1, "data": page})
    given = {name: "x" for name, field in method.params.model_fields.items() if field.is_required()}
    assert getattr(client, to_snake_case(method.name))(**given) == page
    assert seen == [(method.name, given, None)]


def test_what_is_answered_is_given(root):
    entity = root.new_entity(meta=META, tasks=[])
    assert root.get_entity(entity_id=entity["id"]) == entity
    assert entity["meta"] == {**META, "group": None}
    # What was answered may be sent back.
    assert root.update_entity(entity_id=entity["id"], meta=entity["meta"]) == entity
    assert root.call("get_entity", {"entity_id": entity["id"]}) == entity


def test_an_error_has_its_code_and_every_explanation(root):
    with pytest.raises(ApiError, match=f"user_not_found: .*{NOBODY}") as caught:
        root.get_user(user_id=NOBODY)
    assert (caught.value.code, caught.value.status) == ("user_not_found", 404)
    assert caught.value.explanations == (f"Cannot find user with ID `{NOBODY}`",)
    assert caught.value.retry_after is None
    with pytest.raises(ApiError) as caught:
        root.add_user(im="fax", im_payload="")
    assert caught.value.code == "invalid_parameters"
    assert len(caught.value.explanations) == 2


def test_what_asks_to_wait_says_how_long(root, url):
    with Client(url, username="root", password="wrong") as stranger:
        for _ in range(10):
            with pytest.raises(ApiError, match="wrong_credentials"):
                stranger.get_user(user_id=NOBODY)
        with pytest.raises(ApiError) as caught:
            stranger.get_user(user_id=NOBODY)
    assert caught.value.code == "too_many_failures"
    assert 0 < caught.value.retry_after <= 60


def test_without_credentials_only_what_is_for_anyone_is_answered(url):
    with Client(url + "/") as client:
        assert client.health()["database"] is True
        with pytest.raises(ApiError, match="credentials_missing"):
            client.get_entities()
        with pytest.raises(ApiError, match="credentials_missing"):
            client.login()


def test_a_login_is_called_with_from_then_on(root, store):
    root.login()
    account = store.accounts.find("root")
    assert store.logins.collection.count_documents({}) == 1
    store.accounts.save(account.model_copy(update={"hash": "changed"}))
    with pytest.raises(ApiError, match="wrong_credentials"):
        root.get_entities()


def test_a_login_may_be_with_other_credentials(url):
    with Client(url) as client:
        client.login(username="root", password=PASSWORD)
        assert client.get_entities()["entities"] == []


def test_a_login_is_renewed_before_it_ends(serve_api, store):
    url = serve_api(login_lifetime=timedelta(seconds=2))
    with Client(url, username="root", password=PASSWORD) as client:
        first = client.login()["token"]
        deadline = time.monotonic() + 10
        while client._token == first:
            client.get_entities()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        client.get_entities()


def test_threads_renew_a_login_once(serve_api, root, store):
    root.login()
    root._renew_at = 0.0
    threads = [threading.Thread(target=root.get_entities) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.logins.collection.count_documents({}) == 2


def test_a_session_calls_for_its_own_user(root, url):
    user = root.add_user(im="web", im_payload="alice")
    token = root.new_session(user_id=user["id"])["token"]
    with Client(url, token=token) as subscriber:
        assert subscriber.auth_me()["user"] == user
        assert subscriber.update_setting(language="ja")["settings"]["language"] == "ja"
        with pytest.raises(ApiError, match="permission_denied"):
            subscriber.get_user(user_id=user["id"])
    with Client(url) as anyone:
        assert anyone.check_session(token=token)["user_id"] == user["id"]


def test_all_pages_are_gone_through(root):
    added = {root.new_group(name=META["name"])["id"] for _ in range(5)}
    found = [group["id"] for group in root.iterate_groups(limit=2)]
    assert found == sorted(added)
    assert [entity["id"] for entity in root.iterate_entities()] == []


@pytest.mark.parametrize(
    "options",
    [
        {"username": "root"},
        {"password": "x"},
        {"username": "root", "password": "x", "token": "x"},
    ],
)
def test_half_of_the_credentials_or_two_kinds_of_them_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        Client("http://127.0.0.1", **options)


@pytest.mark.parametrize(
    "response",
    [
        ("<h1>Bad Gateway</h1>", 502, {"Retry-After": "7"}),
        ("[]", 200),
        ({"success": True, "time": 1, "data": {}}, 502, {"Retry-After": "7"}),
        ({"success": False, "time": 1, "data": None}, 200),
    ],
    ids=["page", "list", "contradiction", "no-reason"],
)
def test_what_is_no_answer_of_the_api_is_an_error_with_its_status(answer_with, response):
    client, _ = answer_with(*response)
    with pytest.raises(ApiError) as caught:
        client.health()
    assert (caught.value.code, caught.value.status) == ("unexpected_answer", response[1])
    assert caught.value.retry_after == (7 if response[1] == 502 else None)


def test_nobody_there_is_said_to_have_done_nothing(free_port):
    with Client(f"http://127.0.0.1:{free_port()}") as client:
        with pytest.raises(NoAnswerError, match="no connection") as caught:
            client.health()
        assert caught.value.may_be_done is False


def test_silence_is_said_to_have_done_who_knows_what():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        Client(
            f"http://127.0.0.1:{server.getsockname()[1]}", timeout=timedelta(seconds=0.2)
        ) as client,
    ):
        with pytest.raises(NoAnswerError, match="no answer in time") as caught:
            client.health()
        assert caught.value.may_be_done is True


def test_nothing_secret_is_in_what_is_printed(url):
    client = Client(url, username="root", password=PASSWORD)
    assert PASSWORD not in json.dumps([repr(client), str(client)])
    client.close()
