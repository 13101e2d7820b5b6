"""The ledger between fan-out, senders and sweepers."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pymongo.errors
import pytest

from stargazer.ledger import (
    BATCH,
    Recorder,
    is_stale,
    mend,
    open_deliveries,
    take_overdue,
)
from stargazer.lines import Lines
from stargazer.models import Delivery, DeliveryState, EventFilter, StoredEvent, User
from stargazer.store.deliveries import Change, Deliveries

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KIND = "youtube/live_start"


def make_event(**fields):
    values = {"kind": KIND, "entity": uuid4(), "fields": {}}
    return StoredEvent(**{**values, "happened_at": NOW, "created_at": NOW, **fields})


def make_delivery(event, **fields):
    values = {"event": event, "user": uuid4(), "im": "telegram", "created_at": NOW, "due_at": NOW}
    return Delivery(**{**values, **fields})


def subscribe(store, event, count, im="telegram"):
    users = [
        User(
            im=im,
            im_payload=str(number),
            event_filter=EventFilter(entities=frozenset({event.entity}), kinds=frozenset({KIND})),
        )
        for number in range(count)
    ]
    for user in users:
        store.subscriptions.save_filter(user)
    return {user.id for user in users}


@pytest.fixture
def lines(redis_client):
    return Lines(redis_client)


class TestOpening:
    def test_each_interested_user_gets_one_delivery(self, store, lines):
        event = make_event()
        users = subscribe(store, event, 3)
        subscribe(store, make_event(), 2)
        [(im, given)] = open_deliveries(store, lines, event, NOW, NOW + MINUTE)
        assert (im, set(given)) == ("telegram", users)
        written = store.deliveries.list_of_event(event.id)
        assert {delivery.user for delivery in written} == users
        assert {delivery.state for delivery in written} == {DeliveryState.PENDING}
        assert {delivery.due_at for delivery in written} == {NOW + MINUTE}
        assert {delivery.claim for delivery in written} == {None}

    def test_nobody_interested_is_no_delivery(self, store, lines):
        assert list(open_deliveries(store, lines, make_event(), NOW, NOW)) == []

    def test_another_kind_is_not_of_interest(self, store, lines):
        event = make_event()
        subscribe(store, event, 1)
        other = event.model_copy(update={"kind": "youtube/new_video"})
        assert list(open_deliveries(store, lines, other, NOW, NOW)) == []

    def test_batches_are_of_one_chat_app_and_of_a_hundred_at_most(self, store, lines):
        event = make_event()
        many = subscribe(store, event, 2 * BATCH + 50)
        few = subscribe(store, event, 5, im="web")
        batches = list(open_deliveries(store, lines, event, NOW, NOW))
        sizes = Counter((im, len(users)) for im, users in batches)
        assert sizes == {("telegram", BATCH): 2, ("telegram", 50): 1, ("web", 5): 1}
        assert {user for im, users in batches for user in users if im == "telegram"} == many
        assert {user for im, users in batches for user in users if im == "web"} == few

    def test_each_batch_is_written_before_it_is_given(self, store, lines):
        event = make_event()
        subscribe(store, event, BATCH + 20)
        for _, users in open_deliveries(store, lines, event, NOW, NOW):
            assert all(store.deliveries.find(event.id, user) for user in (users[0], users[-1]))

    def test_opening_again_gives_nothing_and_touches_nothing(self, store, lines):
        event = make_event()
        [user] = subscribe(store, event, 1)
        list(open_deliveries(store, lines, event, NOW, NOW))
        store.deliveries.record([Change(event.id, user, {"state": DeliveryState.SENT})])
        assert list(open_deliveries(store, lines, event, NOW + MINUTE, NOW + MINUTE)) == []
        [delivery] = store.deliveries.list_of_event(event.id)
        assert (delivery.state, delivery.created_at) == (DeliveryState.SENT, NOW)

    def test_opening_again_gives_those_who_came_meanwhile(self, store, lines):
        event = make_event()
        subscribe(store, event, 2)
        list(open_deliveries(store, lines, event, NOW, NOW))
        late = subscribe(store, event, 1)
        assert list(open_deliveries(store, lines, event, NOW, NOW)) == [("telegram", list(late))]


class Slow(Deliveries):
    """Deliveries whose first write waits until it is let go, so that others gather behind it."""

    def __init__(self, collection):
        super().__init__(collection)
        self.has_begun = threading.Event()
        self.let_go = threading.Event()
        self.sizes = []

    def record(self, changes):
        changes = list(changes)
        self.sizes.append(len(changes))
        if len(self.sizes) == 1:
            self.has_begun.set()
            assert self.let_go.wait(10)
        super().record(changes)


@pytest.fixture
def slow(store):
    return Slow(store.deliveries.collection)


def wait_for_queue(recorder, length):
    deadline = threading.Event()
    for _ in range(1000):
        if len(recorder._waiting) == length:
            return
        deadline.wait(0.01)
    raise AssertionError("they did not all come")


class TestRecorder:
    def test_what_is_recorded_is_on_disk_when_it_returns(self, store):
        deliveries = [make_delivery(uuid4()) for _ in range(64)]
        store.deliveries.add(deliveries)
        recorder = Recorder(store.deliveries)

        def record(delivery):
            state = {"state": DeliveryState.SENT, "message_ids": (str(delivery.user),)}
            recorder.record(Change(delivery.event, delivery.user, state))
            return store.deliveries.find(delivery.event, delivery.user)

        with ThreadPoolExecutor(32) as pool:
            written = list(pool.map(record, deliveries))
        assert {delivery.state for delivery in written} == {DeliveryState.SENT}
        assert [delivery.message_id for delivery in written] == [
            str(delivery.user) for delivery in deliveries
        ]

    def test_those_who_wait_together_share_one_write(self, store, slow):
        deliveries = [make_delivery(uuid4()) for _ in range(32)]
        store.deliveries.add(deliveries)
        recorder = Recorder(slow)
        with ThreadPoolExecutor(32) as pool:
            record_all(pool, recorder, slow, deliveries, {"state": DeliveryState.SENT})
        assert slow.sizes == [1, 31]
        assert store.deliveries.count_by_state() == {"sent": 32}

    def test_an_error_reaches_each_thread_of_that_write_and_no_other(self, store, slow):
        deliveries = [make_delivery(uuid4()) for _ in range(9)]
        store.deliveries.add(deliveries)
        recorder = Recorder(slow)
        bad = {"reason": object()}
        with ThreadPoolExecutor(9) as pool:
            first, *others = record_all(pool, recorder, slow, deliveries, bad, first={"claim": "x"})
        assert first.exception() is None
        errors = [future.exception() for future in others]
        assert all("cannot encode object" in str(error) for error in errors)
        assert slow.sizes == [1, 8]

        recorder.record(Change(deliveries[1].event, deliveries[1].user, {"claim": "later"}))
        assert store.deliveries.find(deliveries[1].event, deliveries[1].user).claim == "later"

    def test_a_database_away_is_told_to_whoever_records(self, free_port):
        client = pymongo.MongoClient(
            "127.0.0.1", free_port(), serverSelectionTimeoutMS=50, connect=False
        )
        recorder = Recorder(Deliveries(client["nobody"]["deliveries"]))
        with pytest.raises(pymongo.errors.ConnectionFailure):
            recorder.record(Change(uuid4(), uuid4(), {"claim": None}))
        client.close()


def record_all(pool, recorder, slow, deliveries, fields, first=None):
    """Record one, and all others while it is being written."""

    def start(delivery, fields):
        return pool.submit(recorder.record, Change(delivery.event, delivery.user, fields))

    futures = [start(deliveries[0], first or fields)]
    assert slow.has_begun.wait(10)
    futures += [start(delivery, fields) for delivery in deliveries[1:]]
    wait_for_queue(recorder, len(deliveries) - 1)
    slow.let_go.set()
    for future in futures:
        future.exception(10)
    return futures


def take(store, now, limit):
    """Take what is overdue on Telegram, as Events and Users."""
    overdue = take_overdue(store, {"telegram": now}, now + MINUTE, limit)
    return [(event, users) for _, event, users in overdue]


class TestSweeping:
    def test_what_is_overdue_is_taken_event_by_event(self, store):
        old, new = uuid4(), uuid4()
        late = [make_delivery(new, created_at=NOW) for _ in range(2)]
        later = make_delivery(old, created_at=NOW - MINUTE)
        store.deliveries.add([*late, later])
        taken = take(store, NOW, 100)
        assert taken[0] == (old, [later.user])
        assert (taken[1][0], set(taken[1][1])) == (new, {delivery.user for delivery in late})
        assert take(store, NOW, 100) == []
        assert len(take(store, NOW + MINUTE, 100)) == 2

    def test_batches_fit_into_one_message(self, store):
        event = uuid4()
        store.deliveries.add([make_delivery(event) for _ in range(BATCH + 1)])
        taken = take(store, NOW, 1000)
        assert [(of, len(users)) for of, users in taken] == [(event, BATCH), (event, 1)]

    def test_not_more_is_taken_than_was_asked_for(self, store):
        store.deliveries.add([make_delivery(uuid4()) for _ in range(5)])
        assert len(take(store, NOW, 3)) == 3
        assert len(take(store, NOW, 3)) == 2

    @pytest.mark.parametrize(
        "fields",
        [
            {"due_at": NOW + MINUTE},
            {"im": "web"},
            {"state": DeliveryState.SENT},
            {"state": DeliveryState.UNKNOWN},
            {"state": DeliveryState.FAILED},
            {"state": DeliveryState.DROPPED},
        ],
        ids=["not due", "another chat app", "sent", "unknown", "failed", "dropped"],
    )
    def test_nothing_else_is_taken(self, store, fields):
        store.deliveries.add([make_delivery(uuid4(), **fields)])
        assert take(store, NOW, 100) == []

    def test_the_limit_is_that_of_each_chat_app(self, store):
        deliveries = [make_delivery(uuid4(), im=im) for im in ("telegram", "web") for _ in range(3)]
        store.deliveries.add(deliveries)
        overdue = take_overdue(store, dict.fromkeys(("telegram", "web"), NOW), NOW + MINUTE, 2)
        assert Counter(im for im, _, _ in overdue) == {"telegram": 2, "web": 2}

    def test_a_dead_hand_lets_go(self, store):
        delivery = make_delivery(uuid4())
        store.deliveries.add([delivery])
        store.deliveries.claim([delivery.key], "dead", NOW + MINUTE, NOW)
        assert take(store, NOW, 100) == []
        later = NOW + 2 * MINUTE
        assert len(take(store, later, 100)) == 1
        assert store.deliveries.find(delivery.event, delivery.user).claim is None


@pytest.mark.parametrize(
    ("kind", "age", "stale"),
    [
        (KIND, timedelta(hours=3), False),
        (KIND, timedelta(hours=3, seconds=1), True),
        (KIND, -timedelta(hours=5), False),
        ("youtube/new_video", timedelta(days=3), False),
        ("youtube/new_video", timedelta(days=3, seconds=1), True),
        ("foreign/kind", timedelta(days=365), False),
    ],
    ids=["fresh", "too old", "of the future", "still a new video", "an old video", "unknown kind"],
)
def test_news_are_stale_when_they_are(kind, age, stale):
    assert is_stale(make_event(kind=kind, happened_at=NOW - age), NOW, {}) is stale


def test_an_operator_may_choose_what_is_stale():
    event = make_event(kind=KIND, happened_at=NOW - timedelta(hours=2))
    assert is_stale(event, NOW, {KIND: timedelta(hours=1)})
    assert not is_stale(event, NOW, {"youtube/new_video": timedelta(hours=1)})


def test_what_a_wipe_broke_is_mended_once(redis_client):
    for expected in (True, False):
        with mend(redis_client, "ledger") as is_wiped_now:
            assert is_wiped_now is expected
    redis_client.flushall()
    with mend(redis_client, "ledger") as is_wiped_now:
        assert is_wiped_now


def test_who_fails_to_mend_leaves_it_to_the_next(redis_client):
    with pytest.raises(ValueError, match="away"), mend(redis_client, "ledger"):
        raise ValueError("the database is away")
    with mend(redis_client, "ledger") as is_wiped_now:
        assert is_wiped_now


def test_who_dies_while_mending_leaves_it_to_others_in_the_end(redis_client):
    with mend(redis_client, "ledger"):
        assert 0 < redis_client.pttl("stargazer:epoch:ledger") <= 300_000
        with mend(redis_client, "ledger") as is_wiped_now:
            assert not is_wiped_now
    assert redis_client.pttl("stargazer:epoch:ledger") == -1


def test_a_wiped_redis_is_noticed_once_by_each_sweeper(redis_client):
    def notices(sweeper):
        with mend(redis_client, sweeper) as is_wiped:
            return is_wiped

    assert notices("outbox")
    assert not notices("outbox")
    assert notices("ledger")
    redis_client.flushall()
    assert notices("outbox")
    assert not notices("outbox")
