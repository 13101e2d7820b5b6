import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask, Response, request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from stargazer.models import Task
from stargazer.simulator.bilibili.world import COOKIE
from workers.sources.bilibili import WATCHER
from workers.sources.bilibili.posts import read_posts
from workers.sources.contract import look

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(settings, simulator):
    return settings.model_copy(
        update={
            "bilibili_api_url": simulator.bilibili.url,
            "bilibili_cookie": SecretStr(COOKIE),
        }
    )


@pytest.fixture
def bilibili(simulator):
    return simulator.bilibili


@pytest.fixture
def add(store):
    def add(*uids):
        tasks = [
            Task(entity=uuid4(), kind="bilibili", params={"uid": uid}, created_at=NOW)
            for uid in uids
        ]
        for task in tasks:
            store.tasks.save(task)
        return tasks

    return add


@pytest.fixture
def see(context, celery_app, store):
    def see(minutes):
        look(context, celery_app, WATCHER, list(store.tasks.list_all()), NOW + minutes * MINUTE)

    return see


@pytest.fixture
def post(bilibili):
    """Give a function that posts, so many minutes after noon."""

    def post(key, uid="5", minutes=0.0, **fields):
        values = {"uid": int(uid), "name": f"Name {uid}", "text": f"text {key}"}
        bilibili.set_post(key, **{**values, "published_at": NOW + minutes * MINUTE, **fields})

    return post


@pytest.fixture
def told(store):
    known = set()

    def told():
        new = [event for event in store.events.list_latest(500) if event.id not in known]
        known.update(event.id for event in new)
        new.sort(key=lambda event: event.happened_at)
        return [f"{event.kind.partition('/')[2]} {event.source_id}" for event in new]

    return told


def test_posts_of_many_are_told_once_with_one_request(add, post, see, told, simulator):
    add("5", "6")
    post("1", "5", -60)
    post("2", "6", -50)
    see(0)
    assert told() == []
    post("3", "5", 1)
    post("4", "6", 2)
    post("9", "7", 2)
    see(3)
    see(4)
    assert told() == ["new_dynamic 3", "new_dynamic 4"]
    asked = [each["method"] for each in simulator.journal(target="bilibili")]
    assert asked.count("feed") == 3
    assert asked.count("relations") == 1


def test_what_is_put_in_between_edited_gone_and_back_or_pinned(add, post, bilibili, see, told):
    add("5")
    for number, minutes in (("1", -90), ("2", -60), ("3", -30)):
        post(number, minutes=minutes)
    post("0", minutes=-9999, pinned=True)
    see(0)
    post("between", minutes=-45)
    see(1)
    assert told() == ["new_dynamic between"]
    post("3", minutes=-30, text="edited")
    bilibili.remove_post("2")
    post("older", minutes=-200)
    see(2)
    post("2", minutes=-60)
    post("1", minutes=-90, pinned=True)
    see(3)
    assert told() == []


def test_all_pages_back_to_what_is_known_are_read(add, post, see, told, simulator):
    add("5")
    post("0", minutes=-60)
    see(0)
    for number in range(50):
        post(f"n{number}", minutes=20 + number / 10)
    see(30)
    assert len(told()) == 50
    offsets = [each["offset"] for each in simulator.journal(target="bilibili") if "offset" in each]
    assert offsets == [0, 0, 20, 40]
    see(31)
    assert told() == []


