import json
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from stargazer.errors import PayloadError
from stargazer.models import Task
from stargazer.simulator.twitter.world import TOKEN
from stargazer.twitter.spending import list_budgets
from stargazer.twitter.tweets import parse_page
from workers.sources.contract import look
from workers.sources.twitter import WATCHER, TwitterMemory

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(settings, simulator):
    return settings.model_copy(
        update={
            "twitter_api_url": simulator.twitter.url,
            "twitter_token": SecretStr(TOKEN),
            "twitter_daily_dollars": 0.0,
            "twitter_monthly_dollars": 0.0,
        }
    )


@pytest.fixture
def twitter(simulator):
    return simulator.twitter


@pytest.fixture
def add(store, twitter):
    def add(*keys):
        tasks = []
        for key in keys:
            twitter.set_account(key, username=f"Name_{key}", name=f"The {key}")
            params = {"id": f"name_{key}"}
            tasks.append(Task(entity=uuid4(), kind="twitter", params=params, created_at=NOW))
            store.tasks.save(tasks[-1])
        return tasks

    return add


@pytest.fixture
def see(context, celery_app, store):
    def see(minutes, by=None):
        tasks = sorted(store.tasks.list_all(), key=lambda task: task.params["id"])
        look(by or context, celery_app, WATCHER, tasks, NOW + minutes * MINUTE)

    return see


@pytest.fixture
def told(store):
    known = set()

    def told():
        new = [event for event in store.events.list_latest(500) if event.id not in known]
        known.update(event.id for event in new)
        new.sort(key=lambda event: (event.happened_at, event.source_id))
        return [f"{event.kind.partition('/')[2]} {event.source_id}" for event in new]

    return told


@pytest.fixture
def say(twitter):
    """Give a function that tweets, so many minutes after noon."""

    def say(author="1", minutes=0.0, text="hello", **fields):
        return twitter.tweet(author, NOW + minutes * MINUTE, text, **fields)

    return say


@pytest.fixture
def by_list(make_context, twitter):
    """Give the Context of an operator who reads a list."""
    twitter.set_list("77", ["1", "2"])
    return make_context(twitter_list="77")


@pytest.mark.parametrize("way", ["timelines", "list"])
class TestEitherWay:
    @pytest.fixture
    def see(self, see, way, by_list):
        return lambda minutes: see(minutes, by_list if way == "list" else None)

    def test_what_was_there_is_silent_and_what_is_new_is_told_once(self, add, say, see, told):
        add("1", "2")
        say("1", -60)
        see(0)
        see(1)
        assert told() == []
        first, second = say("1", 2), say("2", 3)
        see(4)
        see(5)
        assert told() == [f"new_tweet {first}", f"new_tweet {second}"]

    def test_an_edit_is_no_new_tweet(self, add, say, see, told):
        add("1")
        see(0)
        first = say("1", 1, "wrnog")
        see(2)
        say("1", 3, "wrong", history=[first])
        see(4)
        assert told() == [f"new_tweet {first}"]

    def test_replies_are_left_out(self, add, say, see, told):
        add("1")
        see(0)
        say("1", 1, "@x yes", references=[{"type": "replied_to", "id": "5"}])
        see(2)
        assert told() == []

    def test_gone_and_back_is_nothing_new(self, add, say, see, told, twitter):
        add("1")
        see(0)
        key = say("1", 1)
        see(2)
        twitter.remove(key)
        see(3)
        say("1", 1)
        see(4)
        assert told() == [f"new_tweet {key}"]

    @pytest.mark.parametrize("dialect", ["legacy", "new"])
    def test_both_dialects_are_read(self, add, say, see, store, twitter, dialect):
        add("1", "2")
        twitter.set_state(dialect=dialect)
        see(0)
        original = say("2", -600, "theirs, whole " + "x" * 300)
        retweet = say(
            "1",
            1,
            "RT @name_2: theirs, wh…",
            references=[{"type": "retweeted", "id": original}],
            extra={"note_tweet": {"text": "cut"}},
        )
        see(2)
        [event] = store.events.list_latest(9)
        assert (event.kind, event.source_id) == ("twitter/retweet", retweet)
        assert event.fields["text"].startswith("theirs, whole")
        assert event.fields["original"]["author"] == "The 2"
        assert event.fields["original"]["url"] == f"https://x.com/Name_2/status/{original}"

    def test_an_empty_answer_hides_nothing(self, add, say, see, told, twitter):
        add("1")
        see(0)
        first = say("1", 1)
        see(2)
        twitter.remove(first)
        see(3)
        second = say("1", 4)
        see(5)
        assert told() == [f"new_tweet {first}", f"new_tweet {second}"]


