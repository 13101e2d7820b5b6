"""Messages that take the place of others, when their readers want that."""

import logging
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from stargazer import editing
from stargazer.delivery import Sender
from stargazer.editing import find_replaced
from stargazer.errors import GoneError, RefusedError, ThrottledError, TransientError
from stargazer.models import (
    Delivery,
    DeliveryState,
    Entity,
    Meta,
    Name,
    SourceEvent,
    StoredEvent,
    Task,
    User,
    UserSettings,
)
from stargazer.ratelimit import Limit
from stargazer.resending import resend

NOW = datetime.now(UTC)
EDITS = UserSettings(edit_live=True)


class Chats:
    """A chat app that cannot change what it has sent."""

    im = "fake"

    def __init__(self):
        self.done = []

    def get_limits(self, user):
        return (Limit(f"fake:{user.im_payload}", 1000, 1.0),)

    def send(self, user, message, key):  # noqa: ARG002
        self.done.append(("sent", message.kind))
        return (f"m{len(self.done)}", "second picture")


class EditingChats(Chats):
    """One that can."""

    def __init__(self):
        super().__init__()
        self.error = None

    def edit(self, user, message, message_ids):  # noqa: ARG002
        if self.error is not None:
            raise self.error
        self.done.append(("edited", message.kind, *message_ids))
        return tuple(message_ids)


class Scene:
    """A stream that starts and ends, and somebody who is told."""

    def __init__(self, context, store, chats, settings=EDITS, kind="youtube"):
        self.store = store
        self.chats = chats
        self.sender = Sender(context, chats, 2)
        self.user = User(im="fake", im_payload="1", settings=settings)
        store.users.save(self.user)
        entity = Entity(meta=Meta(name=Name(name={"en": "Sora"}, default_language="en")))
        store.entities.save(entity)
        self.task = Task(entity=entity.id, kind=kind, params={}, created_at=NOW)
        self.start = self.add("live_start")
        self.end = self.add("live_end")

    def add(self, what):
        fields = {"title": "t", "url": "https://v.test", "video_id": "v"}
        kind = f"{self.task.kind}/{what}"
        made = SourceEvent.from_source(self.task, "v", kind, NOW, fields)
        event = StoredEvent(**made.model_dump(exclude={"tags"}), created_at=NOW)
        self.store.events.save(event)
        return event

    def tell(self, event):
        self.store.deliveries.add(
            [Delivery(event=event.id, user=self.user.id, im="fake", created_at=NOW, due_at=NOW)]
        )
        return self.bring(event)

    def bring(self, event):
        self.sender.deliver(event.id, [self.user.id])
        return self.store.deliveries.find(event.id, self.user.id)


@pytest.fixture
def chats():
    return EditingChats()


@pytest.fixture
def scene(context, store, chats):
    return Scene(context, store, chats)


@pytest.mark.parametrize("kind", ["youtube", "bililive", "twitch"])
def test_that_a_stream_has_ended_takes_the_place_of_that_it_is_live(context, store, chats, kind):
    scene = Scene(context, store, chats, kind=kind)
    told = [scene.tell(scene.start), scene.tell(scene.end)]
    assert chats.done == [
        ("sent", f"{kind}/live_start"),
        ("edited", f"{kind}/live_end", "m1", "second picture"),
    ]
    assert [each.state for each in told] == [DeliveryState.SENT] * 2
    assert told[1].message_ids == told[0].message_ids == ("m1", "second picture")


def test_whoever_does_not_want_that_gets_another_message(context, store, chats):
    scene = Scene(context, store, chats, UserSettings())
    scene.tell(scene.start)
    scene.tell(scene.end)
    assert [what for what, *_ in chats.done] == ["sent", "sent"]


def test_a_chat_app_that_cannot_change_messages_sends_another(context, store):
    chats = Chats()
    scene = Scene(context, store, chats)
    scene.tell(scene.start)
    scene.tell(scene.end)
    assert [what for what, *_ in chats.done] == ["sent", "sent"]


def test_an_end_whose_start_was_not_told_is_sent(scene, chats):
    assert scene.tell(scene.end).state is DeliveryState.SENT
    assert chats.done == [("sent", "youtube/live_end")]


@pytest.mark.parametrize("state", [DeliveryState.UNKNOWN, DeliveryState.DROPPED], ids=str)
def test_an_end_whose_start_is_not_known_to_be_there_is_sent(scene, store, chats, state):
    lost = Delivery(
        event=scene.start.id,
        user=scene.user.id,
        im="fake",
        state=state,
        created_at=NOW,
        due_at=NOW,
    )
    store.deliveries.add([lost])
    scene.tell(scene.end)
    assert chats.done == [("sent", "youtube/live_end")]


def test_what_cannot_be_changed_any_more_is_sent(scene, chats, caplog):
    caplog.set_level(logging.INFO, editing.__name__)
    scene.tell(scene.start)
    chats.error = RefusedError("message to edit not found")
    assert scene.tell(scene.end).message_ids == ("m2", "second picture")
    assert [what for what, *_ in chats.done] == ["sent", "sent"]
    assert caplog.messages == ["edit_refused"]


@pytest.mark.parametrize(
    "error", [TransientError("away"), ThrottledError("too fast", 0.01)], ids=["away", "throttled"]
)
def test_an_edit_in_trouble_is_tried_again(scene, chats, error):
    scene.tell(scene.start)
    chats.error = error
    assert scene.tell(scene.end).state is DeliveryState.PENDING
    chats.error = None
    due = scene.store.deliveries.find(scene.end.id, scene.user.id)
    scene.store.deliveries.hurry(due, "root", NOW)
    scene.sender._context.redis.flushdb()
    assert scene.bring(scene.end).state is DeliveryState.SENT
    assert chats.done[-1][0] == "edited"


def test_an_edit_that_finds_the_chat_gone_pauses_it(scene, chats, store):
    scene.tell(scene.start)
    chats.error = GoneError("blocked")
    assert scene.tell(scene.end).state is DeliveryState.FAILED
    assert store.users.find(scene.user.id).paused == "blocked"


def test_what_somebody_asks_for_once_more_is_sent(scene, chats, store):
    scene.tell(scene.start)
    scene.tell(scene.end)
    resend(store, scene.end.id, scene.user.id, "bot", NOW, force=True)
    scene.bring(scene.end)
    assert [what for what, *_ in chats.done] == ["sent", "edited", "sent"]


@pytest.mark.parametrize(
    ("kind", "is_one"),
    [
        ("youtube/live_end", True),
        ("twitch/live_end", True),
        ("youtube/live_start", False),
        ("twitch/live_title", False),
        ("stargazer/missed", False),
    ],
)
def test_only_an_end_replaces_anything(kind, is_one):
    event = StoredEvent(
        kind=kind,
        entity=uuid4(),
        fields={},
        task=uuid4(),
        source_id="v",
        happened_at=NOW,
        created_at=NOW,
    )
    assert (find_replaced(event) is not None) is is_one
    assert find_replaced(event.model_copy(update={"task": None})) is None
