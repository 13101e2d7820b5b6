import contextlib
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

import pytest
import requests

from stargazer.simulator import create_app
from stargazer.simulator.client import Simulator
from stargazer.simulator.faults import Fault, Faults
from stargazer.simulator.journal import Journal

SEND = "/telegram/bot1000:simulated/sendMessage"


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_it_says_that_it_is_there(web):
    assert web.get("/control/health").json == {"ok": True}


@pytest.mark.parametrize(
    ("verb", "path", "body", "wrong"),
    [
        ("put", "channels/UCa", {"name": "x"}, "name"),
        ("put", "videos/v1", {"title": "no channel"}, "channel_id"),
        ("put", "videos/v1", {"channel_id": "UCa"}, "title"),
        ("put", "videos/v1", {"channel_id": "a/b", "title": "x"}, "channel_id"),
        ("put", "videos/v1", {"started_at": "2026-11-23T10:00:00"}, "started_at"),
        ("put", "videos/v1", {"channel_id": "UCa", "title": None}, "title"),
        ("post", "pushes", {"channel_id": "UCa"}, "body"),
        ("post", "pushes", {"channel_id": "UCa", "body": "?", "encoding": "base64"}, "base64"),
        ("post", "faults", {"target": "moon", "status": 500}, "target"),
        ("post", "faults", {"target": "hub"}, "one of status"),
        ("post", "faults", {"target": "hub", "duplicate": True}, "twice"),
        ("post", "faults", {"target": "hub", "status": 500, "rate": 2}, "rate"),
        ("post", "faults", {"target": "hub", "status": 500, "drop": True}, "dropped"),
        ("put", "chats/7", {"blocked": "perhaps"}, "blocked"),
        ("put", "limits", {"burst": 0}, "burst"),
        ("put", "limits", {"global_per_second": 0}, "global_per_second"),
        ("put", "seed", {}, "seed"),
        ("put", "credentials", {"bot_tokens": ["no colon"]}, "bot_tokens"),
        ("get", "journal?after=x", None, "after"),
        ("get", "journal?target=moon", None, "target"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input_is_refused_saying_what_is_wrong(web, verb, path, body, wrong):
    answer = getattr(web, verb)(f"/control/{path}", json=body)
    assert answer.status_code == 400
    assert wrong in str(answer.json["error"])


def test_a_body_that_is_no_json_is_refused(web):
    assert web.put("/control/limits", data="{").status_code == 400


@pytest.mark.parametrize("path", ["videos/v1", "faults/1"])
def test_what_is_not_there_cannot_be_deleted(web, path):
    assert web.delete(f"/control/{path}").status_code == 404


def test_limits_change_only_where_given(web):
    web.put("/control/limits", json={"burst": 5, "group_per_minute": None})
    limits = web.put("/control/limits", json={"quota_units": 7}).json
    assert limits["burst"] == 5
    assert limits["group_per_minute"] is None
    assert limits["quota_units"] == 7
    assert limits["global_per_second"] == 30


def test_a_fault_ends_after_its_count_or_when_deleted(web):
    fault = {"target": "feed", "status": 500}
    web.post("/control/faults", json=fault | {"count": 2})
    path = "/youtube/feeds/videos.xml?channel_id=UCa"
    assert [web.get(path).status_code for _ in range(3)] == [500, 500, 404]
    fault_id = web.post("/control/faults", json=fault).json["id"]
    assert web.get(path).status_code == 500
    web.delete(f"/control/faults/{fault_id}")
    assert web.get(path).status_code == 404
    web.post("/control/faults", json=fault)
    web.delete("/control/faults")
    assert web.get(path).status_code == 404


def draws(faults: Faults) -> list[bool]:
    return [faults.draw("feed") is not None for _ in range(100)]


def test_chance_is_repeatable_with_a_seed():
    half = Fault(target="feed", status=500, rate=0.5)
    faults = Faults()
    faults.seed(5)
    faults.add(half)
    first = draws(faults)
    assert 20 < sum(first) < 80
    faults.seed(5)
    assert draws(faults) == first
    faults.seed(6)
    assert draws(faults) != first


def test_chance_of_one_target_does_not_disturb_another():
    half = Fault(target="feed", status=500, rate=0.5)
    alone, disturbed = Faults(), Faults()
    for faults in (alone, disturbed):
        faults.seed(5)
        faults.add(half)
    disturbed.add(half.model_copy(update={"target": "api"}))
    expected = draws(alone)
    found = []
    for _ in expected:
        disturbed.draw("api")
        found.append(disturbed.draw("feed") is not None)
    assert found == expected


def test_the_journal_is_read_in_order_and_in_parts(web):
    web.put("/control/limits", json={"global_per_second": None, "chat_per_second": None})
    for number in range(5):
        web.post(SEND, json={"chat_id": 7, "text": f"text {number}"})
    web.get("/youtube/feeds/videos.xml?channel_id=UCa")
    page = web.get("/control/journal?after=1&limit=2").json["entries"]
    assert [one["seq"] for one in page] == [2, 3]
    assert page[0] == {
        "seq": 2,
        "at": page[0]["at"],
        "target": "telegram",
        "method": "sendMessage",
        "bot": 1000,
        "chat_id": 7,
        "text": "text 1",
        "photo": None,
        "topic": None,
        "silent": False,
        "message_id": 2,
        "delivered": True,
        "status": 200,
    }
    (feed,) = web.get("/control/journal?target=feed").json["entries"]
    assert (feed["channel_id"], feed["status"]) == ("UCa", 404)


def test_the_journals_numbers_go_on_when_it_is_cleared(web):
    web.post(SEND, json={"chat_id": 7, "text": "x"})
    web.delete("/control/journal")
    assert web.get("/control/journal").json["entries"] == []
    web.post(SEND, json={"chat_id": 8, "text": "x"})
    assert [one["seq"] for one in web.get("/control/journal?after=1").json["entries"]] == [2]
    assert web.get("/control/counters").json["requests"] == {"telegram": {"200": 2}}


def test_the_journal_forgets_what_was_read(simulator):
    for _ in range(5):
        requests.get(f"{simulator.youtube_url}/feeds/videos.xml", timeout=10)
    simulator.clear_journal(until=2)
    assert [one["seq"] for one in simulator.journal()] == [3, 4, 5]
    simulator.clear_journal(until=2)
    simulator.clear_journal(until=0)
    assert [one["seq"] for one in simulator.journal(after=3)] == [4, 5]
    simulator.clear_journal(until=9)
    assert simulator.journal() == []


def test_the_journal_forgets_the_oldest_when_full():
    journal = Journal(capacity=20)
    for _ in range(50):
        journal.record("feed", 200, {})
    numbers = [one["seq"] for one in journal.read()]
    assert numbers == list(range(numbers[0], 51))
    assert 18 <= len(numbers) <= 20
    assert [one["seq"] for one in journal.read(after=48)] == [49, 50]
    assert journal.read(after=50) == []
    assert journal.counters()["requests"]["feed"]["200"] == 50


def test_no_secret_is_told(simulator, receiver, subscribe, eventually, caplog):
    subscribe()
    simulator.set_video("v1", channel_id="UCstars", title="Stars")
    requests.post(f"{simulator.base_url}{SEND}", json={"chat_id": 7, "text": "x"}, timeout=10)
    eventually(lambda: simulator.journal(target="push"))
    told = f"{simulator.journal()} {simulator.subscriptions()} {simulator.counters()} {caplog.text}"
    for secret in ("a secret", "1000:simulated", "private-path"):
        assert secret not in told


def test_the_client_says_what_was_wrong(simulator):
    with pytest.raises(requests.HTTPError, match="burst"):
        simulator.set_limits(burst=0)


def test_the_client_reads_the_whole_journal(simulator, monkeypatch):
    monkeypatch.setattr("stargazer.simulator.client.PAGE", 2)
    for _ in range(5):
        requests.get(f"{simulator.youtube_url}/feeds/videos.xml", timeout=10)
    assert [one["seq"] for one in simulator.journal()] == [1, 2, 3, 4, 5]
    assert [one["seq"] for one in simulator.journal(after=3, target="feed")] == [4, 5]
    simulator.clear_journal()
    assert simulator.journal() == []


def test_the_client_controls_everything_else(simulator):
    simulator.set_seed(5)
    simulator.set_chat(7, blocked=True)
    simulator.set_credentials(api_keys=["mine"])
    simulator.remove_fault(simulator.add_fault("feed", status=500))
    simulator.add_fault("feed", status=500)
    simulator.clear_faults()
    feed = requests.get(f"{simulator.youtube_url}/feeds/videos.xml", timeout=10)
    assert feed.status_code == 404


def test_the_client_takes_times_and_spans(simulator):
    at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    simulator.set_video("v1", channel_id="UCa", title="x", scheduled_at=at)
    simulator.set_video("v1", duration=timedelta(minutes=5))
    query = {"part": "contentDetails,liveStreamingDetails", "id": "v1", "key": "simulated-key"}
    url = f"{simulator.youtube_url}/v3/videos"
    (item,) = requests.get(url, params=query, timeout=10).json()["items"]
    assert item["contentDetails"]["duration"] == "PT5M"
    assert item["liveStreamingDetails"]["scheduledStartTime"] == "2026-11-23T10:00:00Z"


def test_a_bug_is_logged_without_the_path(tmp_path, caplog):
    web = create_app(tmp_path / "state" / "file").test_client()
    shutil.rmtree(tmp_path / "state")
    body = {"channel_id": "UCa", "title": "x"}
    assert web.put("/control/videos/private-path", json=body).status_code == 500
    assert "simulator_error" in caplog.text
    assert "private-path" not in caplog.text


def test_gunicorn_too_can_hang_up_and_keeps_connections(free_port, tmp_path):
    command = [sys.executable, "-m", "gunicorn", "-w", "1", "-k", "gthread", "--threads", "4"]
    command += ["--bind", f"127.0.0.1:{free_port}", "stargazer.simulator:create_app()"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    simulator = Simulator(f"http://127.0.0.1:{free_port}")
    try:
        simulator.wait_until_ready(30)
        simulator.add_fault("telegram", drop=True, count=1)
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{simulator.base_url}{SEND}", data={"chat_id": 7}, timeout=10)
        [dropped] = simulator.journal(target="telegram")
        # Half a request, of somebody who was killed meanwhile, is none.
        head = f"POST {SEND} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", free_port), 10) as connection:
            connection.sendall(f'{head}Content-Length: 99\r\n\r\n{{"chat_id": 7'.encode())
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(99) == b""
        assert simulator.journal(target="telegram") == [dropped]
        with contextlib.closing(HTTPConnection("127.0.0.1", free_port)) as connection:
            ports = set()
            for path in (SEND, "/youtube/subscribe", "/nowhere"):
                connection.request("POST", path, b"x" * 10_000)
                connection.getresponse().read()
                ports.add(connection.sock.getsockname())
            assert len(ports) == 1
    finally:
        simulator.close()
        process.terminate()
        process.wait(30)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_the_client_gives_up_waiting():
    simulator = Simulator("http://127.0.0.1:9")
    with pytest.raises(TimeoutError, match="no simulator"):
        simulator.wait_until_ready(timeout=0.1)
    simulator.close()


def test_it_imports_nothing_else_of_stargazer():
    code = (
        "import sys, stargazer.simulator, stargazer.simulator.client\n"
        "ours = [m for m in sys.modules if m.startswith('stargazer.')]\n"
        "print([m for m in ours if not m.startswith('stargazer.simulator')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
