import base64
import gzip
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stargazer import metrics
from stargazer.models import LeaseState
from stargazer.websub import new_lease

CHANNEL = "UC" + "a" * 22
TOPIC = f"https://www.youtube.com/xml/feeds/videos.xml?channel_id={CHANNEL}"
BODY = f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">
<link rel="hub" href="https://pubsubhubbub.appspot.com"/><link rel="self" href="{TOPIC}"/>
<title>YouTube video feed</title><updated>2026-11-20T20:59:38.519+00:00</updated><entry>
<id>yt:video:dQw4w9WgXcQ</id><yt:videoId>dQw4w9WgXcQ</yt:videoId>
<yt:channelId>{CHANNEL}</yt:channelId><title>配信</title></entry></feed>
""".encode()


@pytest.fixture
def lease(store):
    lease = new_lease(
        "youtube", CHANNEL, "https://hub", TOPIC, "https://me", datetime.now(UTC)
    ).model_copy(update={"asked_at": datetime.now(UTC)})
    store.leases.save(lease)
    return lease


def sign(secret, body, method="sha1"):
    return {"X-Hub-Signature": f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"}


def ask(client, lease, **changes):
    query = {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": "chal<l>enge 42",
        "hub.lease_seconds": "432000",
    }
    query |= {f"hub.{name}": value for name, value in changes.items()}
    query = {name: value for name, value in query.items() if value is not None}
    return client.get(f"/push/{lease.token}", query_string=query)


def get_queued(redis_client):
    return [json.loads(each) for each in redis_client.lrange("stargazer:celery:youtube", 0, -1)]


def get_count(outcome):
    return metrics.pushes.labels("youtube", outcome)._value.get()


def test_a_wanted_subscription_is_confirmed_word_for_word(client, lease, store):
    response = ask(client, lease)
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    assert response.get_data(as_text=True) == "chal<l>enge 42"
    kept = store.leases.find(lease.token)
    assert kept.state is LeaseState.VERIFIED
    assert kept.expires_at - datetime.now(UTC) > timedelta(days=4)


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": TOPIC + "x"},
        {"challenge": None},
        {"mode": "unsubscribe"},
        {"lease_seconds": "soon"},
        {"lease_seconds": None},
        {"mode": None, "topic": None, "challenge": None},
    ],
    ids=str,
)
def test_what_we_did_not_ask_for_is_not_found(client, lease, store, changes):
    assert ask(client, lease, **changes).status_code == 404
    assert store.leases.find(lease.token).state is LeaseState.PENDING


def test_an_unknown_callback_is_not_wanted_and_what_comes_there_is_told_that_we_are_gone(client):
    assert client.get("/push/nobody-knows-this").status_code == 404
    assert client.post("/push/nobody-knows-this", data=BODY).status_code == 410


def test_a_denial_is_noted(client, lease, store):
    assert ask(client, lease, mode="denied", challenge=None).status_code == 200
    assert store.leases.find(lease.token).state is LeaseState.DENIED


def test_a_removed_lease_is_gone_but_its_end_is_confirmed(client, lease, store):
    store.leases.update(lease.token, state=LeaseState.REMOVED)
    assert ask(client, lease).status_code == 410
    response = client.post(f"/push/{lease.token}", data=BODY, headers=sign(lease.secret, BODY))
    assert response.status_code == 410
    response = ask(client, lease, mode="unsubscribe", lease_seconds=None)
    assert (response.status_code, response.get_data(as_text=True)) == (200, "chal<l>enge 42")


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha512"])
def test_a_signed_push_is_kept_and_queued(client, lease, store, redis_client, method):
    before = get_count("received")
    response = client.post(
        f"/push/{lease.token}", data=BODY, headers=sign(lease.secret, BODY, method)
    )
    assert (response.status_code, response.data) == (202, b"")
    (message,) = get_queued(redis_client)
    assert message["headers"]["task"] == "youtube.receive"
    args, _, _ = json.loads(base64.b64decode(message["body"]))
    (push,) = store.pushes.list_all()
    assert args == [str(push.id)]
    assert (push.kind, push.account, push.body) == ("youtube", CHANNEL, BODY)
    assert get_count("received") == before + 1


@pytest.mark.parametrize("name", ["websub_push_2025-12-05.xml", "websub_deleted_entry_2018.xml"])
def test_a_recorded_push_is_kept_byte_for_byte(client, lease, store, name):
    recorded = Path(__file__).parents[2] / "../shared/recorded/youtube_feed" / name
    if not recorded.exists():
        pytest.skip("the recorded answers are not on this machine")
    body = recorded.read_bytes()
    response = client.post(f"/push/{lease.token}", data=body, headers=sign(lease.secret, body))
    assert response.status_code == 202
    (push,) = store.pushes.list_all()
    assert push.body == body


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha1=",
        "sha1=" + "0" * 40,
        "md5=" + "0" * 32,
        "nonsense",
        "sha1=é",
        sign("other secret", BODY)["X-Hub-Signature"],
    ],
)
def test_a_forged_push_is_refused_counted_and_not_queued(
    client, lease, redis_client, caplog, header
):
    before = get_count("forged")
    headers = {} if header is None else {"X-Hub-Signature": header}
    with caplog.at_level(logging.INFO):
        response = client.post(f"/push/{lease.token}", data=BODY, headers=headers)
    assert response.status_code == 403
    assert get_queued(redis_client) == []
    assert get_count("forged") == before + 1
    logged = [str(vars(record)) for record in caplog.records]
    assert any("push_answered" in line for line in logged)
    assert not any(lease.token in line or lease.secret in line for line in logged)


def test_gzip_is_opened_after_its_signature_is_checked(client, lease, store):
    packed = gzip.compress(BODY)
    headers = {**sign(lease.secret, packed), "Content-Encoding": "gzip"}
    assert client.post(f"/push/{lease.token}", data=packed, headers=headers).status_code == 202
    (push,) = store.pushes.list_all()
    assert push.body == BODY
    headers |= sign(lease.secret, BODY)
    assert client.post(f"/push/{lease.token}", data=packed, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b"x" * 5_000_000), "gzip", 413),
        (gzip.compress(BODY)[:-20], "gzip", 400),
        (BODY, "gzip", 400),
        (BODY, "br", 415),
        (b"x" * (1024 * 1024 + 1), "identity", 413),
    ],
    ids=["bomb", "cut", "no-gzip", "brotli", "large"],
)
def test_what_cannot_be_opened_is_refused(client, lease, redis_client, body, encoding, status):
    headers = {**sign(lease.secret, body), "Content-Encoding": encoding}
    response = client.post(f"/push/{lease.token}", data=body, headers=headers)
    assert response.status_code == status
    assert get_queued(redis_client) == []