@pytest.mark.parametrize(
    ("fields", "kind", "expected"),
    [
        ({"text": "hi"}, "new_dynamic", {"text": "hi", "url": "https://t.bilibili.com/9"}),
        (
            {
                "type": "DYNAMIC_TYPE_DRAW",
                "text": "hi",
                "major": {"draw": {"items": [{"src": "http://i0.test/1.jpg"}, {"src": "//i/2"}]}},
            },
            "new_dynamic",
            {
                "pictures": ["https://i0.test/1.jpg", "https://i/2"],
                "picture": "https://i0.test/1.jpg",
            },
        ),
        (
            {
                "type": "DYNAMIC_TYPE_AV",
                "text": None,
                "major": {
                    "type": "MAJOR_TYPE_ARCHIVE",
                    "archive": {
                        "title": "歌",
                        "desc": "about",
                        "cover": "https://i/1",
                        "jump_url": "//www.bilibili.com/video/BV1",
                    },
                },
            },
            "new_video",
            {
                "title": "歌",
                "text": "about",
                "url": "https://www.bilibili.com/video/BV1",
                "picture": "https://i/1",
            },
        ),
        (
            {
                "type": "DYNAMIC_TYPE_ARTICLE",
                "text": None,
                "major": {
                    "opus": {
                        "title": "T",
                        "summary": {
                            "text": "S",
                            "rich_text_nodes": [
                                {"type": "RICH_TEXT_NODE_TYPE_TEXT", "text": "see "},
                                {
                                    "type": "RICH_TEXT_NODE_TYPE_WEB",
                                    "text": "网页链接",
                                    "jump_url": "//x.test/a",
                                },
                            ],
                        },
                        "pics": [{"url": "https://i/1"}],
                    }
                },
            },
            "new_dynamic",
            {"title": "T", "text": "see https://x.test/a", "pictures": ["https://i/1"]},
        ),
        (
            {
                "type": "DYNAMIC_TYPE_FORWARD",
                "text": "look",
                "original": {
                    "id_str": "1",
                    "type": "DYNAMIC_TYPE_WORD",
                    "modules": {
                        "module_author": {"mid": 1, "name": "X"},
                        "module_dynamic": {"desc": {"text": "theirs"}},
                    },
                },
            },
            "forward_dynamic",
            {
                "text": "look",
                "original": {
                    "author": "X",
                    "text": "theirs",
                    "url": "https://t.bilibili.com/1",
                    "pictures": [],
                },
                "x-translate-fields": ["/text", "/original/text"],
            },
        ),
        (
            {
                "type": "DYNAMIC_TYPE_FORWARD",
                "text": "look",
                "original": {
                    "id_str": None,
                    "type": "DYNAMIC_TYPE_NONE",
                    "modules": {
                        "module_dynamic": {"major": {"none": {"tips": "源动态已被作者删除"}}}
                    },
                },
            },
            "forward_dynamic",
            {
                "original": {
                    "author": "",
                    "text": "源动态已被作者删除",
                    "url": "",
                    "pictures": [],
                    "deleted": True,
                }
            },
        ),
        (
            {"type": "DYNAMIC_TYPE_OF_TOMORROW", "text": "?", "major": {"tomorrow": {"a": 1}}},
            "new_dynamic",
            {"text": "?"},
        ),
    ],
    ids=["words", "pictures", "video", "article", "forward", "forward of what is gone", "unknown"],
)
def test_each_form_of_post_is_told_with_what_it_has(add, post, see, store, fields, kind, expected):
    add("5")
    see(0)
    post("9", minutes=1, **fields)
    see(2)
    (event,) = store.events.list_latest(9)
    assert event.kind == f"bilibili/{kind}"
    assert {name: event.fields.get(name) for name in expected} == expected
    assert event.fields["author"] == "Name 5"
    assert event.happened_at == NOW + MINUTE


@pytest.mark.parametrize(
    "fields",
    [{"type": "DYNAMIC_TYPE_LIVE_RCMD"}, {"type": "DYNAMIC_TYPE_LIVE"}, {"visible": False}],
    ids=str,
)
def test_what_is_told_elsewhere_or_hidden_is_silent(add, post, see, told, fields):
    add("5")
    see(0)
    post("9", minutes=1, **fields)
    see(2)
    assert told() == []


def test_an_account_that_is_not_followed_is_told_in_its_status(add, bilibili, post, see, store):
    here, other = add("5", "6")
    bilibili.follow(["5"])
    see(0)
    assert store.tasks.find(here.id).watch.failures == 0
    assert "does not follow" in store.tasks.find(other.id).watch.last_error
    bilibili.follow(["5", "6"])
    see(60)
    assert store.tasks.find(other.id).watch.failures == 0


def test_a_hollow_success_is_trouble_and_hides_nothing(add, bilibili, post, see, told, store):
    add("5")
    post("1", minutes=-10)
    see(0)
    bilibili.set_hollow(True)
    post("2", minutes=1)
    see(2)
    assert "empty answer" in store.platforms.get("bilibili").last_error
    bilibili.set_hollow(False)
    see(60)
    assert told() == ["new_dynamic 2"]


@pytest.mark.parametrize("code", [-352, -412, -799])
def test_where_we_are_not_wanted_we_stay_away_and_say_since_when(
    add, post, see, simulator, store, told, code
):
    add("5")
    post("1", minutes=-10)
    see(0)
    simulator.add_fault("bilibili", code=code)
    see(1)
    state = store.platforms.get("bilibili")
    assert state.paused_since == NOW + MINUTE
    assert str(code) in state.last_error
    (alarm,) = store.alarms.list_all()
    assert (alarm.key, alarm.ended_at) == ("bilibili", None)
    simulator.clear_faults()
    post("2", minutes=1)
    see(200)
    assert told() == ["new_dynamic 2"]
    assert store.alarms.list_all()[0].ended_at is not None


def test_a_dead_cookie_is_one_alarm_and_is_told_nowhere(
    add, make_context, celery_app, store, caplog
):
    tasks = add("5")
    context = make_context(bilibili_cookie=SecretStr("sesame"))
    for minute in (0, 120):
        look(context, celery_app, WATCHER, tasks, NOW + minute * MINUTE)
    (alarm,) = store.alarms.list_all()
    assert "log in anew" in alarm.reason
    assert "sesame" not in alarm.reason + caplog.text


