"""The tests that websub.rocks has for subscribers, and a hub that somebody else wrote.

Source: https://websub.rocks/subscriber
"""

import hmac
import secrets
import time
from datetime import UTC, datetime

import celery
import pytest
import requests
from flask import Flask, Response, redirect, request
from flask_websub.hub import Hub, SQLite3HubStorage
from requests.structures import CaseInsensitiveDict

from api import create_app
from stargazer.http import Response as HttpResponse
from stargazer.models import LeaseState
from workers.websub import ask_hub, ensure_named, renew_due

KIND = "youtube"
BODY = b"<html><p>A new post"


def wait_for(find):
    """Give what comes of it, in time."""
    deadline = time.monotonic() + 10
    while not (found := find()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)
    return found


class Rocks:
    """A publisher and hub as websub.rocks is one: it verifies while it is asked."""

    def __init__(self, serve):
        self.app = Flask("rocks")
        self.asked = []
        self.verified = []
        self.topic = None
        self.pages = {}
        self.app.add_url_rule("/<path:path>", "page", self.page)
        self.app.add_url_rule("/hub", "hub", self.hub, methods=["POST"])
        self.app.add_url_rule("/moved/<int:status>", "moved", self.moved, methods=["POST"])
        self.url = serve(self.app)

    def page(self, path):
        return self.pages[path]()

    def moved(self, status):
        return redirect("/hub", status)

    def hub(self):
        wish = request.form.to_dict()
        self.asked.append(wish)
        challenge = secrets.token_hex(8)
        query = {
            "hub.mode": wish["hub.mode"],
            "hub.topic": self.topic or wish["hub.topic"],
            "hub.challenge": challenge,
            "hub.lease_seconds": "86400",
        }
        answer = requests.get(wish["hub.callback"], params=query, timeout=5)
        self.verified.append((answer.status_code, answer.text == challenge))
        return "", 202

    def link(self, topic, hub="/hub"):
        return f'<{self.url}{hub}>; rel="hub", <{self.url}{topic}>; rel="self"'

    def deliver(self, body=BODY, method="sha256", secret=None, *, is_signed=True):
        """Post to the callback of the newest subscription, and give the status."""
        wish = self.asked[-1]
        key = (secret or wish["hub.secret"]).encode()
        headers = {"Content-Type": "text/html", "Link": self.link("/topic")}
        if is_signed:
            headers["X-Hub-Signature"] = f"{method}={hmac.new(key, body, method).hexdigest()}"
        answer = requests.post(wish["hub.callback"], data=body, headers=headers, timeout=5)
        return answer.status_code


@pytest.fixture
def rocks(serve):
    return Rocks(serve)


@pytest.fixture
def subscriber(make_context, serve, store, celery_app):
    """Give an instance that hubs can reach; its API is served for real."""
    context = make_context()
    app = create_app(context.settings)
    context = make_context(public_url=serve(app))
    yield context
    app.extensions["stargazer.state"].close()


@pytest.fixture
def subscribe(subscriber, store):
    """Give a function that follows the hub which an address names, and returns the Lease."""

    def subscribe(url):
        answer = subscriber.http.get(url)
        assert ensure_named(subscriber, KIND, url, answer, datetime.now(UTC))
        lease = store.leases.find_by_account(KIND, url)
        ask_hub(subscriber, lease.token)
        return store.leases.find(lease.token)

    return subscribe


def get_pushed(store):
    return [push.body for push in store.pushes.list_all()]


class TestDiscovery:
    def check(self, rocks, subscribe, page, body=None, link=None, kind="text/html", topic=None):
        headers = {"Content-Type": kind, **({"Link": link} if link else {})}
        rocks.pages[page.strip("/")] = lambda: Response(body or "", 200, headers)
        lease = subscribe(rocks.url + page)
        assert lease.state == LeaseState.VERIFIED
        assert rocks.asked[-1]["hub.topic"] == rocks.url + (topic or page)
        assert rocks.verified == [(200, True)]

    def test_100_http_header(self, rocks, subscribe):
        self.check(rocks, subscribe, "/100", link=rocks.link("/100"))

    def test_101_html_tag(self, rocks, subscribe):
        body = '<html><head><link rel="hub" href="/hub"><link rel="self" href="/101">'
        self.check(rocks, subscribe, "/101", body)

    def test_102_atom_feed(self, rocks, subscribe):
        body = (
            '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="/hub"/>'
            '<link rel="self" href="/102"/><entry/></feed>'
        )
        self.check(rocks, subscribe, "/102", body, kind="application/atom+xml")

    def test_103_rss_feed(self, rocks, subscribe):
        body = (
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
            '<atom:link rel="hub" href="/hub"/><atom:link rel="self" href="/103"/></channel></rss>'
        )
        self.check(rocks, subscribe, "/103", body, kind="application/rss+xml")

    def test_104_header_before_body(self, rocks, subscribe):
        body = '<link rel="hub" href="/wrong"><link rel="self" href="/wrong">'
        self.check(rocks, subscribe, "/104", body, link=rocks.link("/104"))

    def test_200_self_is_another_address(self, rocks, subscribe):
        self.check(rocks, subscribe, "/200", link=rocks.link("/200/self"), topic="/200/self")

    @pytest.mark.parametrize(("number", "status"), [(201, 302), (202, 301)])
    def test_201_and_202_the_topic_has_moved(self, rocks, subscribe, number, status):
        there = f"/{number}/there"
        rocks.pages[there.strip("/")] = lambda: Response("", 200, {"Link": rocks.link(there)})
        rocks.pages[str(number)] = lambda: redirect(there, status)
        lease = subscribe(f"{rocks.url}/{number}")
        assert lease.state == LeaseState.VERIFIED
        assert rocks.asked[-1]["hub.topic"] == rocks.url + there


