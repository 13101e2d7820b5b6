"""Real servers, killed and frozen: who waits for an answer gets one within three seconds."""

import hmac
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pymongo
import pytest
import redis

from api import create_app
from stargazer.accounts import hash_password
from stargazer.models import Account
from stargazer.settings import Settings
from stargazer.store import Store
from stargazer.websub import new_lease

LIMIT = 3.0
BIN = Path(sys.executable).parent
ENTITY = {"meta": {"name": {"name": {"en": "x"}, "default_language": "en"}}}


def wait_for(condition, seconds=15):
    until = time.monotonic() + seconds
    while True:
        try:
            return condition()
        except (redis.RedisError, pymongo.errors.PyMongoError):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@pytest.fixture
def own(tmp_path, free_port):
    """Run a Redis and a database that this test may break."""
    redis_port = mongo_port = free_port()
    while mongo_port == redis_port:
        mongo_port = free_port()
    settings = Settings(var_dir=tmp_path, redis_port=redis_port, mongo_port=mongo_port)
    files = ["--log-file", str(tmp_path / "log"), "--pid-file", str(tmp_path / "pid")]
    commands = {
        "redis": ["redis-server", "--port", str(redis_port), "--save", ""],
        "mongo": ["nx-27017", "-p", str(mongo_port), "--data-dir", str(tmp_path), *files],
    }
    with ExitStack() as stack:
        processes = {}
        for name, command in commands.items():
            processes[name] = process = subprocess.Popen(
                [BIN / command[0], *command[1:]],
                cwd=tmp_path,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
        lease = seed(settings)
        app = create_app(settings)
        stack.callback(app.extensions["stargazer.state"].close)
        yield app.test_client(), processes, lease


def seed(settings):
    with closing(Store(settings)) as store, redis.Redis.from_url(settings.redis_url) as client:
        wait_for(client.ping)
        wait_for(store.ping)
        account = Account(
            username="root", hash=hash_password("pw"), permissions={"admin": "rw", "api": "rw"}
        )
        store.accounts.save(account)
        lease = new_lease("youtube", "UC1", "https://hub", "t", "https://me", datetime.now(UTC))
        store.leases.save(lease)
        return lease


def push(client, lease):
    signature = hmac.new(lease.secret.encode(), b"<x/>", "sha1").hexdigest()
    headers = {"X-Hub-Signature": f"sha1={signature}"}
    return client.post(f"/push/{lease.token}", data=b"<x/>", headers=headers)


def measure(request):
    began = time.monotonic()
    response = request()
    return response, time.monotonic() - began


@pytest.mark.processes
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "fresh"])
@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL], ids=["frozen", "killed"])
@pytest.mark.parametrize("what", ["redis", "mongo"])
def test_an_outage_is_told_in_time(own, what, how, warm):
    client, processes, lease = own
    auth = ("root", "pw")
    calls = {
        "push": lambda: push(client, lease),
        "addEntity": lambda: client.post("/v1/addEntity", json=ENTITY, auth=auth),
        "getEntities": lambda: client.post("/v1/getEntities", auth=auth),
        "getOverview": lambda: client.post("/v1/getOverview", auth=auth),
        "healthz": lambda: client.get("/healthz"),
    }
    if warm:
        assert [call().status_code for call in calls.values()] == [202, 200, 200, 200, 200]
    processes[what].send_signal(how)

    for name, call in calls.items():
        response, seconds = measure(call)
        assert seconds < LIMIT, name
        if name in ("getEntities", "getOverview") and what == "redis":
            assert response.status_code == 200
            continue
        assert response.status_code == 503, name
        if name in ("push", "addEntity"):
            assert response.headers["Retry-After"]
        if name == "addEntity":
            assert response.json["data"]["code"] == "unavailable"

    response, seconds = measure(lambda: client.post("/v1/health"))
    assert seconds < LIMIT
    assert response.status_code == 200
    health = response.json["data"]
    assert (health["broker"], health["database"]) == (what != "redis", what != "mongo")

    if how is signal.SIGSTOP:
        processes[what].send_signal(signal.SIGCONT)
        until = time.monotonic() + 15
        while push(client, lease).status_code != 202:
            assert time.monotonic() < until


@pytest.mark.processes
def test_a_call_that_met_an_outage_has_changed_nothing(own):
    client, processes, _ = own
    auth = ("root", "pw")
    processes["redis"].send_signal(signal.SIGSTOP)
    assert client.post("/v1/addEntity", json=ENTITY, auth=auth).status_code == 503
    processes["redis"].send_signal(signal.SIGCONT)
    assert client.post("/v1/getEntities", auth=auth).json["data"]["entities"] == []


@pytest.mark.processes
@pytest.mark.parametrize("what", ["redis", "mongo"])
def test_an_outage_that_no_call_has_met_is_told_within_two_seconds(own, what):
    client, processes, _ = own
    assert client.get("/healthz").status_code == 200
    processes[what].kill()
    until = time.monotonic() + 2
    while client.get("/healthz").status_code != 503:
        assert time.monotonic() < until
