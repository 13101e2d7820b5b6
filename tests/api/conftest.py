from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from api import create_app
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


@pytest.fixture
def call(client):
    """Call a method as one of the accounts; give the status and the answer."""

    def call(method, params=None, *, by="root", **options):
        auth = (by, PASSWORD) if by else None
        response = client.post(f"/v1/{method}", json=params or {}, auth=auth, **options)
        return response.status_code, response.json

    return call


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)
