import json
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from pydantic import SecretStr

from stargazer.errors import CredentialsError, ThrottledError
from stargazer.models import Push, Task
from stargazer.simulator.twitch.world import CLIENT_ID, CLIENT_SECRET
from stargazer.twitch import CALLBACK, Twitch, TwitchSubscription
from workers.sources.bililive import BililiveMemory
from workers.sources.contract import look
from workers.sources.twitch.pushes import parse_notification, take_push
from workers.sources.twitch.subscriptions import Wish, keep_subscriptions, plan
from workers.sources.twitch.watch import WATCHER, TwitchMemory

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(settings, simulator):
    return settings.model_copy(
        update={
            "twitch_api_url": simulator.twitch.url,
            "twitch_auth_url": simulator.twitch.url,
            "twitch_client_id": CLIENT_ID,
            "twitch_client_secret": SecretStr(CLIENT_SECRET),
        }
    )


@pytest.fixture
def twitch(simulator):
    return simulator.twitch


@pytest.fixture
def add(store, twitch):
    """Give a function that makes accounts, and a Task for each."""

    def add(*keys):
        tasks = []
        for key in keys:
            twitch.set_account(key, login=f"login_{key}", name=f"Name {key}", title="T", game="G")
            params = {"login": f"login_{key}"}
            tasks.append(Task(entity=uuid4(), kind="twitch", params=params, created_at=NOW))
            store.tasks.save(tasks[-1])
        return tasks

    return add


@pytest.fixture
def told(store):
    """Give a function that returns what was told since it was last called, oldest first."""
    known = set()

    def told():
        new = [event for event in store.events.list_latest(500) if event.id not in known]
        known.update(event.id for event in new)
        new.sort(key=lambda event: (event.happened_at, event.kind))
        return [(event.kind.partition("/")[2], event.source_id.partition("@")[0]) for event in new]

    return told


@pytest.fixture
def see(context, celery_app, store):
    """Give a function that looks at all Tasks, so many minutes after noon."""

    def see(minutes):
        tasks = sorted(store.tasks.list_all(), key=lambda task: str(task.id))
        look(context, celery_app, WATCHER, tasks, NOW + minutes * MINUTE)

    return see


@pytest.fixture
def push(context, celery_app):
    """Give a function that works on a push about an account."""

    def push(kind, account, minutes, **event):
        body = {
            "subscription": {"type": kind},
            "event": {
                "broadcaster_user_id": account,
                "broadcaster_user_login": f"login_{account}",
                "broadcaster_user_name": f"Name {account}",
                **event,
            },
        }
        at = NOW + minutes * MINUTE
        raw = json.dumps(body).encode()
        received = Push(kind="twitch", account=account, body=raw, received_at=at, published_at=at)
        take_push(context, celery_app, received, at)

    return push


@pytest.fixture
def ask_one_that_answers(context, serve):
    """Give a function that gives a client of a Twitch which answers so to everything."""

    def ask(*answer):
        app = Flask("twitch")

        def say(path):
            return {"access_token": "t", "expires_in": 9} if "token" in path else answer

        app.add_url_rule("/<path:path>", view_func=say, methods=["GET", "POST"])
        url = serve(app)
        changes = {"twitch_api_url": url, "twitch_auth_url": url}
        return Twitch(context.http, context.settings.model_copy(update=changes))

    return ask


def online(key, started_minutes=0.0):
    at = NOW + started_minutes * MINUTE
    return {"id": key, "type": "live", "started_at": at.isoformat()}


def test_a_stream_that_is_on_at_the_first_look_is_not_told(add, twitch, see, told):
    add("1", "2")
    twitch.start("1", push=False)
    see(0)
    see(1)
    assert told() == []


