"""Fan-out: each who wants an Event gets one Delivery, however often it is done."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.ledger import BATCH
from stargazer.models import (
    DeliveryState,
    Entity,
    EventFilter,
    Meta,
    Name,
    OutboxState,
    Reason,
    Rule,
    StoredEvent,
    User,
)
from stargazer.situations import explain_delivery
from workers.fanout import hand_over, spread

KIND = "youtube/live_start"


class Scene:
    def __init__(self, context, store):
        self.context = context
        self.store = store
        self.entity = uuid4()

    def add_event(self, **fields):
        now = datetime.now(UTC)
        said = {"video_id": "v1", "title": "A title", "url": "https://v1", "started_at": None}
        values = {"kind": KIND, "entity": self.entity, "fields": said}
        values |= {"happened_at": now, "created_at": now}
        event = StoredEvent(**{**values, **fields})
        self.store.events.save(event)
        return event

    def add_users(self, count, im="telegram"):
        wish = EventFilter(entities=frozenset({self.entity}), kinds=frozenset({KIND}))
        users = [User(im=im, im_payload=str(n), event_filter=wish) for n in range(count)]
        for user in users:
            self.store.subscriptions.save_filter(user)
        return {str(user.id) for user in users}

    def spread(self, event):
        spread(self.context, event.id)
        return self.store.events.find(event.id)


@pytest.fixture
def scene(celery_app, context, store):
    return Scene(context, store)


def test_each_chat_app_gets_the_users_that_it_serves(scene, take_sent):
    telegram, web = scene.add_users(3), scene.add_users(2, im="web")
    event = scene.add_event()
    closed = scene.spread(event)
    assert (closed.state, closed.deliveries) == (OutboxState.DONE, 5)
    for im, users in (("telegram", telegram), ("web", web)):
        [sent] = take_sent(im)
        assert (sent.task, sent.args[0], set(sent.args[1])) == (
            f"{im}.deliver",
            str(event.id),
            users,
        )
    assert len(scene.store.deliveries.list_of_event(event.id)) == 5


def test_no_message_carries_more_than_a_hundred_users(scene, take_sent):
    users = scene.add_users(BATCH + 1)
    scene.spread(scene.add_event())
    sizes = [len(sent.args[1]) for sent in take_sent("telegram")]
    assert sorted(sizes) == [1, BATCH]
    assert len(users) == BATCH + 1


def test_nobody_interested_is_done_as_well(scene, take_sent):
    closed = scene.spread(scene.add_event())
    assert (closed.state, closed.deliveries) == (OutboxState.DONE, 0)
    assert take_sent("telegram") == []


def test_a_second_time_hands_nothing_on(scene, take_sent):
    scene.add_users(2)
    event = scene.add_event()
    scene.spread(event)
    take_sent("telegram")
    scene.spread(event)
    # As after a death between the last batch and the end of it.
    scene.store.events.finish(event.id, OutboxState.OPEN, 0)
    assert scene.spread(event).state == OutboxState.DONE
    assert take_sent("telegram") == []
    assert len(scene.store.deliveries.list_of_event(event.id)) == 2


def test_an_event_that_nobody_knows_is_dropped(scene, take_sent):
    spread(scene.context, uuid4())
    assert take_sent("telegram") == []


def test_stale_news_go_to_nobody_and_are_marked(scene, take_sent):
    scene.add_users(1)
    closed = scene.spread(scene.add_event(happened_at=datetime.now(UTC) - timedelta(days=1)))
    assert (closed.state, closed.deliveries) == (OutboxState.STALE, 0)
    assert take_sent("telegram") == []
    assert scene.store.deliveries.list_of_event(closed.id) == []


def test_without_a_broker_the_ledger_has_everything(scene, cut_broker, settings):
    scene.add_users(BATCH + 1)
    event = scene.add_event()
    before = datetime.now(UTC)
    cut_broker()
    closed = scene.spread(event)
    assert (closed.state, closed.deliveries) == (OutboxState.DONE, BATCH + 1)
    written = scene.store.deliveries.list_of_event(event.id)
    assert {delivery.state for delivery in written} == {DeliveryState.PENDING}
    # The sweeper comes when it would have come for a message that got lost.
    assert min(delivery.due_at for delivery in written) <= before + 2 * settings.sweep_after


def test_a_chat_app_that_nobody_serves_is_left_in_the_ledger(scene, take_sent):
    scene.add_users(1, im="carrier-pigeon")
    event = scene.add_event()
    assert scene.spread(event).deliveries == 1
    [delivery] = scene.store.deliveries.list_of_event(event.id)
    assert (delivery.im, delivery.state) == ("carrier-pigeon", DeliveryState.PENDING)


class TestHandingOver:
    def test_what_can_wait_has_a_countdown(self, take_sent):
        event, user = uuid4(), uuid4()
        assert hand_over("web", event, [user])
        assert hand_over("web", event, [user], 30.0)
        now, later = take_sent("web")
        assert now.headers["eta"] is None
        eta = datetime.fromisoformat(later.headers["eta"])
        assert 25 < (eta - datetime.now(UTC)).total_seconds() <= 30

    @pytest.mark.usefixtures("celery_app")
    def test_nobody_takes_what_is_for_nobody(self):
        assert not hand_over("carrier-pigeon", uuid4(), [uuid4()])

    def test_a_broker_that_is_away_takes_nothing(self, cut_broker):
        cut_broker()
        assert not hand_over("web", uuid4(), [uuid4()])


def test_what_a_rule_keeps_out_is_written_down_with_the_reason(scene, store, take_sent):
    (usual,) = scene.add_users(1)
    wish = EventFilter(entities={scene.entity}, kinds={KIND}, rules=[Rule(none_of=["title"])])
    choosy = User(im="telegram", im_payload="choosy", event_filter=wish)
    store.users.save(choosy)
    store.subscriptions.save_filter(choosy)
    event = scene.add_event()
    scene.spread(event)
    assert [sent.args[1] for sent in take_sent("telegram")] == [[usual]]
    kept_out = store.deliveries.find(event.id, choosy.id)
    assert (kept_out.state, kept_out.code) == (DeliveryState.DROPPED, Reason.FILTER)
    sentence = explain_delivery(store, event.id, choosy.id)
    assert sentence == "Not sent, for a filter of this chat held it back: rule 1: it says 'title'."


def test_who_wants_somebody_and_their_agency_is_told_once(scene, store, take_sent):
    group = uuid4()
    name = Name(name={"en": "Sora"}, default_language="en")
    store.entities.save(Entity(id=scene.entity, meta=Meta(name=name, group=group)))
    wish = EventFilter(entities={scene.entity}, groups={group}, kinds={KIND})
    users = [
        User(im="telegram", im_payload=str(number), event_filter=wish) for number in range(150)
    ]
    for user in users:
        store.subscriptions.save_filter(user)
    closed = scene.spread(scene.add_event())
    told = [user for sent in take_sent("telegram") for user in sent.args[1]]
    assert sorted(told) == sorted(str(user.id) for user in users)
    assert closed.deliveries == 150
