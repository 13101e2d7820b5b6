import hashlib
import hmac
import time
import xml.etree.ElementTree as ET

import pytest
import requests

from stargazer.simulator import create_app
from stargazer.simulator.client import Simulator
from stargazer.simulator.courier import PATIENCE, pauses

TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UCstars"
ATOM = "{http://www.w3.org/2005/Atom}"
YT = "{http://www.youtube.com/xml/schemas/2015}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
GOOD = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": "http://127.0.0.1:9/x"}


@pytest.mark.parametrize(
    "change",
    [
        {"hub.mode": "publish"},
        {"hub.mode": ""},
        {"hub.topic": "https://www.youtube.com/feeds/videos.xml"},
        {"hub.topic": "https://example.com/feed?channel_id=UCstars"},
        {"hub.callback": "ftp://127.0.0.1/x"},
        {"hub.callback": "http://127.0.0.1/x#fragment"},
        {"hub.callback": ""},
        {"hub.secret": "s" * 200},
        {"hub.lease_seconds": "-5"},
        {"hub.lease_seconds": "soon"},
    ],
    ids=lambda change: "{}={:.20}".format(*next(iter(change.items()))),
)
def test_a_senseless_request_is_refused_with_a_text(web, change):
    answer = web.post("/youtube/subscribe", data=GOOD | change)
    assert answer.status_code == 400
    assert next(iter(change)) in answer.text


def test_verification_tells_what_was_asked_and_what_is_granted(subscribe, receiver):
    subscribe(verify_token="token of version 0.3", lease_seconds="9999999")
    (asked,) = receiver.verifications
    assert asked.query.pop("hub.challenge")
    assert asked.query == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.lease_seconds": "864000",
        "hub.verify_token": "token of version 0.3",
    }


def test_a_lease_that_nobody_asked_for_is_five_days(subscribe, receiver, simulator):
    subscribe()
    assert receiver.verifications[0].query["hub.lease_seconds"] == "432000"
    (kept,) = simulator.subscriptions()
    assert kept["expires_at"] == pytest.approx(time.time() + 432_000, abs=60)
    assert kept["is_active"]
    assert kept["is_signed"]


def test_the_query_of_a_callback_is_kept(subscribe, receiver):
    receiver.url += "?who=me"
    subscribe()
    assert receiver.verifications[0].query["who"] == "me"


@pytest.mark.parametrize(
    ("confirms", "status"), [(True, 204), (False, 409)], ids=["confirmed", "denied"]
)
def test_sync_verification_happens_before_the_answer(simulator, receiver, confirms, status):
    receiver.confirms = confirms
    form = GOOD | {"hub.callback": receiver.url, "hub.verify": ["sync", "async"]}
    assert requests.post(simulator.hub_url, data=form, timeout=10).status_code == status
    assert len(simulator.subscriptions()) == (1 if confirms else 0)


def test_a_callback_that_is_down_for_a_moment_is_asked_again(subscribe, receiver, simulator):
    receiver.verification_statuses = [503]
    subscribe()
    assert len(receiver.verifications) == 2
    assert len(simulator.subscriptions()) == 1


def test_a_callback_that_says_no_is_not_asked_again(simulator, receiver, eventually):
    receiver.verification_statuses = [404]
    form = GOOD | {"hub.callback": receiver.url}
    requests.post(simulator.hub_url, data=form, timeout=10)
    eventually(lambda: len(simulator.journal(target="hub")) == 2)
    assert simulator.journal(target="hub")[-1]["verified"] is False
    assert simulator.subscriptions() == []


def test_unsubscribing_ends_it(subscribe, simulator, receiver):
    subscribe()
    form = GOOD | {"hub.mode": "unsubscribe", "hub.callback": receiver.url, "hub.verify": "sync"}
    assert requests.post(simulator.hub_url, data=form, timeout=10).status_code == 204
    assert "hub.lease_seconds" not in receiver.verifications[-1].query
    assert simulator.set_video("v1", channel_id="UCstars", title="Unheard") == 0


