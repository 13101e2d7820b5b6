"""The sweepers bring what got lost, and leave alone what is on its way."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.models import Delivery, DeliveryState
from workers.fanout import hand_over
from workers.ledger import sweep_chat_apps

SECOND = timedelta(seconds=1)


@pytest.fixture
def add_delivery(store):
    def add(event=None, **fields):
        now = datetime.now(UTC)
        values = {"event": event or uuid4(), "user": uuid4(), "im": "web"}
        values |= {"created_at": now, "due_at": now - SECOND}
        delivery = Delivery(**{**values, **fields})
        store.deliveries.add([delivery])
        return delivery

    return add


def sweep(context):
    return sweep_chat_apps(context, ["web"], datetime.now(UTC))["web"]


def test_what_is_overdue_is_handed_out_again(celery_app, context, add_delivery, take_sent):
    event = uuid4()
    deliveries = [add_delivery(event) for _ in range(3)]
    add_delivery(im="telegram")
    assert sweep(context) == 3
    [sent] = take_sent("web")
    assert (sent.task, sent.args[0]) == ("web.deliver", str(event))
    assert set(sent.args[1]) == {str(delivery.user) for delivery in deliveries}
    assert sweep(context) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"due_at": datetime(2999, 1, 1, tzinfo=UTC)},
        {"state": DeliveryState.SENT},
        {"state": DeliveryState.UNKNOWN},
    ],
    ids=["not due", "sent", "unknown"],
)
def test_nothing_else_is_handed_out(celery_app, context, add_delivery, take_sent, fields):
    add_delivery(**fields)
    assert sweep(context) == 0
    assert take_sent("web") == []


def test_while_messages_wait_nothing_is_doubled(celery_app, context, add_delivery, take_sent):
    add_delivery()
    hand_over("web", uuid4(), [uuid4()])
    assert sweep(context) == 0
    assert len(take_sent("web")) == 1
    assert sweep(context) == 1


def test_what_a_dead_worker_held_is_free_again(celery_app, context, store, add_delivery, take_sent):
    delivery = add_delivery()
    past = datetime.now(UTC) - SECOND
    store.deliveries.claim([delivery.key], "dead", past, past)
    assert sweep(context) == 1
    assert store.deliveries.find(delivery.event, delivery.user).claim is None


def test_after_a_wipe_what_is_in_nobodys_hand_is_due_at_once(
    celery_app, context, store, add_delivery, take_sent
):
    later = datetime.now(UTC) + 60 * SECOND
    free, held = add_delivery(due_at=later), add_delivery(due_at=later)
    store.deliveries.claim([held.key], "alive", later, datetime.now(UTC))
    store.deliveries.make_unclaimed_due(datetime.now(UTC))
    assert sweep(context) == 1
    assert [sent.args for sent in take_sent("web")] == [[str(free.event), [str(free.user)]]]
