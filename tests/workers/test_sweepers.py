"""The sweepers bring what got lost, and leave alone what is on its way."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.models import Delivery, DeliveryState
from workers.fanout import hand_over
from workers.ledger import REST, get_rest, sweep_chat_apps

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


def sweep(context, **options):
    return sweep_chat_apps(context, ["web"], datetime.now(UTC), **options)["web"]


@pytest.mark.parametrize(("spent", "rest"), [(0.01, 0.0), (0.5, 0.0), (4.5, 90.0)])
def test_a_long_look_is_followed_by_a_rest(spent, rest):
    assert get_rest(spent) == rest


def test_while_it_rests_only_a_wipe_wakes_the_sweeper(celery_app, context, add_delivery):
    add_delivery()
    context.redis.set(REST, 1, px=60_000)
    assert sweep(context) == 0
    assert sweep(context, is_wiped=True) == 1


def test_of_a_backlog_only_what_comes_first_is_handed_out(
    celery_app, context, add_delivery, take_sent
):
    user, now = uuid4(), datetime.now(UTC)
    first, *_ = (add_delivery(user=user, created_at=now - n * SECOND) for n in (9, 8, 7))
    assert sweep(context) == 1
    assert [sent.args for sent in take_sent("web")] == [[str(first.event), [str(user)]]]


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
    assert sweep(context) == 0
    assert sweep(context, is_wiped=True) == 1
    assert [sent.args for sent in take_sent("web")] == [[str(free.event), [str(free.user)]]]