class TestSubscribing:
    @pytest.mark.parametrize(("number", "status"), [("203", 307), ("204", 308)])
    def test_203_and_204_the_hub_has_moved(self, rocks, subscribe, store, number, status):
        topic = f"/{number}"
        link = rocks.link(topic, hub=f"/moved/{status}")
        rocks.pages[number] = lambda: Response("", 200, {"Link": link})
        lease = subscribe(rocks.url + topic)
        assert lease.state == LeaseState.VERIFIED
        assert lease.home == (f"{rocks.url}/hub" if status == 308 else None)
        # The next look finds the hub that is named, and knows that this is it.
        subscribe(rocks.url + topic)
        assert len(store.leases.list_all()) == 1

    def test_205_a_wrong_topic_is_not_confirmed(self, rocks, subscribe):
        rocks.topic = f"{rocks.url}/another"
        rocks.pages["205"] = lambda: Response("", 200, {"Link": rocks.link("/205")})
        lease = subscribe(f"{rocks.url}/205")
        assert rocks.verified == [(404, False)]
        assert lease.state == LeaseState.PENDING


class TestDelivery:
    @pytest.fixture(autouse=True)
    def _subscribed(self, rocks, subscribe):
        rocks.pages["topic"] = lambda: Response("", 200, {"Link": rocks.link("/topic")})
        subscribe(f"{rocks.url}/topic")

    @pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
    def test_300_a_signed_delivery_is_taken(self, rocks, store, method):
        assert 200 <= rocks.deliver(method=method) < 300
        assert get_pushed(store) == [BODY]

    def test_301_a_wrong_signature_is_refused(self, rocks, store):
        assert rocks.deliver(secret="somebody else's") == 403
        assert get_pushed(store) == []

    def test_302_a_missing_signature_is_refused(self, rocks, store):
        assert rocks.deliver(is_signed=False) == 403
        assert get_pushed(store) == []


def test_a_hub_that_is_not_reached_over_tls_gets_no_secret(subscriber, store, rocks):
    link = '<http://hub.example/>; rel="hub"'
    rocks.pages["plain"] = lambda: Response("", 200, {"Link": link})
    answer = subscriber.http.get(f"{rocks.url}/plain")
    assert not ensure_named(subscriber, KIND, "x", answer, datetime.now(UTC))
    assert store.leases.list_all() == []


@pytest.mark.parametrize("hub", ["http://127.0.0.1:6379/", "http://localhost/", "http://[::1]/"])
def test_a_feed_of_elsewhere_names_nothing_on_this_machine(subscriber, store, hub):
    headers = CaseInsensitiveDict({"Link": f'<{hub}>; rel="hub"'})
    answer = HttpResponse(200, headers, b"", "https://blog.example/feed")
    assert not ensure_named(subscriber, KIND, "x", answer, datetime.now(UTC))
    assert store.leases.list_all() == []


def test_a_feed_that_names_its_hub_no_more_is_not_followed(rocks, subscribe, subscriber, store):
    rocks.pages["topic"] = lambda: Response("", 200, {"Link": rocks.link("/topic")})
    lease = subscribe(f"{rocks.url}/topic")
    rocks.pages["topic"] = lambda: Response("")
    answer = subscriber.http.get(f"{rocks.url}/topic")
    assert not ensure_named(subscriber, KIND, f"{rocks.url}/topic", answer, datetime.now(UTC))
    ask_hub(subscriber, lease.token)
    assert rocks.asked[-1]["hub.mode"] == "unsubscribe"
    assert rocks.verified == [(200, True), (200, True)]


