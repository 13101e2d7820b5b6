"""The order within one chat: across workers, retries, deaths and a wiped Redis."""

import random
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from stargazer.delivery import Sender
from stargazer.errors import ThrottledError, TransientError, UnknownOutcomeError
from stargazer.ledger import open_deliveries, rebuild_lines, take_overdue
from stargazer.lines import Lines, Place
from stargazer.models import (
    DeliveryState,
    EventFilter,
    Reason,
    StoredEvent,
    User,
)

KIND = "youtube/new_video"
LATER = timedelta(days=1)


class Died(BaseException):
    """What a worker meets that is killed."""


class Chats:
    """A chat app that says what the test wants; it notes what arrived."""

    im = "fake"

    def __init__(self):
        self.answers = []
        self.arrived = []
        self.deaths = Counter()
        self.lock = threading.Lock()

    def get_limits(self, user):  # noqa: ARG002
        return ()

    def send(self, user, message, key):  # noqa: ARG002
        with self.lock:
            answer = self.answers.pop(0) if self.answers else "take"
            if answer in ("take", "die after"):
                self.arrived.append(key)
            if answer == "die after":
                self.deaths[key] += 1
        match answer:
            case "trouble":
                raise TransientError("HTTP 502")
            case "unknown":
                raise UnknownOutcomeError("no answer")
            case "throttle":
                raise ThrottledError("slow down", 0.001)
            case "die before" | "die after":
                raise Died
        return (key,)

    def list_arrived(self, user):
        """List the Events that arrived in a chat, each where it arrived first."""
        events, users = zip(*(key.split(":") for key in self.arrived), strict=True)
        own = [event for event, of in zip(events, users, strict=True) if of == str(user)]
        return list(dict.fromkeys(own))


class World:
    """A ledger, its lines, a chat app, and what is on its queue."""

    def __init__(self, context, store, chats=3):
        self.context = context
        self.store = store
        self.lines = Lines(context.redis)
        self.chats = Chats()
        self.sender = Sender(context, self.chats, 2)
        self.entity = uuid4()
        wish = EventFilter(entities=frozenset({self.entity}), kinds=frozenset({KIND}))
        self.users = [
            User(im="fake", im_payload=str(uuid4()), event_filter=wish) for _ in range(chats)
        ]
        for user in self.users:
            store.users.save(user)
            store.subscriptions.save_filter(user)
        self.events = []
        self.half_done = []
        self.queue = []
        self.now = datetime.now(UTC)

    def emit(self):
        """Fan a new Event out."""
        event = self.make_event()
        self.fan_out(event)
        return event

    def fan_out(self, event):
        for _, users in open_deliveries(self.store, self.lines, event, self.now, self.now):
            self.queue.append((event.id, tuple(users)))

    def die_in_fan_out(self):
        """Begin to fan a new Event out; the lines know of it, the ledger does not yet."""
        event = self.make_event()
        self.lines.enter([Place(event.id, user.id, self.now) for user in self.users])
        self.half_done.append(event)
        return event

    def make_event(self):
        self.now += timedelta(milliseconds=1)
        event = StoredEvent(
            kind=KIND,
            entity=self.entity,
            fields={"title": "t", "url": "u"},
            happened_at=self.now,
            created_at=self.now,
        )
        self.store.events.save(event)
        self.events.append(event.id)
        return event

    def take(self, number, answers=()):
        """Let a worker take one of the messages, wherever in the queue it is."""
        event, users = self.queue.pop(number % len(self.queue))
        self.chats.answers = list(answers)
        try:
            again = self.sender.deliver(event, users)
        except Died:
            return
        self.chats.answers = []
        self.queue += [(each.event, each.users) for each in again]

    def sweep(self):
        """Hand out again whatever is pending, as much later."""
        later = self.now + LATER
        overdue = take_overdue(self.store, {"fake": later}, later, 1000)
        self.queue += [(event, tuple(users)) for _, event, users in overdue]

    def finish(self):
        """Let everything come to its end."""
        while self.half_done:
            self.fan_out(self.half_done.pop())
        for _ in range(100):
            while self.queue:
                self.take(0)
            self.sweep()
            if not self.queue:
                return
        raise AssertionError("it does not come to an end")

    def check_once(self):
        for key, count in Counter(self.chats.arrived).items():
            assert count <= 1 + self.chats.deaths[key]
        for event in self.events:
            for delivery in self.store.deliveries.list_of_event(event):
                assert delivery.state is not DeliveryState.PENDING
                key = f"{delivery.event}:{delivery.user}"
                if delivery.state is DeliveryState.SENT:
                    assert key in self.chats.arrived

    def check_order(self):
        place = {str(event): number for number, event in enumerate(self.events)}
        for user in self.users:
            if self.chats.arrived:
                places = [place[event] for event in self.chats.list_arrived(user.id)]
                assert places == sorted(places)


@pytest.fixture
def world(context, store):
    return World(context, store)


def test_whichever_message_is_taken_first_the_first_event_is_sent_first(world):
    for _ in range(4):
        world.emit()
    world.take(-1)
    world.check_order()
    # What is behind the head goes with it.
    assert len(world.chats.arrived) == 12
    world.check_once()


def test_what_waits_for_its_next_attempt_holds_up_those_behind_it(world):
    _, second = world.emit(), world.emit()
    world.take(0, ["trouble"] * 3)
    # Its pause is too long for the test's broker: the sweeper will bring it.
    assert [event for event, _ in world.queue] == [second.id]
    world.take(0)
    assert world.chats.arrived == []
    assert {each.state for each in world.store.deliveries.list_of_event(second.id)} == {
        DeliveryState.PENDING
    }
    world.finish()
    assert len(world.chats.arrived) == 6
    world.check_order()