def test_without_a_cookie_nobody_is_asked(add, make_context, celery_app, simulator, store):
    tasks = add("5")
    look(make_context(bilibili_cookie=SecretStr("")), celery_app, WATCHER, tasks, NOW)
    assert simulator.journal(target="bilibili") == []
    assert store.alarms.list_all() == []


class TestFeedsOfEach:
    """Without an account of the operator's, by a feed of each account."""

    @pytest.fixture
    def server(self, serve):
        """Give a server of feeds, whose entries the test changes."""
        app = Flask("feeds")
        app.entries = {"5": [], "6": []}
        app.status = 200
        app.asked = []

        def show(uid):
            app.asked.append(uid)
            items = "".join(
                f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid>"
                f"<pubDate>{at:%a, %d %b %Y %H:%M:%S GMT}</pubDate></item>"
                for title, link, at in app.entries[uid]
            )
            body = f"<rss version='2.0'><channel><title>N{uid}</title>{items}</channel></rss>"
            response = Response(body, app.status, mimetype="application/rss+xml")
            response.add_etag()
            return response.make_conditional(request) if app.status == 200 else response

        app.add_url_rule("/user/<uid>", view_func=show)
        app.url = serve(app)
        return app

    @pytest.fixture
    def both(self, context, celery_app, store):
        """Give a function that looks by the account's own feed."""

        def both(minutes):
            at = NOW + minutes * MINUTE
            look(context, celery_app, WATCHER, list(store.tasks.list_all()), at)

        return both

    @pytest.fixture
    def see(self, make_context, celery_app, store, server):
        context = make_context(
            bilibili_cookie=SecretStr(""), bilibili_feed=f"{server.url}/user/{{uid}}"
        )

        def see(minutes):
            at = NOW + minutes * MINUTE
            look(context, celery_app, WATCHER, list(store.tasks.list_all()), at)

        return see

    def test_what_is_new_is_told_once(self, add, see, server, told, store):
        add("5", "6")
        server.entries["5"] = [("old", "https://t.bilibili.com/1", NOW - 60 * MINUTE)]
        see(0)
        server.entries["5"].insert(0, ("new", "https://t.bilibili.com/2", NOW + MINUTE))
        server.entries["6"] = [("歌", "https://www.bilibili.com/video/BV1", NOW + MINUTE)]
        see(2)
        see(3)
        kinds = sorted(each.split()[0] for each in told())
        assert kinds == ["new_dynamic", "new_video"]
        events = {event.kind: event for event in store.events.list_latest(9)}
        assert events["bilibili/new_dynamic"].source_id == "2"
        assert events["bilibili/new_dynamic"].fields["text"] == "new"
        assert events["bilibili/new_video"].fields["title"] == "歌"

    def test_who_changes_the_way_is_told_nothing_twice(self, add, post, server, see, told, both):
        add("5")
        server.entries["5"] = [("a", "https://t.bilibili.com/1", NOW - MINUTE)]
        see(0)
        server.entries["5"].insert(0, ("b", "https://t.bilibili.com/2", NOW + MINUTE))
        see(2)
        assert told() == ["new_dynamic 2"]
        post("1", minutes=-1)
        post("2", minutes=1)
        both(3)
        assert told() == []

    def test_a_server_in_trouble_is_one_trouble(self, add, see, server, store):
        add("5", "6")
        see(0)
        server.status = 503
        see(1)
        assert "none of 2 feeds can be read" in store.platforms.get("bilibili").last_error

    def test_an_empty_feed_where_there_was_something_is_not_believed(self, add, see, server, store):
        (task,) = add("5")
        server.entries["5"] = [("a", "https://t.bilibili.com/1", NOW - MINUTE)]
        see(0)
        server.entries["5"] = []
        see(1)
        assert "is empty" in store.tasks.find(task.id).watch.last_error


def test_recorded_posts_are_read(recorded):
    items = json.loads(recorded("bilibili/bilibili-new.json"))["data"]["items"]
    posts = read_posts(items)
    assert len(posts) == len(items)
    assert posts[0].is_pinned
    assert posts[1].uid == "161775300"
    assert all(post.published_at and (post.text or post.title) for post in posts)
    forward = next(post for post in posts if post.item_id == "917092495452536836")
    assert (forward.what, bool(forward.original)) == ("forward_dynamic", True)
    video = next(post for post in posts if post.item_id == "916750508666912773")
    assert (video.what, video.url.startswith("https://www.bilibili.com/video/BV")) == (
        "new_video",
        True,
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "modules", "module_author", "module_dynamic", "major", "desc",
                         "mid", "id_str", "opus", "draw", "items", "orig", "pub_ts", "archive"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(JSON, max_size=4))
def test_whatever_an_item_is_it_breaks_nothing(items):
    read_posts(items)
