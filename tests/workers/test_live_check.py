"""The middleware ``youtube-live-check``: what waits for a stream hears when it is live."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.models import Broadcast, BroadcastState, OutboxState, StoredEvent, Task
from workers.middlewares.contract import run
from workers.middlewares.youtube_live_check import LONGEST_WAIT, MIDDLEWARE, release_ready

CHANNEL = "UC" + "a" * 22
HOUR = timedelta(hours=1)


class Scene:
    """An Event that waits for a broadcast of a channel that is watched."""

    def __init__(self, celery_app, context, store):
        self._app, self._context, self.store = celery_app, context, store
        self.task = Task(entity=uuid4(), kind="youtube", params={"channel_id": CHANNEL})
        store.tasks.save(self.task)
        self._versions = {}

    def know(self, state, video="v1", ahead=HOUR):
        version = self._versions[video] = self._versions.get(video, 0) + 1
        assert self.store.broadcasts.save(
            Broadcast(
                task=self.task.id,
                source_id=video,
                state=BroadcastState(state),
                scheduled_at=datetime.now(UTC) + ahead,
                version=version,
            )
        )

    def treat(self, **parameters):
        now = datetime.now(UTC)
        self.event = StoredEvent(
            kind="youtube/live_start",
            entity=uuid4(),
            fields={"title": "t", **parameters},
            tags=("youtube-live-check",),
            happened_at=now,
            created_at=now,
        )
        self.store.events.save(self.event)
        run(self._app, self._context, MIDDLEWARE, self.event.id, now)
        return self.look()

    def release(self, now=None):
        release_ready(self._context, now or datetime.now(UTC))
        return self.look()

    def look(self):
        return self.store.events.find(self.event.id)


@pytest.fixture
def scene(celery_app, context, store):
    return Scene(celery_app, context, store)


BY_CHANNEL = {"x-channel-id": CHANNEL}
BY_VIDEO = {**BY_CHANNEL, "x-video-id": "v1"}


@pytest.mark.parametrize("parameters", [BY_CHANNEL, BY_VIDEO], ids=["channel", "video"])
def test_what_is_live_passes_at_once(scene, parameters):
    scene.know("live")
    after = scene.treat(**parameters)
    assert (after.state, after.tags, after.fields) == (OutboxState.OPEN, (), {"title": "t"})


@pytest.mark.parametrize("parameters", [BY_CHANNEL, BY_VIDEO], ids=["channel", "video"])
def test_what_is_to_come_is_waited_for_until_it_is_live(scene, parameters, take_sent):
    scene.know("upcoming")
    assert scene.treat(**parameters).state == OutboxState.HELD
    assert scene.release().state == OutboxState.HELD
    scene.know("live")
    after = scene.release()
    assert (after.state, after.tags, after.fields) == (OutboxState.OPEN, (), {"title": "t"})
    assert [step.what for step in after.history] == ["held", "released"]
    assert len(take_sent("ready")) == 1


@pytest.mark.parametrize("state", ["ended", "cancelled", "video"])
def test_what_is_over_is_waited_for_in_vain(scene, state, take_sent):
    scene.know("upcoming")
    scene.treat(**BY_VIDEO)
    scene.know(state)
    after = scene.release()
    assert (after.state, after.history[-1].what) == (OutboxState.SWALLOWED, "cancelled")
    assert take_sent("ready") == []


def test_what_was_moved_far_away_is_not_waited_for(scene):
    scene.know("upcoming")
    scene.treat(**BY_VIDEO)
    scene.know("upcoming", ahead=LONGEST_WAIT + HOUR)
    assert scene.release().state == OutboxState.SWALLOWED


def test_another_video_that_is_live_is_not_meant(scene):
    scene.know("upcoming")
    scene.know("live", "v2")
    assert scene.treat(**BY_VIDEO).state == OutboxState.HELD


def test_what_nobody_has_seen_yet_may_still_come_but_not_for_ever(scene):
    assert scene.treat(**BY_VIDEO).state == OutboxState.HELD
    assert scene.release().state == OutboxState.HELD
    later = datetime.now(UTC) + LONGEST_WAIT + HOUR
    assert scene.release(later).state == OutboxState.SWALLOWED


@pytest.mark.parametrize(
    "parameters",
    [{}, {"x-channel-id": 5}, {**BY_CHANNEL, "x-video-id": 5}, {"x-channel-id": "UCother"}],
    ids=["none", "no string", "video is no string", "nobody watches it"],
)
def test_what_cannot_be_waited_for_goes_on_as_it_was(scene, parameters):
    after = scene.treat(**parameters)
    assert (after.state, after.tags) == (OutboxState.OPEN, ())
    assert after.history[-1].what == "failed"
