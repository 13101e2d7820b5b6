"""Reading channels whose feeds fail."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from stargazer.coordinator.schedule import schedule_now
from stargazer.models import Task, Watch
from workers.sources.youtube.fallback import (
    choose_span,
    is_outage,
    needs_confirmation,
    needs_uploads,
)
from workers.sources.youtube.watch import YouTubeWatch

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("failed", "asked", "outage"),
    [(0, 200, False), (159, 200, False), (160, 200, True), (4, 4, False), (5, 5, True)],
)
def test_when_it_is_the_platform_that_fails(failed, asked, outage):
    assert is_outage(failed, asked) is outage


@pytest.mark.parametrize(
    ("failing", "units", "span"),
    [
        (1, 10_000, 30 * MINUTE),
        (100, 10_000, 30 * MINUTE),
        (1000, 10_000, 4.8 * HOUR),
        (1000, 20_000, 2.4 * HOUR),
        (5, 0, timedelta.max),
    ],
)
def test_how_often_lists_of_uploads_are_read(failing, units, span):
    assert choose_span(failing, units) == span


def test_all_that_fail_for_a_day_stay_within_half_of_the_units():
    span = choose_span(1000, 10_000)
    assert 1000 * timedelta(days=1) / span <= 5000


@pytest.mark.parametrize(
    ("watch", "uploads", "confirmation"),
    [
        (Watch(failures=1), False, False),
        (Watch(failures=2), True, False),
        (Watch(failures=3), True, True),
        (Watch(failures=3, fallback_at=NOW - HOUR), False, True),
        (Watch(failures=3, fallback_at=NOW - 2 * HOUR), True, True),
        (Watch(failures=3, confirmed_at=NOW - 5 * HOUR), True, False),
        (Watch(failures=3, confirmed_at=NOW - 6 * HOUR), True, True),
        (Watch(failures=3, gone=True, confirmed_at=NOW), False, True),
    ],
    ids=["first", "second", "third", "read", "read long ago", "confirmed", "confirmed long ago",
         "gone"],
)  # fmt: skip
def test_who_else_is_asked_of_a_channel_whose_feed_fails(watch, uploads, confirmation):
    assert needs_uploads(watch, 2 * HOUR, NOW) is uploads
    assert needs_confirmation(watch, NOW) is confirmation


class Scene:
    def __init__(self, app, context, store, simulator):
        self.app, self.context, self.store, self.simulator = app, context, store, simulator
        self.tasks = []

    def add(self, count=1, *, is_there=True):
        for _ in range(count):
            channel = f"UC{len(self.tasks):022d}"
            if is_there:
                self.simulator.set_channel(channel, title="A")
            params = {"channel_id": channel}
            task = Task(entity=uuid4(), kind="youtube", params=params, created_at=NOW)
            self.store.tasks.save(task)
            schedule_now(self.context.redis, "youtube", task.id)
            self.tasks.append(task)

    def publish(self, number, video_id, at):
        channel = self.tasks[number].params["channel_id"]
        fields = {"channel_id": channel, "title": "A", "published_at": at}
        self.simulator.set_video(video_id, push=False, **fields)

    def poll(self, at):
        found = [
            task
            for task in self.store.tasks.list_by_ids([task.id for task in self.tasks])
            # As the schedule does with one that is gone.
            if not (task.watch.gone and task.watch.paused_until > at)
        ]
        YouTubeWatch(self.app, self.context, at).poll(found)

    def watch(self, number=0):
        return self.store.tasks.find(self.tasks[number].id).watch

    @property
    def told(self):
        return sorted(event.fields["video_id"] for event in self.store.events.list_all())

    @property
    def alarms(self):
        alarms = self.store.alarms.list_all()
        return {alarm.key for alarm in alarms if alarm.ended_at is None}

    def count(self, method):
        return [each["method"] for each in self.simulator.journal(target="api")].count(method)


@pytest.fixture
def scene(celery_app, make_context, store, simulator):
    context = make_context(youtube_poll_interval=5 * MINUTE)
    return Scene(celery_app, context, store, simulator)


def test_the_list_of_uploads_stands_in_for_a_feed_that_fails(scene):
    scene.add()
    scene.poll(NOW)
    scene.simulator.add_fault("feed", status=404)
    scene.publish(0, "v1", NOW + MINUTE)
    scene.poll(NOW + 5 * MINUTE)
    assert scene.told == []
    scene.poll(NOW + 15 * MINUTE)
    scene.poll(NOW + 20 * MINUTE)
    assert scene.told == ["v1"]
    assert scene.count("playlistItems") == 1
    scene.simulator.clear_faults()
    scene.poll(NOW + HOUR)
    assert scene.told == ["v1"]
    assert scene.watch().failures == 0


def test_a_channel_that_is_there_is_no_alarm_however_long_its_feed_fails(scene):
    scene.add()
    scene.simulator.add_fault("feed", status=404)
    for hour in range(24):
        scene.poll(NOW + hour * HOUR)
    assert scene.alarms == set()
    assert not scene.watch().gone
    assert scene.count("channels") == 4


def test_a_channel_that_is_gone_is_one_alarm_and_is_looked_for_once_a_day(scene):
    scene.add(is_there=False)
    for minute in range(0, 60, 5):
        scene.poll(NOW + minute * MINUTE)
    watch = scene.watch()
    assert watch.gone
    assert watch.paused_until - watch.failed_at == timedelta(days=1)
    assert scene.alarms == {f"gone:{scene.tasks[0].id}"}
    assert scene.count("channels") == 1
    channel = scene.tasks[0].params["channel_id"]
    scene.simulator.set_channel(channel, title="Back")
    scene.simulator.add_fault("feed", status=500)
    scene.poll(NOW + timedelta(days=2))
    assert scene.alarms == set()
    assert not scene.watch().gone
    scene.simulator.clear_faults()
    scene.poll(NOW + timedelta(days=3))
    assert scene.watch().failures == 0


def test_when_all_feeds_fail_it_is_one_alarm_and_nobody_is_put_off_for_long(scene):
    scene.add(12)
    scene.poll(NOW)
    scene.simulator.add_fault("feed", status=500)
    for minute in range(5, 125, 5):
        scene.poll(NOW + minute * MINUTE)
    assert scene.alarms == {"youtube"}
    watch = scene.watch(3)
    assert watch.paused_until - watch.failed_at == 10 * MINUTE
    scene.simulator.clear_faults()
    scene.poll(NOW + 130 * MINUTE)
    assert scene.alarms == set()


def test_without_a_key_there_is_nothing_else_to_ask(scene, make_context):
    scene.context = make_context(youtube_api_key=SecretStr(""), youtube_poll_interval=5 * MINUTE)
    scene.add(is_there=False)
    for minute in range(0, 60, 5):
        scene.poll(NOW + minute * MINUTE)
    assert not scene.watch().gone
    assert scene.simulator.journal(target="api") == []
