import base64
import re
from datetime import UTC, datetime, timedelta

import pytest

from api import create_app
from api.rpc import list_methods
from stargazer.models import Delivery, DeliveryState, Entity, Meta, Name, StoredEvent, User

NASTY = '<script>alert(1)</script> & "it\'s"'
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def public(settings, store):
    app = create_app(settings.model_copy(update={"public_status": True}))
    yield app.test_client()
    app.extensions["stargazer.state"].close()


@pytest.fixture
def told(store):
    """Tell one User of one Event, all of it with names that would break a page."""
    entity = Entity(meta=Meta(name=Name(name={"ja": NASTY}, default_language="ja")))
    user = User(im="web", im_payload="alice", name=NASTY)
    event = StoredEvent(
        kind="youtube/live_start",
        entity=entity.id,
        fields={"title": NASTY, "url": "javascript:alert(1)"},
        happened_at=AT,
        created_at=AT,
    )
    store.entities.save(entity)
    store.users.save(user)
    store.events.add([event])
    store.deliveries.add(
        [
            Delivery(
                event=event.id,
                user=user.id,
                im="web",
                state=DeliveryState.SENT,
                created_at=AT,
                due_at=AT,
                finished_at=AT + timedelta(milliseconds=1234),
            )
        ]
    )
    message = {"headline": NASTY, "lines": [NASTY], "url": "https://example.org/", "picture": None}
    store.inbox.add("1", user.id, message, AT)


@pytest.mark.parametrize("path", ["/", "/status.json", "/metrics"])
@pytest.mark.parametrize(
    ("auth", "status"),
    [
        (None, 401),
        (("root", "wrong"), 401),
        (("bot", "correct horse"), 403),
        (("watcher", "correct horse"), 200),
        (("root", "correct horse"), 200),
    ],
)
def test_the_page_is_for_who_may_read_admin(client, path, auth, status):
    response = client.get(path, auth=auth)
    assert response.status_code == status
    assert ("WWW-Authenticate" in response.headers) is (status == 401)


@pytest.mark.parametrize("path", ["/", "/status.json", "/metrics"])
def test_the_page_is_for_anybody_where_the_settings_say_so(public, path):
    assert public.get(path).status_code == 200


def test_everything_is_on_the_page_and_nothing_is_markup(public, told):
    page = public.get("/").get_data(as_text=True)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
    assert "javascript:" not in page
    assert "1,234 ms" in page
    assert "Live now" in page
    assert "style=" not in page
    assert " on" + "click" not in page


def test_the_status_says_how_each_delivery_went(public, told):
    status = public.get("/status.json").json
    (delivery,) = status["deliveries"]
    assert delivery["delay_ms"] == 1234
    assert delivery["state"] == "sent"
    assert delivery["entity"] == delivery["title"] == NASTY
    assert delivery["chat"] == f"Web · {NASTY}"
    assert delivery["url"] is None
    assert status["counts"]["sent"] == status["counts"]["events"] == 1
    assert status["inbox"][0]["url"] == "https://example.org/"


def test_what_was_removed_is_shown_as_such(public, told, store):
    store.entities.collection.delete_many({})
    store.users.collection.delete_many({})
    store.events.collection.delete_many({})
    status = public.get("/status.json").json
    assert status["deliveries"][0]["title"] == "an event that was removed"
    assert status["inbox"][0]["user"] == "somebody removed"


def test_an_unchanged_status_costs_a_304(public, told):
    tag = public.get("/status.json").headers["ETag"]
    response = public.get("/status.json", headers={"If-None-Match": tag})
    assert (response.status_code, response.data) == (304, b"")


def test_an_empty_system_has_a_page_too(public):
    page = public.get("/").get_data(as_text=True)
    assert "Nothing has happened yet" in page


@pytest.mark.parametrize("name", ["page.css", "status.css", "status.js", "docs.css", "star.svg"])
def test_what_the_page_needs_is_served(client, name):
    response = client.get(f"/static/{name}")
    assert response.status_code == 200
    response.close()


def test_metrics_are_in_prometheus_form(public):
    response = public.get("/metrics")
    assert response.mimetype == "text/plain"
    assert b"# TYPE stargazer_pushes_total counter" in response.data


def test_a_load_balancer_needs_no_password(client):
    assert client.get("/healthz").get_data(as_text=True) == "ok\n"


def test_a_browser_is_asked_again_after_a_wrong_password(client):
    header = "Basic " + base64.b64encode(b"root:nope").decode()
    assert "Basic" in client.get("/", headers={"Authorization": header}).headers["WWW-Authenticate"]


def test_every_method_is_on_the_page_of_the_api_with_all_that_belongs_to_it(client):
    response = client.get("/docs")
    page = response.get_data(as_text=True)
    for method in list_methods():
        assert f'id="{method.name}"' in page
        assert method.summary.replace("'", "&#39;") in page
        assert f"/v1/{method.name} \\\n" in page
        assert all(f"<code>{alias}</code>" in page for alias in method.aliases)
        assert all(f"<code>{code}</code>" in page for code in method.errors)
        assert all(f"<code>{name}</code>" in page for name in method.params.model_fields)
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(re.findall(r'id="([^"]+)"', page))


def test_the_page_of_the_api_needs_no_script_and_nothing_of_others(client):
    page = client.get("/docs").get_data(as_text=True)
    assert "<script" not in page
    assert "style=" not in page
    assert not re.findall(r'(?:href|src)="(?:https?:)?//', page)


def test_the_page_of_the_api_calls_us_where_the_internet_reaches_us(settings, store):
    app = create_app(settings.model_copy(update={"public_url": "https://stars.example/"}))
    page = app.test_client().get("/docs").get_data(as_text=True)
    assert "curl https://stars.example/v1/health" in page
    app.extensions["stargazer.state"].close()