def test_a_push_is_signed_atom_like_the_real_one(subscribe, simulator, receiver, eventually):
    subscribe()
    simulator.set_channel("UCstars", title="Stars & <friends>")
    assert simulator.set_video("v1", channel_id="UCstars", title="星 & <more>\x00") == 1
    eventually(lambda: receiver.pushes)
    (push,) = receiver.pushes
    assert push.headers["Content-Type"] == "application/atom+xml"
    assert push.headers["User-Agent"].startswith("FeedFetcher-Google")
    assert (
        push.headers["Link"] == f"<{TOPIC}>; rel=self, <https://pubsubhubbub.appspot.com>; rel=hub"
    )
    digest = hmac.new(b"a secret", push.body, hashlib.sha1).hexdigest()
    assert push.headers["X-Hub-Signature"] == f"sha1={digest}"
    feed = ET.fromstring(push.body)
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"hub": "https://pubsubhubbub.appspot.com", "self": TOPIC}
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == "yt:video:v1"
    assert entry.findtext(f"{YT}videoId") == "v1"
    assert entry.findtext(f"{YT}channelId") == "UCstars"
    assert entry.findtext(f"{ATOM}title") == "星 & <more>"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Stars & <friends>"


def test_without_a_secret_a_push_is_not_signed(subscribe, simulator, receiver, eventually):
    subscribe(secret=None)
    simulator.set_video("v1", channel_id="UCstars", title="Stars")
    eventually(lambda: receiver.pushes)
    assert "X-Hub-Signature" not in receiver.pushes[0].headers


@pytest.mark.parametrize("way", ["deleted", "private"])
def test_a_video_that_is_gone_is_pushed_as_a_tombstone(
    subscribe, simulator, receiver, eventually, way
):
    subscribe()
    simulator.set_video("v1", push=False, channel_id="UCstars", title="Stars")
    if way == "deleted":
        assert simulator.delete_video("v1") == 1
    else:
        assert simulator.set_video("v1", privacy="private") == 1
    eventually(lambda: receiver.pushes)
    feed = ET.fromstring(receiver.pushes[0].body)
    (tombstone,) = feed
    assert tombstone.tag == f"{TOMBSTONES}deleted-entry"
    assert tombstone.get("ref") == "yt:video:v1"
    uri = tombstone.findtext(f"{TOMBSTONES}by/{ATOM}uri")
    assert uri == "https://www.youtube.com/channel/UCstars"


def test_a_push_that_is_not_taken_comes_again_after_growing_pauses(
    subscribe, simulator, receiver, eventually
):
    subscribe()
    receiver.statuses = [None, 302]
    simulator.set_video("v1", channel_id="UCstars", title="Stars")
    eventually(lambda: len(receiver.pushes) == 3)
    eventually(lambda: len(simulator.journal(target="push")) == 3)
    first, second, third = receiver.pushes
    assert first.body == second.body == third.body
    assert third.at - second.at > second.at - first.at > 0.4
    entries = simulator.journal(target="push")
    assert [(one["attempt"], one["status"]) for one in entries] == [(1, None), (2, 302), (3, 204)]
    assert {one["video_id"] for one in entries} == {"v1"}


def test_the_hub_is_patient_for_most_of_a_minute():
    found = list(pauses())
    assert found[:5] == [0.5, 1, 2, 4, 8]
    assert PATIENCE - 8 < sum(found) <= PATIENCE


def test_a_subscriber_that_is_gone_is_forgotten(subscribe, simulator, receiver, eventually):
    subscribe()
    receiver.statuses = [410]
    simulator.set_video("v1", channel_id="UCstars", title="Stars")
    eventually(lambda: simulator.subscriptions() == [])
    assert simulator.set_video("v1", title="Nobody listens") == 0


def test_when_the_lease_is_over_nothing_comes(subscribe, simulator, receiver, eventually):
    simulator.set_limits(lease_seconds=1)
    subscribe()
    assert receiver.verifications[0].query["hub.lease_seconds"] == "1"
    eventually(lambda: not simulator.subscriptions()[0]["is_active"])
    assert simulator.set_video("v1", channel_id="UCstars", title="Stars") == 0