def test_a_stream_is_told_when_it_begins_is_renamed_and_has_ended(add, twitch, see, told, store):
    add("1")
    see(0)
    key = twitch.start("1", push=False, started_at=NOW + MINUTE)
    see(2)
    (event,) = store.events.list_latest(9)
    assert event.kind == "twitch/live_start"
    assert event.fields == {
        "title": "T",
        "url": "https://www.twitch.tv/login_1",
        "author": "Name 1",
        "category": "G",
        "started_at": "2026-11-25T12:01:00+00:00",
        "picture": "https://pictures.invalid/login_1-1280x720.jpg",
        "x-translate-fields": ["/title"],
        "x-translate-from": "en",
        "language": "en",
    }
    assert (event.tags, event.happened_at) == (("translate",), NOW + MINUTE)
    told()
    twitch.set_account("1", title="U")
    see(3)
    see(4)
    assert told() == [("live_title", key)]
    (event,) = [each for each in store.events.list_latest(9) if each.kind.endswith("title")]
    assert (event.fields["title_before"], event.fields["title"]) == ("T", "U")
    twitch.stop("1", push=False)
    for minute in (5, 6, 7):
        see(minute)
    assert told() == []
    see(8)
    see(9)
    assert told() == [("live_end", key)]


def test_a_flap_is_one_start_and_no_end(add, twitch, see, push, told):
    """On; gone from the list 28 seconds later; on again 45 seconds after that."""
    add("1")
    see(0)
    push("stream.online", "1", 1, **online("9", 1))
    see(1 + 28 / 60)
    push("stream.online", "1", 1 + 73 / 60, **online("10", 1 + 73 / 60))
    twitch.start("1", id="10", started_at=NOW + (1 + 73 / 60) * MINUTE, push=False)
    for minute in range(3, 9):
        see(minute)
    assert told() == [("live_start", "9")]


def test_the_push_and_the_look_are_two_witnesses_of_one_stream(add, twitch, see, push, told):
    add("1")
    see(0)
    twitch.start("1", id="9", started_at=NOW + MINUTE, push=False)
    push("stream.online", "1", 1, **online("9", 1))
    push("stream.online", "1", 1, **online("9", 1))
    see(2)
    twitch.stop("1", push=False)
    push("stream.offline", "1", 30)
    see(31)
    see(34)
    assert told() == [("live_start", "9"), ("live_end", "9")]
    # It comes late, and says what everybody knows.
    push("stream.online", "1", 35, **online("9", 1))
    see(36)
    see(40)
    assert told() == []


def test_a_push_asks_for_the_title_and_does_without_it(add, simulator, see, push, store, told):
    add("1", "2")
    see(0)
    push("stream.online", "1", 1, **online("9", 1))
    simulator.add_fault("twitch", status=500)
    push("stream.online", "2", 2, **online("8", 2))
    titles = {event.source_id: event.fields["title"] for event in store.events.list_latest(9)}
    assert titles == {"9": "T", "8": ""}
    simulator.clear_faults()
    simulator.twitch.start("2", id="8", started_at=NOW + 2 * MINUTE, push=False)
    told()
    see(3)
    assert told() == []


@pytest.mark.parametrize("kind", ["rerun", "watch_party", "premiere", "playlist"])
def test_what_is_not_live_is_not_told(add, see, push, told, kind):
    add("1")
    see(0)
    push("stream.online", "1", 1, **(online("9", 1) | {"type": kind}))
    assert told() == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event": 5}', b'{"subscription": {}}'])
def test_a_push_that_is_none_is_dropped(context, celery_app, store, body):
    push = Push(kind="twitch", account="1", body=body, received_at=NOW, published_at=NOW)
    take_push(context, celery_app, push, NOW)
    assert store.events.list_latest(9) == []


def test_the_same_number_on_another_platform_is_somebody_else(add, see, push, told, store):
    add("1")
    see(0)
    other = Task(entity=uuid4(), kind="bililive", params={"uid": "1"}, created_at=NOW)
    store.tasks.save(other)
    store.memories.save({other.id: (BililiveMemory(account="1", room=5), 0)})
    push("stream.online", "1", 1, **online("9", 1))
    assert told() == [("live_start", "9")]


