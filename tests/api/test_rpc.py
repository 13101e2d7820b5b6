import base64
import json
import logging
import time
from uuid import uuid4

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from api import create_app
from api.rpc import METHODS
from stargazer.models import Account


def test_success_and_time_are_in_the_envelope(call):
    status, answer = call("getEntities", by="reader")
    assert status == 200
    assert answer["success"] is True
    assert abs(answer["time"] - time.time()) < 5
    assert isinstance(answer["time"], int)
    assert answer["data"] == {"entities": [], "next_cursor": None}


def test_an_empty_body_counts_as_no_parameters(client, call):
    response = client.post("/v1/health")
    assert response.json["data"] == {"version": "0.1.0", "database": True, "broker": True}


@pytest.mark.parametrize("path", ["/v1/nope", "/v1/a/b", "/v1/", "/v1"])
@pytest.mark.parametrize("verb", ["get", "post"])
def test_an_unknown_method_is_not_found(client, path, verb):
    response = getattr(client, verb)(path)
    assert response.status_code == 404
    assert response.json["success"] is False
    assert response.json["data"]["error"][0] == "Not Found"
    assert response.json["data"]["status"] == 404


def test_an_unknown_method_has_its_own_code(call):
    assert call("nope")[1]["data"] == {
        "error": ["Not Found", "There is no method `nope`"],
        "status": 404,
        "code": "method_not_found",
    }


@pytest.mark.parametrize("verb", ["get", "put", "patch", "delete"])
def test_a_method_is_called_with_post_only(client, verb):
    response = getattr(client, verb)("/v1/getEntities")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert response.json["data"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "invalid_json"),
        (b"\xff", "invalid_json"),
        (b"[]", "invalid_json"),
        (b'"x"', "invalid_json"),
        (b'{"a":NaN}', "invalid_json"),
        (b'{"a":"\\ud800"}', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a":1}', "invalid_parameters"),
    ],
    ids=["cut", "not-utf8", "list", "string", "nan", "half-a-pair", "deep", "unknown-field"],
)
def test_a_body_that_is_no_object_of_the_method_is_refused(client, body, code):
    response = client.post("/v1/health", data=body)
    assert response.status_code == 400
    assert response.json["data"]["code"] == code


def test_every_problem_is_named_with_its_path(call):
    status, answer = call(
        "addTask",
        {"entity_id": 5, "kind": "youtube", "params": {"channel_id": "", "y": 1}, "z": 1},
    )
    assert status == 400
    reason, *problems = answer["data"]["error"]
    assert reason == "Bad Request"
    assert {problem.split(":")[0] for problem in problems} == {
        "`entity_id`",
        "`params.channel_id`",
        "`params.y`",
        "`z`",
    }


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_a_megabyte_is_refused(client, chunked):
    body = b'{"a":"' + b"x" * 1024 * 1024 + b'"}'
    builder = EnvironBuilder("/v1/health", method="POST", data=body)
    environ = builder.get_environ()
    if chunked:
        # As a WSGI server does that has taken the chunks apart itself.
        del environ["CONTENT_LENGTH"]
        environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    answer, status, _ = run_wsgi_app(client.application, environ)
    assert status.startswith("413 ")
    data = json.loads(b"".join(answer))["data"]
    assert (data["status"], data["code"]) == (413, "request_entity_too_large")


@pytest.mark.parametrize(
    "header", [None, "Basic", "Basic !!!", "Basic " + base64.b64encode(b"nocolon").decode()]
)
def test_without_credentials_the_answer_asks_for_them(client, header):
    response = client.post("/v1/getEntities", headers={"Authorization": header} if header else {})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic ")
    assert response.json["data"]["code"] == "credentials_missing"


@pytest.mark.parametrize("auth", [("root", "wrong"), ("nobody", "correct horse"), ("root", "")])
def test_wrong_credentials_are_forbidden(client, auth):
    response = client.post("/v1/getEntities", auth=auth)
    assert response.status_code == 403
    assert response.json["data"]["code"] == "wrong_credentials"


def test_each_method_is_documented_and_answers_to_its_snake_case_name():
    for name, method in METHODS.items():
        assert method.summary.endswith(".")
        assert METHODS["".join("_" + c.lower() if c.isupper() else c for c in name)] is method
    assert METHODS["newEntity"] is METHODS["add_entity"]


def test_a_page_of_another_site_cannot_use_a_remembered_password(call):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        status, answer = call("getEntities", headers=headers)
        assert status == 403
        assert answer["data"]["code"] == "foreign_origin"
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}):
        assert call("getEntities", headers=headers)[0] == 200


def test_all_answers_carry_the_careful_headers(client):
    for path in ("/", "/v1/nope", "/nothing", "/healthz", "/push/x"):
        response = client.get(path)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert len(response.headers["X-Request-Id"]) == 32


@pytest.mark.parametrize(("sent", "kept"), [("abcdef-123", True), ("a\tb c<d>", False)])
def test_a_plain_request_id_is_kept(client, sent, kept):
    response = client.get("/healthz", headers={"X-Request-Id": sent})
    assert (response.headers["X-Request-Id"] == sent) is kept


def test_an_unknown_path_is_plainly_not_found(client):
    response = client.get("/nothing")
    assert response.status_code == 404
    assert response.mimetype == "text/plain"


def test_what_nobody_expected_is_logged_with_its_traceback_and_not_told(settings, store, caplog):
    store.entities.collection.insert_one({"_id": "not-a-uuid", "meta": "secret-in-the-database"})
    store.accounts.save(Account(username="x", hash="plain", permissions={}))
    app = create_app(settings.model_copy(update={"public_status": True}))
    broken = app.test_client()
    store.events.collection.insert_one({"_id": "broken"})
    with caplog.at_level(logging.ERROR):
        response = broken.get("/status.json")
    assert response.status_code == 500
    assert response.get_data(as_text=True) == "Internal Server Error\n"
    assert any(record.exc_info for record in caplog.records)
    app.extensions["stargazer.state"].close()


def test_a_hash_that_nobody_can_read_fits_no_password(client, store):
    store.accounts.save(Account(username="x", hash="md9$a$b", permissions={"api": "rw"}))
    assert client.post("/v1/getEntities", auth=("x", "b")).status_code == 403


def test_a_500_of_the_rpc_is_in_the_envelope(call, store):
    key = str(uuid4())
    store.entities.collection.insert_one({"_id": key, "meta": "secret-in-the-database"})
    status, answer = call("getInterest", {"entity_id": key, "kind": "youtube/live_start"})
    assert status == 500
    assert answer["data"] == {
        "error": ["Internal Server Error"],
        "status": 500,
        "code": "internal_server_error",
    }


@pytest.mark.parametrize("is_empty", [True, False])
def test_without_any_account_the_log_says_how_to_add_one(settings, store, caplog, is_empty):
    if not is_empty:
        store.accounts.save(Account(username="x", hash="plain", permissions={}))
    app = create_app(settings)
    app.extensions["stargazer.state"].close()
    said = [record for record in caplog.records if record.message == "no_accounts"]
    assert len(said) == is_empty
    assert all("stargazer auth add" in record.add_one_by for record in said)