@pytest.mark.parametrize(
    ("headers", "signature"),
    [
        ({"X-Hub-Signature": "sha1=00"}, "sha1=00"),
        ({"X-Hub-Signature": None}, None),
        ({}, "sha1=" + hmac.new(b"a secret", b"\xff not xml", hashlib.sha1).hexdigest()),
    ],
    ids=["wrong signature", "no signature", "right signature"],
)
def test_anything_can_be_pushed(subscribe, simulator, receiver, eventually, headers, signature):
    subscribe()
    receiver.statuses = [403]
    assert simulator.push_raw("UCstars", b"\xff not xml", headers) == 1
    eventually(lambda: simulator.journal(target="push"))
    (push,) = receiver.pushes
    assert push.body == b"\xff not xml"
    assert push.headers.get("X-Hub-Signature") == signature


@pytest.mark.parametrize(
    ("fault", "delivered", "statuses"),
    [
        ({"drop": True}, 0, [None]),
        ({"status": 500}, 1, [500, 204]),
        ({"status": 500, "accept": True}, 2, [500, 204]),
        ({"duplicate": True}, 2, [204, 204]),
    ],
    ids=["lost", "refused", "taken but asked again", "doubled"],
)
def test_pushes_go_wrong_on_demand(
    subscribe, simulator, receiver, eventually, fault, delivered, statuses
):
    subscribe()
    simulator.add_fault("push", count=1, **fault)
    simulator.set_video("v1", channel_id="UCstars", title="Stars")
    eventually(lambda: len(simulator.journal(target="push")) == len(statuses))
    assert [one["status"] for one in simulator.journal(target="push")] == statuses
    assert len(receiver.pushes) == delivered


def test_whoever_unsubscribes_while_a_push_waits_is_left_alone(
    subscribe, simulator, receiver, eventually
):
    subscribe()
    form = GOOD | {"hub.callback": f"{receiver.url}?stays=yes", "hub.verify": "sync"}
    requests.post(simulator.hub_url, data=form, timeout=10)
    receiver.statuses = [503, 503]
    simulator.set_video("v1", channel_id="UCstars", title="Stars")
    eventually(lambda: len(receiver.pushes) == 2)
    form |= {"hub.mode": "unsubscribe", "hub.callback": receiver.url}
    requests.post(simulator.hub_url, data=form, timeout=10)
    eventually(lambda: len(receiver.pushes) == 3)
    assert receiver.pushes[-1].query == {"stays": "yes"}
    assert simulator.set_video("v2", channel_id="UCstars", title="More") == 1
    eventually(lambda: len(receiver.pushes) == 4)
    assert receiver.pushes[-1].query == {"stays": "yes"}


def test_the_hub_itself_is_out_of_order_on_demand(simulator):
    simulator.add_fault("hub", status=503, retry_after=120)
    answer = requests.post(simulator.hub_url, data=GOOD, timeout=10)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "120"
    assert answer.text == "503 Transient error; please try again later"


def test_a_restart_finds_subscriptions_and_videos_again(serve, receiver, eventually, tmp_path):
    path = tmp_path / "state" / "simulator.jsonl"
    first = Simulator(serve(create_app(path)))
    form = GOOD | {"hub.callback": receiver.url, "hub.verify": "sync", "hub.secret": "a secret"}
    requests.post(first.hub_url, data=form, timeout=10)
    first.set_video("v1", push=False, channel_id="UCstars", title="Stars")
    first.set_video("v2", push=False, channel_id="UCstars", title="More stars")
    first.delete_video("v2", push=False)
    # What was being written when the process was killed.
    with path.open("a") as file:
        file.write('{"video": {"id": "v3", "ti')
    second = Simulator(serve(create_app(str(path))))
    assert len(second.subscriptions()) == 1
    second.set_video("v1", title="Changed")
    eventually(lambda: receiver.pushes)
    assert b"<title>Changed</title>" in receiver.pushes[0].body
    assert "X-Hub-Signature" in receiver.pushes[0].headers
    requests.post(second.hub_url, data=form | {"hub.mode": "unsubscribe"}, timeout=10)
    third = Simulator(serve(create_app(path)))
    assert third.subscriptions() == []
    third.close()
    with pytest.raises(requests.HTTPError, match="there is no video v2"):
        second.delete_video("v2")
    assert path.stat().st_mode & 0o077 == 0
    first.close()
    second.close()