def test_a_login_that_changes_loses_nothing(add, twitch, see, told, store):
    (task,) = add("1")
    see(0)
    twitch.set_account("1", login="new_login")
    twitch.start("1", id="9", push=False, started_at=NOW + MINUTE)
    see(2)
    assert told() == [("live_start", "9")]
    (event,) = store.events.list_latest(9)
    assert event.fields["url"] == "https://www.twitch.tv/new_login"
    twitch.stop("1", push=False)
    twitch.set_account("1", login="newer_login")
    see(24 * 60 + 1)
    memory, _ = store.memories.list_known(TwitchMemory, [task.id])[task.id]
    assert memory.login == "newer_login"


def test_an_account_that_is_gone_is_told_to_the_operator(add, twitch, see, store):
    here, banned, never = add("1", "2", "3")
    twitch.ban("3")
    see(0)
    twitch.ban("2")
    see(24 * 60 + 1)
    watches = [store.tasks.find(task.id).watch for task in (here, banned, never)]
    assert [watch.gone for watch in watches] == [False, True, True]
    assert {alarm.key for alarm in store.alarms.list_all()} == {
        f"gone:{banned.id}",
        f"gone:{never.id}",
    }


def test_all_streams_at_once_are_not_over_at_the_first_word(add, twitch, see, told, store):
    add(*"1234")
    see(0)
    for key in "1234":
        twitch.start(key, id=f"s{key}", push=False, started_at=NOW + MINUTE)
    see(2)
    told()
    for key in "1234":
        twitch.start(key, listed=False, push=False)
    see(10)
    assert "missing at once" in store.platforms.get("twitch").last_error
    for key in "1234":
        twitch.start(key, listed=True, push=False)
    see(200)
    assert told() == []


def test_all_streams_at_once_are_over_when_it_is_said_again_and_again(
    add, twitch, see, told, store
):
    add(*"123")
    for key in "123":
        twitch.start(key, id=f"s{key}", push=False, started_at=NOW)
    see(0)
    for key in "123":
        twitch.stop(key, push=False)
    for hour in range(1, 9):
        see(60 * hour + 5 * hour)
    assert sorted(told()) == [("live_end", f"s{key}") for key in "123"]


def test_a_hundred_accounts_cost_one_request(add, see, simulator):
    add(*map(str, range(230)))
    see(0)
    see(1)
    asked = [each["method"] for each in simulator.journal(target="twitch")]
    assert asked.count("users") == 3
    assert asked.count("streams") == 6
    assert simulator.counters()["limit_breaks"] == {}


def test_a_token_that_was_taken_back_is_replaced(add, see, twitch, simulator, store):
    add("1")
    see(0)
    twitch.take_tokens_back()
    see(1)
    assert store.platforms.get("twitch").failures == 0
    assert [each["status"] for each in simulator.journal(target="twitch")].count(401) == 1


def test_a_wrong_secret_is_one_alarm_and_is_not_told_in_any_log(
    make_context, settings, celery_app, add, store, caplog
):
    (task,) = add("1")
    context = make_context(twitch_client_secret=SecretStr("sesame-sesame"), twitch_client_id="x")
    for minute in (0, 20):
        look(context, celery_app, WATCHER, [task], NOW + minute * MINUTE)
    (alarm,) = store.alarms.list_all()
    assert alarm.key == "twitch"
    assert "sesame" not in caplog.text + alarm.reason


def test_without_an_app_nobody_is_asked(make_context, celery_app, add, store, simulator):
    tasks = add("1")
    context = make_context(twitch_client_secret=SecretStr(""))
    look(context, celery_app, WATCHER, tasks, NOW)
    assert simulator.journal(target="twitch") == []
    assert store.alarms.list_all() == []


def test_too_many_requests_wait_as_long_as_twitch_says(ask_one_that_answers):
    reset = {"Ratelimit-Reset": str(int(time.time()) + 40)}
    with pytest.raises(ThrottledError) as caught:
        ask_one_that_answers({}, 429, reset).list_users(ids=["1"])
    assert 30 < caught.value.retry_after <= 40


def test_a_token_that_is_never_right_is_the_operators_matter(ask_one_that_answers):
    with pytest.raises(CredentialsError):
        ask_one_that_answers({}, 401).list_users(ids=["1"])


