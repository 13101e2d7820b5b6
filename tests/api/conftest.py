from datetime import UTC, datetime
from functools import cache

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker

from api import create_app
from api.openapi import make_document
from api.rpc import METHODS
from stargazer.accounts import hash_password
from stargazer.models import Account

ACCOUNTS = {
    "root": {"api": "rw", "admin": "rw", "mq": "rw", "coordinator": "rw"},
    "bot": {"api": "rw", "mq": "ro"},
    "reader": {"api": "ro"},
    "watcher": {"admin": "ro"},
    "worker": {"coordinator": "ro"},
}
PASSWORD = "correct horse"


@pytest.fixture(scope="session")
def password_hash():
    return hash_password(PASSWORD)


@pytest.fixture
def accounts(store, password_hash):
    for username, permissions in ACCOUNTS.items():
        store.accounts.save(Account(username=username, hash=password_hash, permissions=permissions))


@pytest.fixture
def app(settings, accounts):
    app = create_app(settings)
    yield app
    app.extensions["stargazer.state"].close()


@pytest.fixture
def client(app) -> FlaskClient:
    return app.test_client()


@cache
def make_validator(name, status):
    """Make a validator of what a method answers with this status."""
    document = make_document()
    response = document["paths"][f"/v1/{name}"]["post"]["responses"][str(status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"]
    return Draft202012Validator(
        {**schema, "components": document["components"]}, format_checker=FormatChecker()
    )


@pytest.fixture(scope="session")
def check_answer():
    """Give a function that checks that an answer is as the OpenAPI document describes it."""

    def check(method, status, answer):
        # What nobody expected is in no document.
        if method in METHODS and status != 500:
            make_validator(METHODS[method].name, status).validate(answer)

    return check


@pytest.fixture
def call(client, check_answer):
    """Call a method as one of the accounts; give the status and the answer."""

    def call(method, params=None, *, by="root", **options):
        auth = (by, PASSWORD) if by else None
        response = client.post(f"/v1/{method}", json=params or {}, auth=auth, **options)
        check_answer(method, response.status_code, response.json)
        return response.status_code, response.json

    return call


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)