def test_a_tweet_is_told_with_all_it_has(add, say, see, store, twitter):
    add("1", "2")
    twitter.set_media("m1", type="photo", url="https://pbs.test/1.jpg")
    twitter.set_media("m2", type="video", preview_image_url="https://pbs.test/2.jpg")
    quoted = say("2", -60, "quoted &amp; more")
    see(0)
    key = say(
        "1",
        1,
        "short &lt;3 https://t.co/a https://t.co/m",
        lang="ja",
        references=[{"type": "quoted", "id": quoted}],
        extra={
            "possibly_sensitive": True,
            "attachments": {"media_keys": ["m1", "m2"]},
            "entities": {
                "urls": [{"url": "https://t.co/m", "expanded_url": "x", "media_key": "m1"}]
            },
            "note_tweet": {
                "text": "long &lt;3 https://t.co/a https://t.co/m",
                "entities": {
                    "urls": [
                        {"url": "https://t.co/a", "expanded_url": "https://example.test/page"},
                        {
                            "url": "https://t.co/m",
                            "expanded_url": "https://x.com/name_1/status/9/photo/1",
                        },
                    ]
                },
            },
        },
    )
    see(2)
    [event] = store.events.list_latest(9)
    assert event.fields == {
        "text": "long <3 https://example.test/page",
        "url": f"https://x.com/Name_1/status/{key}",
        "author": "The 1",
        "published_at": "2026-11-25T12:01:00+00:00",
        "picture": "https://pbs.test/1.jpg",
        "pictures": ["https://pbs.test/1.jpg"],
        "video_previews": ["https://pbs.test/2.jpg"],
        "quoted": {
            "author": "The 2",
            "text": "quoted & more",
            "url": f"https://x.com/Name_2/status/{quoted}",
            "pictures": [],
        },
        "sensitive": True,
        "x-translate-fields": ["/text", "/quoted/text"],
        "x-translate-from": "ja",
        "language": "ja",
    }
    assert event.tags == ("translate",)


@pytest.mark.parametrize("language", ["und", "zxx", "qme", ""])
def test_what_is_no_language_is_found_out_by_the_translator(add, say, see, store, language):
    add("1")
    see(0)
    say("1", 1, lang=language)
    see(2)
    [event] = store.events.list_latest(9)
    assert "x-translate-from" not in event.fields
    assert event.fields["x-translate-fields"] == ["/text"]


class TestAccounts:
    def test_a_hundred_are_found_with_one_request_and_the_first_look_reads_none(
        self, add, see, simulator
    ):
        add(*map(str, range(1, 151)))
        see(0)
        asked = simulator.journal(target="twitter")
        assert [(each["method"], each["names"]) for each in asked] == [
            ("users_by", 100),
            ("users_by", 50),
        ]
        assert simulator.counters()["limit_breaks"] == {}

    def test_a_name_that_changes_loses_nothing(self, add, say, see, store, twitter):
        (task,) = add("1")
        see(0)
        twitter.set_account("1", username="Other")
        say("1", 1)
        see(2)
        assert len(store.events.list_latest(9)) == 1
        see(8 * 24 * 60)
        memory, _ = store.memories.list_known(TwitterMemory, [task.id])[task.id]
        assert memory.username == "Other"

    @pytest.mark.parametrize(
        ("fields", "said", "gone"),
        [
            ({"problem": "Forbidden: suspended"}, "suspended", True),
            ({"username": "elsewhere"}, "Not Found", True),
            ({"protected": True}, "protected", False),
        ],
        ids=["suspended", "nobody", "protected"],
    )
    def test_one_that_cannot_be_read_is_told_in_its_status(
        self, add, see, store, twitter, fields, said, gone
    ):
        here, other = add("1", "2")
        twitter.set_account("2", **fields)
        see(0)
        watch = store.tasks.find(other.id).watch
        assert said in watch.last_error
        assert watch.gone is gone
        assert store.tasks.find(here.id).watch.failures == 0


class TestMoney:
    @pytest.fixture
    def poor(self, make_context):
        return make_context(twitter_daily_dollars=0.2, twitter_monthly_dollars=0.3)

    def list_spent(self, context, minutes=0):
        return [budget.spent for budget in list_budgets(context, NOW + minutes * MINUTE)]

    def test_what_is_read_is_paid_for_and_no_more(self, add, say, see, poor):
        add("1")
        see(0, poor)
        assert self.list_spent(poor) == [10, 10]
        say("1", 1)
        say("1", 2)
        see(3, poor)
        see(4, poor)
        assert self.list_spent(poor) == [20, 20]

    def test_a_budget_that_is_spent_stops_the_platform_with_one_alarm(
        self, add, say, see, poor, store, simulator
    ):
        add("1")
        see(0, poor)
        for number in range(60):
            say("1", 1, number=number)
        see(2, poor)
        see(3, poor)
        assert self.list_spent(poor)[0] <= 200
        (alarm,) = store.alarms.list_all()
        assert "the day's budget is spent" in alarm.reason
        before = len(simulator.journal(target="twitter"))
        see(4, poor)
        assert len(simulator.journal(target="twitter")) == before
        # The next day, and then the month's is spent as well.
        see(24 * 60, poor)
        see(24 * 60 + 5, poor)
        assert self.list_spent(poor)[1] <= 300
        assert self.list_spent(poor, 24 * 60)[0] <= 100
        assert "the month's budget is spent" in store.alarms.list_all()[0].reason

    def test_what_failed_costs_nothing(self, add, see, poor, simulator):
        add("1")
        simulator.add_fault("twitter", status=503)
        see(0, poor)
        assert self.list_spent(poor) == [0, 0]

    @pytest.mark.parametrize(
        ("problem", "said"), [("payment", "has to be paid for"), ("capped", "reads no more")]
    )
    def test_an_account_at_x_that_is_closed_is_one_alarm(
        self, add, see, store, twitter, simulator, problem, said
    ):
        add("1")
        see(0)
        twitter.set_state(problem=problem)
        see(1)
        see(60)
        (alarm,) = store.alarms.list_all()
        assert said in alarm.reason
        assert len(simulator.journal(target="twitter")) == 2
        twitter.set_state(problem=None)
        see(25 * 60)
        assert store.alarms.list_all()[0].ended_at is not None


