"""A chat app that says what the test wants, and what a Sender needs beside it."""

import threading
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from stargazer.delivery import Sender
from stargazer.lines import Lines, get_place
from stargazer.models import Delivery, Entity, Meta, Name, StoredEvent, User
from stargazer.ratelimit import Limit

BOT = Limit("fake", 1000, 1.0)


class Chats:
    """A chat app that says what the test wants."""

    im = "fake"

    def __init__(self, context):
        self.context = context
        self.answers = defaultdict(list)
        self.limits = (BOT,)
        self.sent = []
        self.lock = threading.Lock()
        self.slowness = 0.0
        self.slow = {}

    def get_limits(self, user):
        return (*self.limits, Limit(f"fake:{user.im_payload}", 1000, 1.0))

    def send(self, user, message, key):
        with self.lock:
            self.sent.append((user.im_payload, message, key, time.monotonic()))
            answer = self.answers[user.im_payload].pop(0) if self.answers[user.im_payload] else None
        time.sleep(self.slow.get(user.im_payload, self.slowness))
        if answer is not None:
            raise answer
        return (f"message to {user.im_payload}",)

    @property
    def addresses(self):
        return [address for address, *_ in self.sent]


class Scene:
    """An Event, Users who want it, and a Sender.

    :ivar NOTHING: for a User to whom nothing has come yet.
    """

    NOTHING = object()

    def __init__(self, context, store):
        self.context = context
        self.store = store
        self.chats = Chats(context)
        self.sender = Sender(context, self.chats, 4)
        self.entity = Entity(meta=Meta(name=Name(name={"en": "Sora"}, default_language="en")))
        store.entities.save(self.entity)
        self.event = self.add_event()
        self.users = []

    def add_event(self, **fields):
        now = datetime.now(UTC)
        said = {"video_id": "v1", "title": "A title", "url": "https://v1", "started_at": None}
        values = {"kind": "youtube/live_start", "entity": self.entity.id, "fields": said}
        event = StoredEvent(**{**values, "happened_at": now, "created_at": now, **fields})
        self.store.events.save(event)
        return event

    def add_user(self, address, event=None, **fields):
        user = User(**{"im": "fake", "im_payload": address, **fields})
        self.store.users.save(user)
        self.users.append(user)
        if event is not self.NOTHING:
            self.add_delivery(user, event or self.event)
        return user

    def add_delivery(self, user, event, **fields):
        now = datetime.now(UTC)
        delivery = Delivery(
            event=event.id, user=user.id, im="fake", created_at=now, due_at=now, **fields
        )
        self.store.deliveries.add([delivery])
        return delivery

    def fan_out(self, user, *events):
        """Give Events to a User in their order, each in its line as fan-out has it."""
        added = [self.add_delivery(user, event) for event in events]
        Lines(self.context.redis).enter(map(get_place, added))

    def deliver(self, *users, event=None):
        users = users or self.users
        return self.sender.deliver((event or self.event).id, [user.id for user in users])

    def find(self, user, event=None):
        return self.store.deliveries.find((event or self.event).id, user.id)


@pytest.fixture
def settings(settings):
    # So that whatever is to be tried again is given back, and not left to the sweeper.
    return settings.model_copy(update={"visibility_timeout": timedelta(hours=1)})


@pytest.fixture
def scene(context, store):
    return Scene(context, store)
