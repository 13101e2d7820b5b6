"""What all sources share, with a platform that answers as the test says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.alarms import raise_alarm
from stargazer.coordinator.schedule import list_due_times, schedule_now
from stargazer.errors import (
    BlockedError,
    GoneError,
    PayloadError,
    QuotaError,
    ThrottledError,
    TransientError,
)
from stargazer.models import SourceEvent, Task
from stargazer.windows import Window, compare_window
from workers.sources.contract import Verdict, Watcher, look

KIND = "youtube"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


class Post:
    published_at = None

    def __init__(self, item_id):
        self.item_id = item_id


class Place:
    """A platform: what it answers is set by the test."""

    def __init__(self):
        self.answer = {}
        self.asked = []
        self.watcher = Watcher(kind=KIND, memory=Window, fetch=self.fetch, compare=self.compare)

    def fetch(self, _context, known, _now):
        self.asked.append({each.task.id for each in known})
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def compare(self, task, window, seen, now):
        if isinstance(seen, str) and seen == "garbage":
            raise PayloadError("not JSON")
        window, new = compare_window(window, [Post(name) for name in seen], now)
        fields = {"video_id": "x", "title": "t", "url": "u", "published_at": "p"}
        return Verdict(
            window,
            tuple(
                SourceEvent.from_source(task, name, "youtube/new_video", now, fields)
                for name in new
            ),
        )


@pytest.fixture
def place():
    return Place()


@pytest.fixture
def tasks(store, context):
    found = [
        Task(entity=uuid4(), kind=KIND, params={"channel_id": f"UC{n}"}, created_at=NOW)
        for n in range(3)
    ]
    for task in found:
        store.tasks.save(task)
        schedule_now(context.redis, KIND, task.id)
    return found


@pytest.fixture
def see(context, celery_app, place, tasks, store):
    """Give a function that looks once at all Tasks, and returns what was told of which."""

    def see(answer, now=NOW):
        place.answer = answer
        before = {event.id for event in store.events.list_latest(100)}
        look(
            context, celery_app, place.watcher, store.tasks.list_by_ids([t.id for t in tasks]), now
        )
        new = (each for each in store.events.list_latest(100) if each.id not in before)
        return sorted((event.source_id, tasks.index(get(tasks, event.task))) for event in new)

    return see


def get(tasks, key):
    return next(task for task in tasks if task.id == key)


def all_see(tasks, *names):
    return {task.id: names for task in tasks}


def test_the_first_look_is_silent_and_the_second_tells_what_is_new(see, tasks):
    assert see(all_see(tasks, "a")) == []
    assert see({**all_see(tasks, "a"), tasks[1].id: ("b", "a")}, LATER) == [("b", 1)]
    assert see({**all_see(tasks, "a"), tasks[1].id: ("b", "a")}, LATER) == []


def test_one_that_fails_is_put_off_and_the_others_are_not(see, tasks, store, redis_client):
    assert see({**all_see(tasks, "a"), tasks[0].id: TransientError("HTTP 500")}) == []
    failed, fine, _ = (store.tasks.find(task.id).watch for task in tasks)
    assert (failed.failures, failed.last_error, failed.looked_at) == (1, "HTTP 500", None)
    assert (fine.failures, fine.looked_at) == (0, NOW)
    waits = list_due_times(redis_client, KIND, [task.id for task in tasks])
    assert waits[0] > 1 > waits[1]


def test_who_is_put_off_is_not_asked_for_before(see, tasks, place):
    see({**all_see(tasks, "a"), tasks[0].id: ThrottledError("HTTP 429", 600.0)})
    see(all_see(tasks, "a"), LATER)
    see(all_see(tasks, "a"), LATER + timedelta(minutes=5))
    assert [tasks[0].id in asked for asked in place.asked] == [True, False, True]


@pytest.mark.parametrize("answer", ["garbage", None], ids=["garbage", "left out"])
def test_an_answer_that_is_none_is_a_failure(see, tasks, store, answer):
    seen = {**all_see(tasks, "a"), tasks[2].id: answer}
    see({key: value for key, value in seen.items() if value is not None})
    assert store.tasks.find(tasks[2].id).watch.failures == 1


def test_an_account_that_is_gone_raises_one_alarm_and_its_return_ends_it(see, tasks, store):
    gone = {**all_see(tasks, "a"), tasks[0].id: GoneError("HTTP 410")}
    day = timedelta(days=1)
    see(gone)
    see(gone, NOW + day)
    (alarm,) = store.alarms.list_all()
    assert (alarm.key, alarm.raised_at, alarm.ended_at) == (f"gone:{tasks[0].id}", NOW, None)
    see(all_see(tasks, "a"), NOW + 2 * day)
    (alarm,) = store.alarms.list_all()
    assert alarm.ended_at == NOW + 2 * day


@pytest.mark.parametrize(
    ("error", "alarms"),
    [
        (ThrottledError("HTTP 429", 600.0), 0),
        (QuotaError("spent", 600.0), 1),
        (BlockedError("code -352", (600.0, 900.0)), 1),
    ],
    ids=["pace", "quota", "blocked"],
)
def test_a_platform_that_sends_us_away_is_left_alone(see, tasks, place, store, error, alarms):
    see(all_see(tasks, "a"))
    see(error, NOW + timedelta(seconds=1))
    see(all_see(tasks, "a"), LATER)
    assert len(place.asked) == 2
    assert store.tasks.find(tasks[0].id).watch.failures == 0
    assert len(store.alarms.list_all()) == alarms
    assert see(all_see(tasks, "b", "a"), LATER + timedelta(minutes=6)) == [
        ("b", 0),
        ("b", 1),
        ("b", 2),
    ]
    assert all(alarm.ended_at for alarm in store.alarms.list_all())


def test_passing_trouble_of_a_platform_slows_its_accounts_down(see, tasks, store):
    see(TransientError("HTTP 502"))
    assert [store.tasks.find(task.id).watch.failures for task in tasks] == [1, 1, 1]
    assert store.platforms.get(KIND).failures == 1
    see(all_see(tasks, "a"), LATER)
    assert store.platforms.get(KIND).failures == 0


def test_what_a_dead_worker_told_but_did_not_remember_is_not_told_twice(see, tasks, store, place):
    see(all_see(tasks, "a"))
    before = store.memories.list_known(Window, [task.id for task in tasks])
    assert len(see(all_see(tasks, "b", "a"), LATER)) == 3
    for task in tasks:
        store.memories.delete(task.id)
    store.memories.save({key: (memory, 0) for key, (memory, _) in before.items()})
    assert see(all_see(tasks, "b", "a"), LATER) == []


def test_a_worker_that_was_sent_away_is_believed_more_than_one_that_was_not(
    see, tasks, store, place
):
    """Both asked at the same moment, and the answer that is good came last."""
    blocked = store.platforms.get(KIND).model_copy(update={"paused_until": LATER, "pauses": 1})

    def fetch(_context, known, _now):
        store.platforms.save(blocked)
        raise_alarm(store, KIND, "code -352", NOW, kind=KIND)
        return {each.task.id: ("a",) for each in known}

    place.watcher = Watcher(kind=KIND, memory=Window, fetch=fetch, compare=place.compare)
    see({})
    assert store.platforms.get(KIND).paused_until == LATER
    assert store.alarms.list_all()[0].ended_at is None


def test_an_account_that_may_rest_is_left_alone_for_so_long(see, tasks, store, place, redis_client):
    rest = timedelta(hours=2)
    compare = place.compare

    def rests(*seen):
        return compare(*seen)._replace(rest=rest)

    place.watcher = replace(place.watcher, compare=rests)
    see(all_see(tasks, "a"))
    see(all_see(tasks, "b", "a"), LATER)
    assert len(place.asked) == 1
    watch = store.tasks.find(tasks[0].id).watch
    assert (watch.paused_until, watch.failures) == (NOW + rest, 0)
    assert min(list_due_times(redis_client, KIND, [task.id for task in tasks])) > 6800
    assert len(see(all_see(tasks, "b", "a"), NOW + rest)) == 3


def test_garbage_of_one_account_is_its_own_matter(see, tasks, store):
    see({**all_see(tasks, "a"), tasks[0].id: PayloadError("not JSON")})
    assert [store.tasks.find(task.id).watch.failures for task in tasks] == [1, 0, 0]
    assert store.platforms.get(KIND).failures == 0


def test_what_happened_while_an_account_was_paused_is_history(see, tasks, store):
    see(all_see(tasks, "a"))
    resumed = NOW + timedelta(minutes=4)
    store.tasks.save(store.tasks.find(tasks[0].id).model_copy(update={"created_at": resumed}))
    assert see(all_see(tasks, "b", "a"), LATER) == [("b", 1), ("b", 2)]
    assert len(see(all_see(tasks, "c", "b", "a"), LATER + timedelta(minutes=1))) == 3