class TestTrouble:
    def test_when_no_request_is_left_nobody_asks_until_the_reset(
        self, add, say, see, twitter, simulator, context, told
    ):
        add("1", "2")
        see(0)
        twitter.set_state(remaining=1, reset=time.time() + 300)
        first, second = say("1", 1), say("2", 1, number=1)
        see(2)
        assert told() == [f"new_tweet {first}"]
        assert simulator.counters()["limit_breaks"] == {}
        # It is known that it would be refused, so it is not even asked.
        see(3)
        assert simulator.counters()["limit_breaks"] == {}
        twitter.set_state(remaining=None)
        context.redis.delete("stargazer:twitter:closed:users/:id/tweets")
        see(30)
        assert told() == [f"new_tweet {second}"]

    def test_a_429_waits_for_the_reset(self, add, see, twitter, store):
        add("1")
        see(0)
        twitter.set_state(remaining=0, reset=time.time() + 300)
        see(1)
        state = store.platforms.get("twitter")
        assert 200 < (state.paused_until - NOW - MINUTE).total_seconds() <= 310
        assert store.alarms.list_all() == []

    def test_one_that_does_not_let_us_is_slowed_down_alone(self, add, see, twitter, store):
        here, other = add("1", "2")
        see(0)
        twitter.set_account("2", protected=True)
        see(1)
        assert "does not let us" in store.tasks.find(other.id).watch.last_error
        assert store.tasks.find(here.id).watch.failures == 0
        assert store.platforms.get("twitter").failures == 0

    def test_a_wrong_token_is_one_alarm_and_is_told_nowhere(
        self, add, see, make_context, store, caplog
    ):
        add("1")
        wrong = make_context(twitter_token=SecretStr("sesame"))
        for minute in (0, 20):
            see(minute, wrong)
        (alarm,) = store.alarms.list_all()
        assert "sesame" not in alarm.reason + caplog.text

    def test_without_a_token_nobody_is_asked(self, add, see, make_context, simulator, store):
        add("1")
        see(0, make_context(twitter_token=SecretStr("")))
        assert simulator.journal(target="twitter") == []
        assert store.alarms.list_all() == []


class TestList:
    def test_one_request_is_for_all(self, add, say, see, by_list, simulator, told):
        add("1", "2")
        see(0, by_list)
        keys = [say(author, 1, number=number) for number, author in enumerate("12")]
        simulator.clear_journal()
        see(2, by_list)
        assert told() == [f"new_tweet {key}" for key in keys]
        assert [each["method"] for each in simulator.journal(target="twitter")] == ["list_tweets"]

    def test_it_is_read_back_to_what_is_known(self, add, say, see, by_list, simulator, told):
        add("1")
        say("1", -60)
        see(0, by_list)
        for number in range(250):
            say("1", 20 + number / 100, number=number)
        simulator.clear_journal()
        see(30, by_list)
        assert len(told()) == 250
        assert [each["posts"] for each in simulator.journal(target="twitter")] == [100, 100, 51]


def test_recorded_tweets_are_read(recorded):
    page = parse_page(recorded("twitter_v2/users_tweets.json"))
    assert [tweet.item_id for tweet in page.tweets] == [
        "1565318587736285184",
        "1577730467436138524",
    ]
    assert page.next_token
    assert page.billed == 2


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"data": 5}', b'{"data": [{"text": "x"}]}', b'{"data": [{"id": "x"}]}']
)
def test_garbage_is_no_timeline(body):
    with pytest.raises(PayloadError):
        parse_page(body)


@given(st.text(), st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=4))
def test_whatever_a_text_holds_it_breaks_nothing(text, urls):
    body = {
        "data": [
            {
                "id": "1",
                "text": text,
                "entities": {"urls": [{"url": url, "expanded_url": to} for url, to in urls]},
            }
        ]
    }
    [tweet] = parse_page(json.dumps(body).encode()).tweets
    assert isinstance(tweet.text, str)