class TestSubscriptions:
    CALL = f"https://stargazer.example{CALLBACK}"

    def make(self, key, kind="stream.online", account="1", status="enabled", call=CALL, age=0):
        return TwitchSubscription.model_validate(
            {
                "id": key,
                "type": kind,
                "status": status,
                "condition": {"broadcaster_user_id": account},
                "transport": {"callback": call},
                "created_at": (NOW - age * MINUTE).isoformat(),
            }
        )

    @pytest.mark.parametrize(
        ("fields", "is_missing", "is_surplus"),
        [
            ({}, False, False),
            ({"status": "webhook_callback_verification_pending", "age": 2}, False, False),
            ({"status": "webhook_callback_verification_pending", "age": 20}, True, True),
            ({"status": "notification_failures_exceeded"}, True, True),
            ({"status": "authorization_revoked"}, True, True),
            ({"account": "2"}, True, True),
            ({"kind": "channel.update"}, True, True),
            ({"call": "https://elsewhere.example/push/twitch"}, True, False),
        ],
        ids=["good", "just asked", "never verified", "failed", "revoked", "nobody's", "other type",
             "somebody else's"],
    )  # fmt: skip
    def test_what_is_missing_and_what_is_of_no_use(self, fields, is_missing, is_surplus):
        wish = Wish("stream.online", "1")
        due = plan({wish}, [self.make("a", **fields)], self.CALL, NOW)
        assert due.missing == (wish,) * is_missing
        assert due.surplus == ("a",) * is_surplus

    def test_the_second_of_two_is_of_no_use(self):
        wish = Wish("stream.online", "1")
        due = plan({wish}, [self.make("a"), self.make("b")], self.CALL, NOW)
        assert due == ((), ("b",))

    def test_each_account_is_subscribed_to_once_and_given_up_with_its_task(
        self, make_context, add, see, twitch, store
    ):
        context = make_context(public_url="http://127.0.0.1:9")
        one, _two = add("1", "2")
        see(0)
        keep_subscriptions(context, NOW)
        first = {each["id"] for each in twitch.subscriptions()}
        assert len(first) == 4
        keep_subscriptions(context, NOW)
        store.tasks.delete(one.id)
        store.memories.delete(one.id)
        keep_subscriptions(context, NOW)
        assert {each["condition"]["broadcaster_user_id"] for each in twitch.subscriptions()} == {
            "2"
        }

    def test_an_address_that_twitch_refuses_is_one_alarm_until_it_is_another(
        self, make_context, add, see, store
    ):
        add("1")
        see(0)
        for _ in range(2):
            keep_subscriptions(make_context(public_url="http://stargazer.example"), NOW)
        (alarm,) = store.alarms.list_all()
        assert "callback must be https" in alarm.reason
        keep_subscriptions(make_context(public_url="http://127.0.0.1:9"), NOW)
        assert store.alarms.list_all()[0].ended_at == NOW

    def test_without_a_public_address_nothing_is_asked(self, context, add, see, twitch):
        add("1")
        see(0)
        keep_subscriptions(context, NOW)
        assert twitch.subscriptions() == []


class TestRecorded:
    def test_streams(self, recorded, ask_one_that_answers):
        twitch = ask_one_that_answers(json.loads(recorded("twitch/helix_streams.json")), 200)
        (stream,) = twitch.list_streams(["98765"])
        assert (stream.id, stream.user_login, stream.type) == (
            "123456789",
            "sandysanderman",
            "live",
        )
        assert stream.started_at == datetime(2021, 3, 10, 15, 4, 21, tzinfo=UTC)

    def test_pushes(self, recorded):
        on = parse_notification(recorded("twitch/eventsub_stream_online.json"))
        assert (on.event.id, on.tells_nothing) == ("9001", False)
        off = parse_notification(recorded("twitch/eventsub_stream_offline.json"))
        assert (off.event.broadcaster_user_id, off.tells_nothing) == ("1337", False)