def test_what_waits_for_too_long_lets_the_others_go_first(world, make_context):
    patient = make_context(delivery_attempts=100)
    world.sender = Sender(patient, world.chats, 2)
    first = world.emit()
    user = world.users[0].id
    event = (first.id, (user,))
    world.queue = [event]
    while world.store.deliveries.find(first.id, user).code is not Reason.ASIDE:
        world.queue = [event]
        world.take(0, ["trouble"])
    second = world.emit()
    world.queue = [(second.id, (user,))]
    world.take(0)
    assert world.chats.list_arrived(user) == [str(second.id)]
    assert world.lines.get_heads([user]) == [first.id]


def test_what_is_unknown_holds_up_nobody(world):
    world.emit(), world.emit()
    world.take(0, ["unknown"] * 3)
    assert len(world.chats.arrived) == 3
    world.check_order()


def test_a_line_that_a_dead_worker_left_behind_holds_up_nobody(world):
    for user in world.users:
        world.lines.enter([Place(uuid4(), user.id, world.now - LATER)])
    world.emit()
    world.take(0)
    assert len(world.chats.arrived) == 3
    assert world.lines.get_heads([user.id for user in world.users]) == [None] * 3


def test_what_is_about_to_enter_the_ledger_is_waited_for(world):
    first = world.die_in_fan_out()
    second = world.emit()
    world.take(0)
    assert world.chats.arrived == []
    world.now += LATER
    world.fan_out(first)
    world.take(0)
    assert world.chats.list_arrived(world.users[0].id) == [str(first.id), str(second.id)]
    world.check_once()
    # It is as old as its place, so the ledger tells the same order.
    [times] = {
        (
            world.store.deliveries.find(first.id, user.id).created_at,
            world.store.deliveries.find(second.id, user.id).created_at,
        )
        for user in world.users
    }
    assert list(times) == sorted(times)


def test_what_a_dead_worker_has_in_hand_goes_with_the_next_one(world):
    first = world.emit()
    keys = [(first.id, user.id) for user in world.users]
    world.store.deliveries.claim(keys, "dead", world.now - LATER, world.now)
    world.queue = []
    world.emit()
    world.take(0)
    assert len(world.chats.arrived) == 6
    world.check_order()


def test_a_message_that_comes_back_takes_what_a_dead_worker_has_in_hand(world):
    first = world.emit()
    keys = [(first.id, user.id) for user in world.users]
    world.store.deliveries.claim(keys, "dead", world.now - LATER, world.now)
    world.take(0)
    assert len(world.chats.arrived) == 3


def test_after_a_wipe_the_lines_are_made_again(world, redis_client):
    first, second = world.emit(), world.emit()
    redis_client.flushall()
    rebuild_lines(world.store, world.lines)
    users = [user.id for user in world.users]
    assert world.lines.get_heads(users) == [first.id] * 3
    assert world.lines.leave([(first.id, user) for user in users]) == [
        (second.id, user) for user in users
    ]


def test_lines_are_gone_when_nothing_waits(world, redis_client):
    world.emit()
    world.finish()
    assert list(redis_client.scan_iter("stargazer:line:*")) == []


def test_workers_at_once_keep_the_order(context, store):
    world = World(context, store, chats=5)
    for _ in range(12):
        world.emit()
    dice = random.Random(8)
    world.chats.answers = dice.choices(["take", "trouble", "throttle"], [8, 1, 1], k=60)
    senders = [Sender(context, world.chats, 2) for _ in range(4)]
    lock = threading.Lock()

    def work(sender):
        while True:
            with lock:
                if not world.queue:
                    return
                event, users = world.queue.pop(0)
            for each in sender.deliver(event, users):
                with lock:
                    world.queue.append((each.event, each.users))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, senders))
    world.finish()
    world.check_order()
    world.check_once()
    states = defaultdict(int)
    for event in world.events:
        for delivery in store.deliveries.list_of_event(event):
            states[delivery.state] += 1
    assert states == {DeliveryState.SENT: 60}


ANSWERS = strategies.lists(
    strategies.sampled_from(["take", "trouble", "throttle", "unknown", "die before", "die after"]),
    max_size=6,
)


class Machine(RuleBasedStateMachine):
    """A ledger to which everything may happen."""

    def __init__(self, context, store):
        super().__init__()
        self.world = World(context, store, chats=2)
        self.is_wiped = False

    @rule()
    def emit(self):
        self.world.emit()

    @rule()
    def die_in_fan_out(self):
        self.world.die_in_fan_out()

    @rule(number=strategies.integers(0, 9))
    def fan_out_again(self, number):
        half_done = self.world.half_done
        if half_done:
            self.world.fan_out(half_done.pop(number % len(half_done)))

    @rule(number=strategies.integers(0, 9), answers=ANSWERS)
    def take(self, number, answers):
        if self.world.queue:
            self.world.take(number, answers)

    @rule(number=strategies.integers(0, 9))
    def double(self, number):
        if self.world.queue:
            self.world.queue.append(self.world.queue[number % len(self.world.queue)])

    @rule()
    def lose(self):
        self.world.queue = []

    @rule()
    def wipe(self):
        self.world.context.redis.flushall()
        self.is_wiped = True

    @rule()
    def rebuild(self):
        rebuild_lines(self.world.store, self.world.lines)

    @rule()
    def sweep(self):
        self.world.sweep()

    def teardown(self):
        self.world.chats.answers = []
        self.world.finish()
        self.world.check_once()
        if not self.is_wiped:
            self.world.check_order()


def test_whatever_happens_each_comes_once_and_in_order(context, store):
    run_state_machine_as_test(
        lambda: Machine(context, store),
        settings=settings(
            max_examples=60,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
