"""Albums on Telegram keep its limits, to which each of their pictures counts."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from stargazer import delivery
from stargazer.delivery import Sender
from stargazer.models import Delivery, DeliveryState, Entity, Meta, Name, Reason, StoredEvent, User
from workers.im.telegram import Telegram

NOW = datetime.now(UTC)
PICTURES = [f"https://p.test/{number}.jpg" for number in range(9)]


def add_events(store, user, count):
    entity = Entity(meta=Meta(name=Name(name={"en": "Sora"}, default_language="en")))
    store.entities.save(entity)
    events = []
    for number in range(count):
        at = NOW + timedelta(milliseconds=number)
        events.append(
            StoredEvent(
                kind="twitter/new_tweet",
                entity=entity.id,
                fields={"text": f"{number}", "url": "https://x.test/1", "pictures": PICTURES},
                happened_at=at,
                created_at=at,
            )
        )
        store.events.save(events[-1])
        told = Delivery(event=events[-1].id, user=user.id, im="telegram", created_at=at, due_at=at)
        store.deliveries.add([told])
    return events


def test_a_group_gets_no_more_pictures_a_minute_than_messages(make_context, store, simulator):
    simulator.set_limits(chat_per_second=None)
    context = make_context(telegram_chat_rate=1000)
    user = User(im="telegram", im_payload="-5")
    store.users.save(user)
    events = add_events(store, user, 3)
    sender = Sender(context, Telegram(context), 2)
    for event in events:
        sender.deliver(event.id, [user.id])
    told = [store.deliveries.find(event.id, user.id) for event in events]
    assert [(each.state, len(each.message_ids)) for each in told] == [
        (DeliveryState.SENT, 9),
        (DeliveryState.SENT, 9),
        (DeliveryState.PENDING, 0),
    ]
    assert told[2].code is Reason.PACE
    assert simulator.counters()["limit_breaks"] == {}


def test_who_gets_no_slot_is_not_told_when_its_moment_comes(
    make_context, store, simulator, monkeypatch
):
    """Others that wait longest may by then have taken that moment."""
    monkeypatch.setattr(delivery, "HORIZON", 1.5)
    simulator.set_limits(global_per_second=5)
    context = make_context(telegram_rate=5, delivery_lease=timedelta(minutes=1))
    users = [User(im="telegram", im_payload=f"{number}") for number in range(1, 16)]
    for user in users:
        store.users.save(user)
    [event] = add_events(store, users[0], 1)
    for user in users[1:]:
        told = Delivery(event=event.id, user=user.id, im="telegram", created_at=NOW, due_at=NOW)
        store.deliveries.add([told])
    store.events.save(event.model_copy(update={"fields": {"text": "a", "url": "https://x.test"}}))
    Sender(context, Telegram(context), 5).deliver(event.id, [user.id for user in users])
    codes = Counter(each.code for each in store.deliveries.list_of_event(event.id))
    # On a machine that is late, some of the ten have lost their slots as well.
    assert set(codes) == {None, Reason.PACE}
    assert codes[Reason.PACE] >= 5
    assert simulator.counters()["limit_breaks"] == {}
