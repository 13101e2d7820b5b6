"""The source ``feed``, beyond what holds for every source."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import uuid4

import pytest
from flask import Flask, Response, request

from stargazer.coordinator.schedule import list_due_times, schedule_now
from stargazer.errors import PayloadError, ThrottledError, TransientError
from stargazer.feeds import name_feed
from stargazer.models import LeaseState, Push, Task
from stargazer.simulator.feeds.world import FeedItem, FeedSite
from stargazer.simulator.feeds.writing import write_feed
from workers.sources.contract import look
from workers.sources.feed.asking import PER_HOST, ask_all
from workers.sources.feed.memory import ENOUGH_MOVES, FeedMemory, Home, note_home
from workers.sources.feed.pushes import take_push
from workers.sources.feed.watch import MOST_ENTRIES, WATCHER

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def feeds(simulator):
    return simulator.feeds


@pytest.fixture
def watch(store, redis_client):
    """Give a function that watches the feed at an address."""

    def watch(url):
        task = Task(entity=uuid4(), kind="feed", params={"url": url}, created_at=NOW)
        store.tasks.save(task)
        schedule_now(redis_client, "feed", task.id)
        return task

    return watch


@pytest.fixture
def add(feeds, watch):
    """Give a function that makes a feed, and watches it."""
    return lambda key, **fields: watch(feeds.set(key, **fields))


@pytest.fixture
def see(context, celery_app, store):
    """Give a function that looks at all, and gives what was told, the oldest first."""
    known = set()

    def see(minutes, by=None):
        look(
            by or context, celery_app, WATCHER, list(store.tasks.list_all()), NOW + minutes * MINUTE
        )
        new = [event for event in store.events.list_latest(500) if event.id not in known]
        known.update(event.id for event in new)
        return sorted(new, key=lambda event: (event.happened_at, event.fields["title"]))

    return see


@pytest.fixture
def watched(store):
    """Give a function that gives a Task as it is now."""
    return lambda task: store.tasks.find(task.id).watch


@pytest.fixture
def remembered(store):
    return lambda task: store.memories.list_known(FeedMemory, [task.id])[task.id][0]


@pytest.mark.parametrize("form", ["rss", "rdf", "atom", "json"])
def test_an_entry_is_told_with_all_it_has(feeds, add, see, form):
    add("a", form=form, language="ja-JP", title="Blog", items={})
    see(0)
    feeds.publish(
        "a",
        "1",
        title="新曲",
        html='<p>聴いて<br>ね</p><img src="https://a.example/2.png">',
        link="https://a.example/1",
        author="Sora",
        published_at=NOW + MINUTE,
        picture="https://a.example/1.jpg",
        enclosure="https://a.example/1.mp3",
    )
    (event,) = see(2)
    pictures = ["https://a.example/1.jpg", "https://a.example/2.png"]
    expected = {
        "title": "新曲",
        "text": "聴いて\nね",
        "url": "https://a.example/1",
        "author": "Sora",
        "published_at": "2026-11-24T12:01:00+00:00",
        "picture": pictures[0],
        "pictures": pictures,
        "enclosures": [{"url": "https://a.example/1.mp3", "type": "audio/mpeg"}],
        "x-translate-fields": ["/title", "/text"],
        "x-translate-from": "ja",
        "language": "ja",
    }
    if form == "rdf":
        expected |= {"picture": pictures[1], "pictures": pictures[1:]}
        del expected["enclosures"]
    assert event.fields == expected
    assert (event.kind, event.tags, event.happened_at) == (
        "feed/new_entry",
        ("translate",),
        NOW + MINUTE,
    )


def test_an_entry_without_anything_leads_to_the_site(feeds, add, see):
    add("a", title="Blog", items={})
    see(0)
    feeds.publish("a", "1")
    (event,) = see(2)
    assert event.fields == {
        "title": "",
        "text": "",
        "url": "https://site.invalid",
        "author": "Blog",
        "published_at": "2026-11-24T12:02:00+00:00",
    }
    assert event.tags == ()


def test_what_is_dated_into_the_future_is_told_now_and_hides_nothing(feeds, add, see):
    add("a", items={})
    see(0)
    feeds.publish("a", "1", title="far", published_at=NOW + timedelta(days=400))
    (event,) = see(2)
    assert event.happened_at == NOW + 2 * MINUTE
    feeds.publish("a", "2", title="near", published_at=NOW + 3 * MINUTE)
    assert [each.fields["title"] for each in see(4)] == ["near"]


def test_entries_without_id_link_and_date_are_told_once(feeds, add, see):
    add("a", form="rss091", items={"1": {"title": "one", "link": None}})
    see(0)
    feeds.publish("a", "2", title="two")
    assert [event.fields["title"] for event in see(1)] == ["two"]
    assert see(2) == []


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "without dates"])
def test_of_a_long_feed_nothing_old_becomes_new(feeds, add, see, dated):
    number = MOST_ENTRIES + 150
    items = {
        f"i{n}": {
            "id": f"i{n}",
            "published_at": (NOW - n * MINUTE).isoformat() if dated else None,
        }
        for n in range(number)
    }
    add("a", items=items)
    assert see(0) == []
    for each in range(3):
        feeds.publish(
            "a", f"n{each}", title=f"n{each}", published_at=NOW + each * MINUTE if dated else None
        )
        assert [event.fields["title"] for event in see(each + 1)] == [f"n{each}"]


class TestUnchanged:
    def test_what_has_not_changed_is_not_sent(self, feeds, add, see, simulator):
        add("a", items={"1": {"id": "1"}})
        for minute in range(3):
            see(minute)
        feeds.publish("a", "2", title="two", published_at=NOW)
        assert len(see(4)) == 1
        asked = [
            (each["conditional"], each["status"]) for each in simulator.journal(target="feeds")
        ]
        assert asked == [(False, 200), (True, 304), (True, 304), (True, 200)]

    def test_what_is_sent_again_is_not_remembered_again(self, add, see, store, watched):
        task = add("a", conditional=False, items={"1": {"id": "1"}})
        see(0)
        see(1)
        (_, version) = store.memories.list_known(FeedMemory, [task.id])[task.id]
        assert version == 1
        assert watched(task).looked_at == NOW + MINUTE

    def test_validators_are_sent_back_as_they_came_and_go_when_they_are_not_sent(
        self, serve, watch, see
    ):
        app = Flask("site")
        asked, answers = [], [{"ETag": 'W/"a b"', "Last-Modified": "yesterday"}, {}, {}]

        def answer():
            names = ("If-None-Match", "If-Modified-Since")
            asked.append([request.headers.get(name) for name in names])
            body = write_feed(FeedSite(title=str(len(asked))), "https://x")
            return Response(body, headers=answers.pop(0))

        app.add_url_rule("/", view_func=answer)
        watch(f"{serve(app)}/")
        for minute in range(3):
            see(minute)
        assert asked == [[None, None], ['W/"a b"', "yesterday"], [None, None]]


class TestPace:
    @pytest.mark.parametrize(
        "fields",
        [{"ttl": 120}, {"cache_control": "max-age=7200"}],
        ids=["the feed says so", "its server says so"],
    )
    def test_a_feed_rests_for_as_long_as_it_asks(
        self, add, see, watched, redis_client, fields, simulator
    ):
        task = add("a", items={}, **fields)
        see(0)
        until = watched(task).paused_until
        assert NOW + 120 * MINUTE <= until <= NOW + 132 * MINUTE
        (due,) = list_due_times(redis_client, "feed", [task.id])
        assert 7100 < due < 8000
        see(60)
        assert len(simulator.journal(target="feeds")) == 1
        see(133)
        assert len(simulator.journal(target="feeds")) == 2
        # Said again by who has not changed.
        assert watched(task).paused_until >= NOW + (133 + 120) * MINUTE

    def test_one_that_asks_for_nothing_comes_as_usual(self, add, see, watched):
        task = add("a", items={})
        see(0)
        assert watched(task).paused_until is None

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_server_that_asks_for_a_pause_gets_it(self, add, see, watched, simulator, status):
        task = add("a", items={})
        simulator.add_fault("feeds", status=status, retry_after=7200)
        see(0)
        assert watched(task).paused_until == NOW + 120 * MINUTE


class TestGone:
    def test_410_is_one_alarm_and_a_look_a_day(self, feeds, add, see, watched, store):
        task = add("a", items={})
        see(0)
        feeds.set("a", status=410)
        see(1)
        see(60)
        watch = watched(task)
        assert (watch.gone, watch.paused_until) == (True, NOW + MINUTE + timedelta(days=1))
        (alarm,) = store.alarms.list_all()
        assert (alarm.key, alarm.ended_at) == (f"gone:{task.id}", None)
        assert "410" in alarm.reason
        feeds.set("a", status=200)
        feeds.publish("a", "1", title="back", published_at=NOW + 2 * MINUTE)
        assert len(see(24 * 60 + 2)) == 1
        assert store.alarms.list_all()[0].ended_at is not None

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_others_may_come_back(self, feeds, add, see, watched, store, status):
        task = add("a", items={})
        feeds.set("a", status=status)
        see(0)
        assert (watched(task).failures, watched(task).gone) == (1, False)
        assert store.alarms.list_all() == []


class TestMoved:
    def asked(self, simulator):
        return [each["feed"] for each in simulator.journal(target="feeds")]

    @pytest.mark.parametrize("status", [301, 308])
    def test_a_new_address_is_taken_after_several_times(
        self, feeds, add, see, simulator, remembered, store, status
    ):
        task = add("a", moved=status, moved_to="b")
        feeds.set("b", items={"1": {"id": "1"}})
        for minute in range(ENOUGH_MOVES):
            see(minute)
        assert self.asked(simulator) == ["a", "b"] * ENOUGH_MOVES
        assert remembered(task).home.url == f"{feeds.url}/b"
        feeds.publish("b", "2", title="two", published_at=NOW)
        assert len(see(ENOUGH_MOVES)) == 1
        assert self.asked(simulator)[2 * ENOUGH_MOVES :] == ["b"]
        assert store.tasks.find(task.id).params == {"url": f"{feeds.url}/a"}

    @pytest.mark.parametrize("status", [302, 303, 307])
    def test_one_for_a_while_is_followed_each_time(self, feeds, add, see, simulator, status):
        add("a", moved=status, moved_to="b")
        feeds.set("b", items={})
        for minute in range(5):
            see(minute)
        assert self.asked(simulator) == ["a", "b"] * 5

    def test_only_what_is_for_good_all_the_way_is_taken(self, feeds, add, see, remembered):
        task = add("a", moved=301, moved_to="b")
        feeds.set("b", moved=302, moved_to="c")
        feeds.set("c", items={})
        for minute in range(4):
            see(minute)
        assert remembered(task).home.url == f"{feeds.url}/b"

    def test_when_there_is_nothing_the_old_address_is_asked(
        self, feeds, add, see, simulator, remembered
    ):
        task = add("a", moved=301, moved_to="b")
        feeds.set("b", items={})
        for minute in range(ENOUGH_MOVES):
            see(minute)
        feeds.set("b", status=404)
        feeds.set("a", moved=None, items={})
        feeds.publish("a", "1", title="home again", published_at=NOW)
        assert len(see(10)) == 1
        assert remembered(task).home is None
        see(11)
        assert self.asked(simulator)[-1] == "a"

    def test_the_operator_is_told_where_to_once(self, feeds, add, see, caplog):
        task = add("a?token=sesame", moved=301, moved_to="b")
        feeds.set("b", items={})
        for minute in range(ENOUGH_MOVES + 2):
            see(minute)
        said = [each for each in caplog.records if each.msg == "feed_moved"]
        assert [(each.task_id, each.host) for each in said] == [(task.id, "127.0.0.1")]

    def test_in_a_circle_it_fails(self, add, see, watched):
        task = add("a", moved=301, moved_to="a")
        see(0)
        assert watched(task).last_error == "redirects without end"

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://x/y", "http://["])
    def test_nowhere_but_to_the_web(self, serve, watch, see, watched, target):
        app = Flask("site")
        app.add_url_rule("/", view_func=lambda: Response(status=301, headers={"Location": target}))
        task = watch(f"{serve(app)}/")
        see(0)
        assert watched(task).failures == 1

    @pytest.mark.parametrize(
        ("known", "asked", "answered", "after"),
        [
            (None, "a", "a", None),
            (None, "a", "b", Home(url="b")),
            (Home(url="b"), "a", "b", Home(url="b", times=2)),
            (Home(url="b", times=2), "a", "b", Home(url="b", times=3)),
            (Home(url="b", times=2), "a", "c", Home(url="c")),
            (Home(url="b", times=2), "a", "a", None),
            (Home(url="b", times=3), "b", "b", Home(url="b", times=3)),
            (Home(url="b", times=3), "b", "c", Home(url="c")),
            (Home(url="b", times=3), "b", "a", None),
            (Home(url="b", times=3), "a", "a", None),
        ],
        ids=["no", "once", "twice", "often enough", "elsewhere", "no more", "at its new home",
             "from there", "back", "asked at the old one"],
    )  # fmt: skip
    def test_where_a_feed_lives(self, known, asked, answered, after):
        assert note_home(known, asked, answered, "a") == after


class TestEmpty:
    def test_it_is_believed_when_it_is_said_again_and_again(self, feeds, add, see, watched):
        task = add("a", items={"1": {"id": "1"}})
        see(0)
        feeds.set("a", items={})
        for hours in range(1, 5):
            see(hours * 120)
        assert watched(task).failures == 0
        feeds.publish("a", "1")
        feeds.publish("a", "2", title="two", published_at=NOW + 9 * MINUTE)
        assert [event.fields["title"] for event in see(999)] == ["two"]


class TestMany:
    def test_those_that_fail_are_nobody_elses_matter(self, add, see, watched):
        tasks = [
            add("a", items={}),
            add("b", raw="garbage"),
            add("c", status=500),
            add("d", moved=301, moved_to="nowhere"),
        ]
        see(0)
        assert [watched(task).failures for task in tasks] == [0, 1, 1, 1]

    def test_when_none_can_be_reached_it_is_our_network(self, watch, see, store, free_port):
        for number in range(12):
            watch(f"http://127.0.0.1:{free_port()}/{number}")
        for minute in (0, 20, 90, 300):
            see(minute)
        (alarm,) = store.alarms.list_all()
        assert alarm.key == "feed"
        assert "none of 12 feeds can be reached" in alarm.reason

    def test_a_server_is_asked_for_few_at_a_time(self):
        lock, at_once, most = threading.Lock(), [0], [0]

        def ask():
            with lock:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            time.sleep(0.01)
            with lock:
                at_once[0] -= 1

        ask_all([(uuid4(), "https://a.example/x", ask) for _ in range(20)], 20 * MINUTE)
        assert most[0] == PER_HOST

    def test_one_that_asks_for_a_pause_is_not_asked_for_the_rest(self):
        asked = []

        def ask():
            asked.append(1)
            raise ThrottledError("HTTP 429", 60.0)

        wanted = [(uuid4(), f"https://u:p@a.example/{n}", ask) for n in range(20)]
        answers = ask_all(wanted, MINUTE)
        assert len(asked) <= PER_HOST
        assert {type(each) for each in answers.values()} == {ThrottledError}

    def test_one_that_says_nothing_is_not_asked_for_the_rest(self):
        asked = []

        def ask():
            asked.append(1)
            raise TransientError("no answer in time")

        ask_all([(uuid4(), f"https://a.example/{n}", ask) for n in range(20)], MINUTE)
        assert len(asked) < 6

    def test_who_is_slow_holds_up_nobody(self):
        over = threading.Event()
        slow, fast, broken = uuid4(), uuid4(), uuid4()

        def fail():
            raise PayloadError("garbage")

        wanted = [
            (slow, "https://slow.example/", lambda: over.wait(20)),
            (fast, "https://fast.example/", lambda: "fast"),
            (broken, "https://broken.example/", fail),
        ]
        answers = ask_all(wanted, timedelta(seconds=0.3))
        over.set()
        assert answers[fast] == "fast"
        assert isinstance(answers[broken], PayloadError)
        assert isinstance(answers[slow], TransientError)

    def test_a_mistake_of_ours_is_not_taken_for_theirs(self):
        with pytest.raises(ZeroDivisionError):
            ask_all([(uuid4(), "https://a.example/", lambda: 1 / 0)], MINUTE)


class TestHubs:
    HUB = "https://hub.example/"

    @pytest.fixture
    def public(self, make_context):
        return make_context(public_url="https://stargazer.example")

    @pytest.mark.parametrize("form", ["rss", "atom", "json"])
    def test_the_hub_that_a_feed_names_is_asked(self, add, see, store, public, form):
        task = add("a", form=form, hub=self.HUB, items={})
        see(0, public)
        see(1, public)
        (lease,) = store.leases.list_all()
        url = task.params["url"]
        assert (lease.kind, lease.account) == ("feed", name_feed(url))
        assert (lease.hub, lease.topic) == (self.HUB, url)

    def test_one_that_names_none_any_more_is_not_followed(self, feeds, add, see, store, public):
        add("a", hub=self.HUB, items={})
        see(0, public)
        feeds.set("a", hub=None)
        see(1, public)
        (lease,) = store.leases.list_all()
        assert lease.state == LeaseState.REMOVED

    @pytest.fixture
    def push(self, context, celery_app, store):
        def push(url, minutes, *items, body=None):
            site = FeedSite(form="atom", items={item.id: item for item in items})
            at = NOW + minutes * MINUTE
            raw = write_feed(site, url) if body is None else body
            account = name_feed(url)
            told = Push(kind="feed", account=account, body=raw, received_at=at, published_at=at)
            before = len(store.events.list_latest(99))
            take_push(context, celery_app, told, at)
            return len(store.events.list_latest(99)) - before

        return push

    def test_what_is_pushed_is_told_once_whoever_says_it(self, feeds, add, see, push, remembered):
        task = add("a", form="atom", items={"1": {"id": "1"}})
        url = task.params["url"]
        see(0)
        validators = remembered(task).validators
        item = FeedItem(id="2", title="two", published_at=NOW + MINUTE)
        assert push(url, 2, item) == 1
        assert push(url, 3, item) == 0
        assert remembered(task).validators == validators
        feeds.publish("a", "2", title="two", published_at=NOW + MINUTE)
        # It is that of the push, which nobody had asked for yet.
        assert [event.fields["title"] for event in see(4)] == ["two"]
        assert see(5) == []

    def test_before_the_first_look_nothing_is_told(self, add, push):
        task = add("a", form="atom", items={})
        assert push(task.params["url"], 1, FeedItem(id="2", published_at=NOW)) == 0

    def test_a_push_comes_though_we_leave_the_feed_alone(self, add, see, push, simulator):
        task = add("a", form="atom", items={"1": {"id": "1"}})
        see(0)
        simulator.add_fault("feeds", status=500)
        see(1)
        assert push(task.params["url"], 2, FeedItem(id="2", published_at=NOW + MINUTE)) == 1

    def test_an_empty_push_and_garbage_say_nothing(self, add, see, push, watched):
        task = add("a", form="atom", items={"1": {"id": "1"}})
        see(0)
        assert push(task.params["url"], 1) == 0
        assert push(task.params["url"], 2, body=b"garbage") == 0
        assert watched(task).failures == 0


def test_no_log_and_no_error_holds_the_address(add, see, watched, feeds, simulator, caplog, store):
    feeds.set("a", status=500)
    task = add("b?token=sesame", items={})
    for fault in ({"status": 500}, {"drop": True}, {"body": "garbage"}, {"status": 410}):
        fault_id = simulator.add_fault("feeds", **fault)
        see(0)
        simulator.remove_fault(fault_id)
        assert "sesame" not in (watched(task).last_error or "")
        store.tasks.save_watch(task, task.watch)
    # What libraries log of addresses is not written; see tests/test_logs.py.
    ours = [each for each in caplog.records if each.name.startswith(("workers", "stargazer"))]
    assert ours
    assert "sesame" not in "".join(str(vars(each)) for each in ours)
    assert "sesame" not in "".join(alarm.reason for alarm in store.alarms.list_all())


def test_a_date_as_mail_has_it_is_read(feeds, add, see):
    add("a", items={})
    see(0)
    at = NOW + MINUTE
    date = format_datetime(at.astimezone())
    item = f"<item><guid>1</guid><pubDate>{date}</pubDate></item>"
    feeds.set("a", raw=f"<rss version='2.0'><channel>{item}</channel></rss>")
    (event,) = see(2)
    assert event.happened_at == at
