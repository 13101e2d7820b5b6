"""Watching YouTube, with everything real but YouTube."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask, redirect
from pydantic import SecretStr

from stargazer.coordinator.schedule import schedule_now
from stargazer.errors import TransientError
from stargazer.models import BroadcastState, Push, Task
from workers.sources.youtube import take_push, work_on_push
from workers.sources.youtube.follow import follow
from workers.sources.youtube.watch import YouTubeWatch

CHANNEL = "UC" + "a" * 22
OTHER = "UC" + "b" * 22
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NEW_VIDEO = "youtube/new_video"
SCHEDULED = "youtube/broadcast_scheduled"
LIVE_START = "youtube/live_start"
LIVE_END = "youtube/live_end"
CANCELLED = "youtube/broadcast_cancelled"
REMINDER = "youtube/broadcast_reminder"


def make_push(*video_ids, channel=CHANNEL, title="A title"):
    entries = "".join(
        f"<entry><yt:videoId>{video_id}</yt:videoId><yt:channelId>{channel}</yt:channelId>"
        f"<title>{title}</title><published>{datetime.now(UTC).isoformat()}</published></entry>"
        for video_id in video_ids
    )
    return (
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
        f' xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'
    ).encode()


class Scene:
    """One Task that watches one simulated channel."""

    def __init__(self, app, context, store, simulator):
        self.app = app
        self.context = context
        self.store = store
        self.simulator = simulator
        simulator.set_channel(CHANNEL, title="Sora")
        # What YouTube says of times has whole seconds.
        self.created_at = datetime.now(UTC).replace(microsecond=0)
        self.task = self.add_task()

    def add_task(self, **fields):
        values = {"entity": uuid4(), "kind": "youtube", "params": {"channel_id": CHANNEL}}
        task = Task(**{**values, "created_at": self.created_at, **fields})
        self.store.tasks.save(task)
        return task

    def set_video(self, video_id="v1", *, push=False, **fields):
        fields = {"channel_id": CHANNEL, "title": "A title", **fields}
        self.simulator.set_video(video_id, push=push, **fields)

    def watch(self, context=None, now=None):
        return YouTubeWatch(self.app, context or self.context, now or datetime.now(UTC))

    def poll(self, *tasks, **options):
        tasks = [self.store.tasks.find(task.id) for task in tasks or (self.task,)]
        self.watch(**options).poll(tasks)

    def follow(self, now=None):
        follow(self.app, self.context, now or datetime.now(UTC))

    def push(self, *video_ids, insist=True, **fields):
        take_push(self.context, CHANNEL, make_push(*video_ids, **fields), insist=insist)

    @property
    def told(self):
        """The kinds of all Events, in the order in which they were told; reminders wait."""
        events = sorted(self.store.events.list_all(), key=lambda event: event.created_at)
        return [event.kind for event in events if event.kind != REMINDER]

    def find(self, video_id="v1", task=None):
        return self.store.broadcasts.list_known((task or self.task).id, [video_id]).get(video_id)

    @property
    def state(self):
        return self.store.tasks.find(self.task.id).watch

    def asked(self, target):
        return self.simulator.journal(target=target)


@pytest.fixture
def scene(celery_app, context, store, simulator):
    return Scene(celery_app, context, store, simulator)


class TestPolling:
    def test_the_first_look_is_silent_and_remembered(self, scene):
        before = scene.created_at - HOUR
        scene.set_video("v1", published_at=before)
        scene.set_video("v2", published_at=before, scheduled_at=before)
        scene.poll()
        assert scene.told == []
        assert scene.find("v1").state == BroadcastState.VIDEO
        assert scene.find("v2").state == BroadcastState.UPCOMING
        assert scene.state.looked_at >= scene.created_at
        assert scene.state.failures == 0

    def test_what_is_new_is_told_once_and_given_to_fan_out(self, scene, take_sent):
        scene.poll()
        scene.set_video()
        scene.poll()
        scene.poll()
        assert scene.told == [NEW_VIDEO]
        [event] = scene.store.events.list_all()
        assert event.fields["title"] == "A title"
        assert event.entity == scene.task.entity
        assert [(sent.task, sent.args) for sent in take_sent("ready")] == [
            ("fanout.fan_out", [str(event.id)])
        ]

    @pytest.mark.parametrize(
        ("fields", "kind", "state"),
        [
            ({}, NEW_VIDEO, BroadcastState.VIDEO),
            ({"scheduled_at": HOUR}, SCHEDULED, BroadcastState.UPCOMING),
            ({"started_at": MINUTE}, LIVE_START, BroadcastState.LIVE),
            ({"started_at": MINUTE, "ended_at": HOUR}, NEW_VIDEO, BroadcastState.ENDED),
        ],
        ids=["video", "upcoming", "live", "over"],
    )
    def test_the_data_api_tells_what_it_is(self, scene, fields, kind, state):
        scene.set_video(**{name: scene.created_at + span for name, span in fields.items()})
        scene.poll()
        assert scene.told == [kind]
        assert scene.find().state == state

    def test_without_a_key_everything_is_a_video(self, scene, make_context):
        keyless = make_context(youtube_api_key=SecretStr(""))
        scene.set_video(scheduled_at=scene.created_at + HOUR)
        scene.poll(context=keyless)
        assert scene.told == [NEW_VIDEO]
        assert scene.find().state == BroadcastState.UNKNOWN
        assert scene.asked("api") == []
        scene.follow(datetime.now(UTC) + 20 * MINUTE)
        assert scene.told == [NEW_VIDEO, SCHEDULED]

    def test_an_unchanged_feed_is_not_sent_again(self, scene):
        scene.set_video()
        scene.poll()
        first = scene.state
        scene.poll()
        assert [entry["status"] for entry in scene.asked("feed")] == [200, 304]
        assert scene.state.looked_at > first.looked_at
        assert (scene.state.etag, scene.state.last_modified) == (first.etag, first.last_modified)
        assert None not in (first.etag, first.last_modified)

    def test_what_is_over_is_not_asked_for_again(self, scene):
        scene.set_video()
        scene.poll()
        scene.set_video("v2")
        scene.poll()
        assert [entry["ids"] for entry in scene.asked("api")] == [1, 1]

    def test_channels_are_polled_together_with_one_question_to_the_data_api(self, scene):
        scene.simulator.set_channel(OTHER, title="Roboco")
        other = scene.add_task(params={"channel_id": OTHER})
        scene.set_video("v1")
        scene.set_video("v2", channel_id=OTHER)
        scene.poll(scene.task, other)
        assert {event.task for event in scene.store.events.list_all()} == {scene.task.id, other.id}
        assert [entry["ids"] for entry in scene.asked("api")] == [2]

    def test_each_task_of_a_shared_channel_tells(self, scene):
        other = scene.add_task()
        scene.set_video()
        scene.poll(scene.task, other)
        assert {event.task for event in scene.store.events.list_all()} == {scene.task.id, other.id}

    def test_a_crash_before_the_knowledge_was_stored_tells_once(self, scene):
        scene.set_video()
        scene.poll()
        scene.store.broadcasts.delete_of_task(scene.task.id)
        scene.store.tasks.save_watch(scene.task, scene.task.watch)
        scene.poll()
        assert scene.told == [NEW_VIDEO]
        assert scene.find() is not None


class TestFailing:
    @pytest.mark.parametrize(
        "fault",
        [{"status": 404}, {"status": 500}, {"status": 429}, {"drop": True}],
        ids=["not found", "broken", "too many", "hung up"],
    )
    def test_a_feed_that_fails_is_counted_and_postponed_and_never_lost(
        self, scene, redis_client, fault
    ):
        schedule_now(redis_client, "youtube", scene.task.id)
        scene.simulator.add_fault("feed", **fault)
        now = datetime.now(UTC)
        for failures in (1, 2):
            scene.poll(now=now)
            assert scene.state.failures == failures
            assert scene.state.failed_at == now.replace(microsecond=now.microsecond // 1000 * 1000)
            assert scene.state.last_error
            due = redis_client.zscore("stargazer:due:youtube", str(scene.task.id))
            # The interval of the tests is one second.
            assert due == pytest.approx(now.timestamp() + 2**failures)
        scene.simulator.clear_faults()
        scene.set_video()
        scene.poll()
        assert (scene.state.failures, scene.state.last_error) == (0, None)
        assert scene.told == [NEW_VIDEO]

    def test_a_channel_that_fails_for_days_is_looked_at_once_an_hour(self, scene, redis_client):
        now = datetime.now(UTC)
        schedule_now(redis_client, "youtube", scene.task.id)
        watch = scene.task.watch.model_copy(update={"failures": 5000})
        scene.store.tasks.save_watch(scene.task, watch)
        scene.simulator.add_fault("feed", status=404)
        scene.poll(now=now)
        due = redis_client.zscore("stargazer:due:youtube", str(scene.task.id))
        assert now.timestamp() + 60 < due <= now.timestamp() + 3600

    def test_a_removed_task_is_not_put_back_by_its_failure(self, scene, redis_client):
        scene.simulator.add_fault("feed", status=404)
        scene.poll()
        assert redis_client.exists("stargazer:due:youtube") == 0

    def test_one_failing_channel_does_not_cost_the_others(self, scene):
        gone = scene.add_task(params={"channel_id": OTHER})
        scene.set_video()
        scene.poll(gone, scene.task)
        assert scene.told == [NEW_VIDEO]
        assert scene.store.tasks.find(gone.id).watch.failures == 1
        assert scene.state.failures == 0

    def test_a_task_that_lacks_its_channel_does_not_cost_the_others(self, scene):
        """Somebody edited it in the database."""
        broken = scene.add_task(params={"id": CHANNEL})
        scene.set_video()
        scene.poll(broken, scene.task)
        assert scene.told == [NEW_VIDEO]
        assert scene.store.tasks.find(broken.id).watch.failures == 1

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            (b"<!DOCTYPE html><title>Sorry", "document type"),
            (b"{}", "not XML"),
            (b"<feed>" + b" " * 20_000_000, "above"),
        ],
        ids=["a page", "JSON", "20 MB"],
    )
    def test_what_is_no_feed_is_a_failed_look(self, scene, make_context, serve, body, error):
        server = Flask("server")
        server.get("/feeds/videos.xml")(lambda: body)
        scene.poll(context=make_context(youtube_feed_url=serve(server)))
        assert scene.state.failures == 1
        assert error in scene.state.last_error
        assert scene.told == []

    def test_without_quota_the_word_of_the_feed_counts_and_nobody_asks_again(self, scene):
        scene.simulator.set_limits(quota_units=0)
        scene.set_video("v1", scheduled_at=scene.created_at + HOUR)
        scene.poll()
        assert scene.told == [NEW_VIDEO]
        scene.set_video("v2")
        scene.poll()
        assert scene.told == [NEW_VIDEO, NEW_VIDEO]
        assert len(scene.asked("api")) == 1

    def test_when_the_quota_is_back_it_is_asked_again(self, scene):
        scene.simulator.set_limits(quota_units=0)
        scene.set_video(scheduled_at=scene.created_at + 48 * HOUR)
        scene.poll()
        assert [alarm.key for alarm in scene.store.alarms.list_all()] == ["youtube:quota"]
        scene.simulator.set_limits(quota_units=100)
        scene.follow()
        assert scene.told == [NEW_VIDEO]
        scene.follow(scene.created_at + 25 * HOUR)
        assert scene.told == [NEW_VIDEO, SCHEDULED]
        assert scene.store.alarms.list_all()[0].ended_at

    def test_a_wrong_key_leaves_the_word_of_the_feed(self, scene):
        scene.simulator.set_credentials(api_keys=["another"])
        scene.set_video()
        scene.poll()
        assert scene.told == [NEW_VIDEO]
        assert scene.state.failures == 0

    def test_a_data_api_that_cannot_even_be_asked_leaves_the_word_of_the_feed(
        self, scene, make_context, serve
    ):
        loop = Flask("loop")
        loop.get("/v3/videos")(lambda: redirect("/v3/videos"))
        scene.set_video()
        scene.poll(context=make_context(youtube_api_url=serve(loop)))
        assert scene.told == [NEW_VIDEO]
        assert scene.state.looked_at is not None

    def test_passing_trouble_of_the_data_api_leaves_it_to_the_next_poll(self, scene):
        scene.simulator.add_fault("api", status=503, count=1)
        scene.set_video(scheduled_at=scene.created_at + HOUR)
        scene.poll()
        assert scene.told == []
        # Though the feed has not changed since.
        scene.set_video("v2")
        scene.poll()
        assert sorted(scene.told) == [SCHEDULED, NEW_VIDEO]


class TestPushes:
    def test_a_push_and_a_poll_see_the_same_thing_once(self, scene):
        scene.set_video(started_at=scene.created_at)
        scene.push("v1")
        scene.poll()
        scene.push("v1")
        assert scene.told == [LIVE_START]

    def test_a_push_that_comes_late_changes_nothing(self, scene):
        scene.set_video(started_at=scene.created_at)
        scene.poll()
        scene.set_video(ended_at=scene.created_at + MINUTE)
        scene.follow(scene.created_at + HOUR)
        scene.push("v1", title="An older title")
        assert scene.told == [LIVE_START, LIVE_END]
        assert scene.find().state == BroadcastState.ENDED

    def test_trouble_while_insisting_is_raised_and_nothing_is_told(self, scene):
        scene.simulator.add_fault("api", status=503, count=1)
        scene.set_video(scheduled_at=scene.created_at + HOUR)
        with pytest.raises(TransientError):
            scene.push("v1")
        assert (scene.told, scene.find()) == ([], None)
        scene.push("v1")
        assert scene.told == [SCHEDULED]

    def test_trouble_at_the_last_attempt_leaves_it_to_the_next_poll(self, scene):
        scene.simulator.add_fault("api", status=503, count=1)
        scene.set_video(scheduled_at=scene.created_at + HOUR)
        scene.push("v1", insist=False)
        assert (scene.told, scene.find()) == ([], None)
        scene.poll()
        assert scene.told == [SCHEDULED]

    def test_an_entry_of_another_channel_is_ignored(self, scene):
        scene.set_video()
        scene.push("v1", channel=OTHER)
        assert (scene.told, scene.find()) == ([], None)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not XML",
            b"\xff\xfe<\x00",
            b'<feed xmlns="http://www.w3.org/2005/Atom"/>',
            (
                b'<feed xmlns="http://www.w3.org/2005/Atom"'
                b' xmlns:at="http://purl.org/atompub/tombstones/1.0">'
                b'<at:deleted-entry ref="yt:video:v1"/></feed>'
            ),
        ],
        ids=["empty", "no XML", "UTF-16", "no entries", "tombstone"],
    )
    def test_what_says_nothing_tells_nothing(self, scene, body):
        scene.set_video(scheduled_at=scene.created_at + HOUR)
        scene.poll()
        take_push(scene.context, CHANNEL, body, insist=True)
        assert scene.told == [SCHEDULED]
        assert scene.find().state == BroadcastState.UPCOMING

    def test_a_push_is_forgotten_once_its_events_are_in_the_outbox(self, scene):
        now = datetime.now(UTC)
        push = Push(
            kind="youtube",
            account=CHANNEL,
            body=make_push("v1"),
            received_at=now,
            published_at=now,
        )
        scene.store.pushes.insert(push)
        scene.simulator.add_fault("api", status=500, count=9)
        with pytest.raises(TransientError):
            work_on_push(scene.context, push.id, insist=True)
        assert scene.store.pushes.find(push.id) is not None
        scene.simulator.clear_faults()
        scene.set_video("v1")
        for _ in range(2):
            work_on_push(scene.context, push.id, insist=True)
        assert scene.told == [NEW_VIDEO]
        assert scene.store.pushes.find(push.id) is None

    def test_a_push_for_a_channel_that_nobody_watches_any_more_is_dropped(self, scene):
        scene.store.tasks.delete(scene.task.id)
        scene.push("v1")
        assert scene.told == []

    def test_those_who_see_it_at_once_tell_it_once(self, scene):
        scene.set_video("v1", started_at=scene.created_at)
        scene.set_video("v2")
        barrier = threading.Barrier(6)

        def look(number):
            barrier.wait(10)
            if number % 2:
                scene.poll()
            else:
                scene.push("v1", "v2")

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(look, range(6)))
        assert sorted(scene.told) == [LIVE_START, NEW_VIDEO]
        assert scene.find("v1").state == BroadcastState.LIVE
        assert scene.find("v2").state == BroadcastState.VIDEO


class TestFollowing:
    @pytest.mark.parametrize(
        ("waits", "asked"),
        [([], 0), ([14 * MINUTE], 0), ([16 * MINUTE], 1), ([16 * MINUTE, 1], 1)],
        ids=["just seen", "not due yet", "due", "not due again"],
    )
    def test_a_stream_is_looked_at_when_it_is_due(self, scene, waits, asked):
        scene.set_video(scheduled_at=scene.created_at + 90 * MINUTE)
        scene.poll(now=scene.created_at)
        scene.simulator.clear_journal()
        at = scene.created_at
        for wait in waits:
            at += wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
            scene.follow(at)
        assert len(scene.asked("api")) == asked

    def test_the_start_and_the_end_are_told_though_nothing_was_pushed(self, scene):
        start = scene.created_at + HOUR
        scene.set_video(scheduled_at=start)
        scene.poll(now=scene.created_at)
        scene.set_video(started_at=start)
        scene.follow(start)
        assert scene.told == [SCHEDULED, LIVE_START]
        scene.set_video(ended_at=start + HOUR)
        scene.follow(start + HOUR)
        assert scene.told == [SCHEDULED, LIVE_START]
        scene.follow(start + HOUR + MINUTE)
        assert scene.told == [SCHEDULED, LIVE_START, LIVE_END]
        scene.simulator.clear_journal()
        scene.follow(start + 2 * HOUR)
        assert scene.asked("api") == []

    def test_a_stream_that_becomes_private_is_cancelled_at_the_second_miss(self, scene):
        scene.set_video(scheduled_at=scene.created_at + HOUR)
        scene.poll(now=scene.created_at)
        scene.set_video(privacy="private")
        scene.follow(scene.created_at + 20 * MINUTE)
        assert scene.told == [SCHEDULED]
        scene.follow(scene.created_at + 21 * MINUTE)
        assert scene.told == [SCHEDULED, CANCELLED]
        assert scene.find().state == BroadcastState.CANCELLED

    def test_trouble_of_the_data_api_is_no_miss(self, scene):
        scene.set_video(scheduled_at=scene.created_at + HOUR)
        scene.poll(now=scene.created_at)
        scene.simulator.add_fault("api", status=503)
        for minute in range(20, 40):
            scene.follow(scene.created_at + minute * MINUTE)
        assert scene.told == [SCHEDULED]
        assert scene.find().misses == 0
        scene.simulator.clear_faults()
        scene.set_video(started_at=scene.created_at + HOUR)
        scene.follow(scene.created_at + HOUR)
        assert scene.told == [SCHEDULED, LIVE_START]

    def test_fifty_streams_of_many_channels_cost_one_unit(self, scene):
        tasks = [scene.task]
        for number in range(48):
            channel = f"UC{number:022d}"
            tasks.append(scene.add_task(params={"channel_id": channel}))
            at = scene.created_at + HOUR
            scene.simulator.set_video(
                f"s{number}", channel_id=channel, title="A", scheduled_at=at, push=False
            )
        scene.poll(*tasks, now=scene.created_at)
        scene.simulator.clear_journal()
        scene.follow(scene.created_at + HOUR)
        assert [entry["ids"] for entry in scene.asked("api")] == [48]

    def test_a_wiped_redis_costs_a_look_and_loses_no_start(self, scene, redis_client):
        scene.set_video(scheduled_at=scene.created_at + 48 * HOUR)
        scene.poll(now=scene.created_at)
        redis_client.flushall()
        scene.simulator.clear_journal()
        scene.follow(scene.created_at + HOUR)
        assert len(scene.asked("api")) == 1
        scene.set_video(started_at=scene.created_at + 48 * HOUR)
        scene.follow(scene.created_at + 48 * HOUR)
        assert scene.told == [SCHEDULED, LIVE_START]

    def test_what_was_deleted_before_anybody_knew_what_it_was_is_left_alone(
        self, scene, make_context
    ):
        scene.set_video()
        scene.poll(context=make_context(youtube_api_key=SecretStr("")))
        scene.set_video(privacy="private")
        for minute in (20, 21, 22, 60):
            scene.follow(scene.created_at + minute * MINUTE)
        assert scene.told == [NEW_VIDEO]
        assert len(scene.asked("api")) == 2

    def test_a_stream_of_a_removed_task_is_left_alone(self, scene):
        scene.set_video(scheduled_at=scene.created_at)
        scene.poll()
        scene.store.tasks.delete(scene.task.id)
        scene.simulator.clear_journal()
        scene.follow(scene.created_at + HOUR)
        assert scene.asked("api") == []

    def test_a_tombstone_makes_us_look_and_is_not_believed(self, scene):
        scene.set_video(scheduled_at=scene.created_at + HOUR)
        scene.poll(now=scene.created_at)
        scene.simulator.clear_journal()
        tombstone = (
            b'<feed xmlns="http://www.w3.org/2005/Atom"'
            b' xmlns:at="http://purl.org/atompub/tombstones/1.0">'
            b'<at:deleted-entry ref="yt:video:v1"/></feed>'
        )
        take_push(scene.context, CHANNEL, tombstone, insist=True)
        assert len(scene.asked("api")) == 1
        assert scene.told == [SCHEDULED]


class TestWitnesses:
    def test_each_is_remembered_with_the_moment_in_which_it_spoke(self, scene):
        now = scene.created_at
        scene.set_video(scheduled_at=now + HOUR)
        scene.push("v1")
        scene.poll(now=now + MINUTE)
        scene.set_video(started_at=now + HOUR)
        scene.follow(now + HOUR)
        seen_at = scene.find().seen_at
        assert set(seen_at) == {"push:upcoming", "feed:upcoming", "videos:live"}
        assert seen_at["feed:upcoming"] == now + MINUTE
        assert seen_at["videos:live"] == now + HOUR

    def test_an_event_says_who_was_first(self, scene):
        scene.set_video()
        scene.push("v1")
        scene.poll()
        [event] = scene.store.events.list_all()
        assert event.fields["witness"] == "push"

    def test_a_short_is_told_by_its_address(self, scene, make_context, serve):
        at = datetime.now(UTC).isoformat()
        feed = (
            '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
            ' xmlns="http://www.w3.org/2005/Atom"><entry><yt:videoId>v1</yt:videoId>'
            f"<yt:channelId>{CHANNEL}</yt:channelId><title>A</title><published>{at}</published>"
            '<link rel="alternate" href="https://www.youtube.com/shorts/v1"/></entry></feed>'
        )
        server = Flask("server")
        server.get("/feeds/videos.xml")(lambda: feed)
        scene.set_video()
        scene.poll(context=make_context(youtube_feed_url=serve(server)))
        [event] = scene.store.events.list_all()
        assert event.fields["short"] is True
        assert event.fields["url"] == "https://www.youtube.com/shorts/v1"
