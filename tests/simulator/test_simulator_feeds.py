"""The simulated sites, asked as anybody would."""

import gzip
from datetime import UTC, datetime

import pytest
import requests

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def feeds(simulator):
    return simulator.feeds


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("rss", "application/rss+xml"),
        ("rss091", "text/xml"),
        ("rdf", "application/rdf+xml"),
        ("atom", "application/atom+xml"),
        ("json", "application/feed+json"),
    ],
)
def test_each_form_has_its_type_and_a_page_that_names_it(feeds, form, kind):
    url = feeds.set("a", form=form, items={"1": {"id": "1", "title": "歌"}})
    answer = requests.get(url, timeout=5)
    assert answer.headers["Content-Type"].startswith(kind)
    assert ("歌" if form != "json" else "\\u6b4c") in answer.content.decode()
    assert 'rel="alternate"' in requests.get(f"{url}/page", timeout=5).text


def test_an_entry_is_put_where_it_is_wanted(feeds):
    url = feeds.set("a", form="json", items={})
    for name, position in (("a", 0), ("b", 0), ("c", 1), ("d", 99)):
        feeds.publish("a", name, position=position, published_at=AT)
    feeds.publish("a", "c", title="changed")
    feeds.remove("a", "b")
    items = requests.get(url, timeout=5).json()["items"]
    assert [(each["id"], each.get("title")) for each in items] == [
        ("c", "changed"),
        ("a", None),
        ("d", None),
    ]


def test_what_has_not_changed_is_not_sent(feeds, simulator):
    url = feeds.set("a")
    etag = requests.get(url, timeout=5).headers["ETag"]
    again = requests.get(url, headers={"If-None-Match": etag}, timeout=5)
    assert (again.status_code, again.content) == (304, b"")
    feeds.set("a", title="Another")
    assert requests.get(url, headers={"If-None-Match": etag}, timeout=5).status_code == 200
    asked = [each["conditional"] for each in simulator.journal(target="feeds")]
    assert asked == [False, True, True]


def test_how_its_server_answers(feeds):
    url = feeds.set("a", gzipped=True, cache_control="max-age=60")
    answer = requests.get(url, stream=True, timeout=5)
    assert answer.headers["Cache-Control"] == "max-age=60"
    assert b"<rss" in gzip.decompress(answer.raw.read(decode_content=False))
    feeds.set("a", moved=308, moved_to="b")
    answer = requests.get(url, allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (308, "/feeds/b")
    feeds.set("a", moved=None, status=410)
    assert requests.get(url, timeout=5).status_code == 410
    feeds.delete("a")
    assert requests.get(url, timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("body", "length"), [("garbage", 1024), ("nothing", 0), ("huge", 11_534_336)]
)
def test_an_answer_that_is_none_is_one_of_success(feeds, simulator, body, length):
    url = feeds.set("a")
    simulator.add_fault("feeds", body=body, count=1)
    answer = requests.get(url, timeout=5)
    assert (answer.status_code, len(answer.content)) == (200, length)
    assert b"<rss" in requests.get(url, timeout=5).content


@pytest.mark.parametrize(
    "fault",
    [{"body": "huge", "status": 500}, {"body": "huge", "drop": True}, {"body": "large"}],
)
def test_a_fault_that_makes_no_sense_is_refused(simulator, fault):
    with pytest.raises(requests.HTTPError):
        simulator.add_fault("feeds", **fault)