class TestRenewal:
    """At a renewal the page that named the hub is asked for it again."""

    def name(self, rocks, hub):
        rocks.pages["topic"] = lambda: Response("", 200, {"Link": rocks.link("/topic", hub)})

    @pytest.fixture
    def lease(self, rocks, subscribe):
        self.name(rocks, "/hub")
        lease = subscribe(f"{rocks.url}/topic")
        assert lease.state == LeaseState.VERIFIED
        return lease

    def test_a_hub_that_the_feed_has_left_is_left(self, rocks, subscriber, store, lease):
        self.name(rocks, "/moved/307")
        ask_hub(subscriber, lease.token)
        assert store.leases.find(lease.token).state == LeaseState.REMOVED
        new = store.leases.find_by_account(KIND, lease.account)
        assert (new.hub, new.named_by) == (f"{rocks.url}/moved/307", f"{rocks.url}/topic")
        for each in (new, lease):
            ask_hub(subscriber, each.token)
        assert [wish["hub.mode"] for wish in rocks.asked] == [
            "subscribe",
            "subscribe",
            "unsubscribe",
        ]
        assert store.leases.find(new.token).state == LeaseState.VERIFIED

    def test_a_topic_that_has_moved_is_followed(self, rocks, subscriber, store, lease):
        rocks.pages["there"] = lambda: Response("", 200, {"Link": rocks.link("/there")})
        rocks.pages["topic"] = lambda: redirect("/there", 301)
        ask_hub(subscriber, lease.token)
        new = store.leases.find_by_account(KIND, lease.account)
        assert new.topic == f"{rocks.url}/there"

    @pytest.mark.parametrize(
        "page",
        [
            lambda: Response("", 503),
            lambda: Response("", 404),
            lambda: Response("<p>Back in a minute"),
            lambda: Response("", 200, {"Link": "<http://hub.example/>; rel=hub"}),
        ],
        ids=["trouble", "not found", "another page", "a hub that gets no secret"],
    )
    def test_a_feed_that_names_none_at_the_moment_loses_nothing(
        self, rocks, subscriber, store, lease, page
    ):
        rocks.pages["topic"] = page
        ask_hub(subscriber, lease.token)
        assert [wish["hub.mode"] for wish in rocks.asked] == ["subscribe", "subscribe"]
        assert store.leases.find(lease.token).state == LeaseState.VERIFIED
        assert len(store.leases.list_all()) == 1


class TestFlaskWebSub:
    """A hub out of a library that this project did not write."""

    @pytest.fixture(params=["sha1", "sha256", "sha384", "sha512"])
    def algorithm(self, request):
        return request.param

    @pytest.fixture
    def hub(self, serve, tmp_path, algorithm):
        worker = celery.Celery("hub", broker="memory://", set_as_current=False)
        worker.conf.update(task_always_eager=True, broker_url="memory://")
        storage = SQLite3HubStorage(str(tmp_path / "hub.sqlite3"))
        hub = Hub(storage, worker, SIGNATURE_ALGORITHM=algorithm, MAX_ATTEMPTS=0)
        app = Flask("hub")
        app.config["PUBLISH_SUPPORTED"] = True
        app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))
        app.add_url_rule("/topic", "topic", lambda: Response(BODY, headers={"Link": self.link}))
        self.url = serve(app)
        self.link = f'<{self.url}/hub>; rel="hub", <{self.url}/topic>; rel="self"'
        self.storage = storage
        return self.url

    def publish(self, url):
        form = {"hub.mode": "publish", "hub.topic": f"{url}/topic"}
        assert requests.post(f"{url}/hub", data=form, timeout=10).status_code == 202

    def test_takes_us_pushes_to_us_and_lets_us_go(self, hub, subscribe, subscriber, store):
        lease = subscribe(f"{hub}/topic")
        assert lease.state == LeaseState.VERIFIED
        assert lease.expires_at > datetime.now(UTC)
        self.publish(hub)
        assert get_pushed(store) == [BODY]
        [push] = store.pushes.list_all()
        assert (push.kind, push.account) == (KIND, f"{hub}/topic")

        # Another secret than the hub has is another sender.
        store.leases.update(lease.token, secret="another")
        self.publish(hub)
        assert get_pushed(store) == [BODY]

        now = datetime.now(UTC)
        store.leases.update(lease.token, state=LeaseState.REMOVED, renew_at=now)
        ask_hub(subscriber, lease.token)
        assert list(self.storage.get_callbacks(f"{hub}/topic")) == []
        renew_due(subscriber, datetime.now(UTC))
        assert store.leases.find(lease.token) is None
