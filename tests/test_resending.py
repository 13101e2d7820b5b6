"""Sending a Delivery once more, because somebody asks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.errors import CallError, ConflictError
from stargazer.models import Delivery, DeliveryState, Reason, StoredEvent, User
from stargazer.resending import resend

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
OVER = [state for state in DeliveryState if state is not DeliveryState.PENDING]


@pytest.fixture
def add(store):
    def add(state, **fields):
        event = StoredEvent(
            kind="youtube/live_start", entity=uuid4(), fields={}, happened_at=NOW, created_at=NOW
        )
        user = User(im="web", im_payload=str(uuid4()))
        store.events.save(event)
        store.users.save(user)
        values = {"event": event.id, "user": user.id, "im": "web", "state": state}
        values |= {"created_at": NOW, "due_at": NOW, "attempts": 3}
        delivery = Delivery(**{**values, **fields})
        store.deliveries.add([delivery])
        return delivery

    return add


@pytest.mark.parametrize("state", OVER)
def test_what_is_over_becomes_pending_under_the_same_id(store, add, state):
    before = add(state, code=Reason.REFUSED, reason="too long", claim="old", finished_at=NOW)
    resend(store, *before.key, "root", LATER, force=state is DeliveryState.SENT)
    after = store.deliveries.find(*before.key)
    assert (after.state, after.claim, after.attempts) == (DeliveryState.PENDING, None, 0)
    assert (after.code, after.reason, after.finished_at) == (Reason.RESENT, None, None)
    assert (after.due_at, after.created_at, after.resends) == (LATER, NOW, 1)
    [asked] = after.history
    assert (asked.at, asked.code, asked.detail) == (LATER, Reason.RESENT, "root")


@pytest.mark.parametrize(
    ("fields", "force", "code"),
    [
        ({"state": DeliveryState.SENT}, False, "delivery_sent"),
        ({"state": DeliveryState.PENDING}, False, "delivery_pending"),
        ({"state": DeliveryState.PENDING, "claim": "a worker"}, True, "delivery_changed"),
    ],
    ids=["sent", "pending", "in hand"],
)
def test_what_needs_no_resending_is_left_alone(store, add, fields, force, code):
    before = add(**fields)
    with pytest.raises(ConflictError) as caught:
        resend(store, *before.key, "root", LATER, force=force)
    assert caught.value.code == code
    assert store.deliveries.find(*before.key) == before


def test_what_waits_does_not_wait_any_longer_when_forced(store, add):
    before = add(DeliveryState.PENDING, code=Reason.RETRY, next_at=LATER, history=())
    resend(store, *before.key, "root", NOW, force=True)
    after = store.deliveries.find(*before.key)
    assert after == before.model_copy(update={"next_at": None, "due_at": NOW})


def test_of_many_at_the_same_moment_one_is_heard(store, add):
    before = add(DeliveryState.SENT)

    def ask(number):
        try:
            resend(store, *before.key, str(number), LATER, force=True)
        except CallError as exc:
            return exc.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    after = store.deliveries.find(*before.key)
    # Who comes when it is pending already lets it be pending.
    assert set(answers) <= {"done", "delivery_changed"}
    assert "done" in answers
    assert (after.resends, len(after.history)) == (1, 1)


def test_a_second_time_is_another_time(store, add):
    key = add(DeliveryState.FAILED).key
    for number in (1, 2):
        resend(store, *key, "root", LATER)
        assert store.deliveries.find(*key).resends == number
        failed = store.deliveries.find(*key).model_copy(update={"state": DeliveryState.FAILED})
        store.deliveries.collection.update_one(
            {"_id": f"{key[0]}:{key[1]}"}, {"$set": {"state": failed.state.value}}
        )


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda store, each: store.users.delete(each.user), "user_not_found"),
        (lambda store, each: store.events.delete(each.event), "event_not_found"),
        (lambda store, each: store.users.pause(each.user, "kicked", NOW), "user_paused"),
        (lambda store, _: store.deliveries.collection.delete_many({}), "delivery_not_found"),
    ],
    ids=["no user", "no event", "paused", "no delivery"],
)
def test_what_cannot_be_sent_is_refused(store, add, spoil, code):
    delivery = add(DeliveryState.FAILED)
    spoil(store, delivery)
    with pytest.raises(CallError) as caught:
        resend(store, *delivery.key, "root", LATER)
    assert caught.value.code == code
