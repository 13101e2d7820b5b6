"""Our subscriptions at a hub, with a simulated hub and a callback that it really calls."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask, Response, request

from stargazer import websub
from stargazer.models import LeaseState, Task
from workers.websub import ask_hub, ensure_lease, start_asking

CHANNEL = "UC" + "a" * 22
TASK = Task(entity=uuid4(), kind="youtube", params={"channel_id": CHANNEL})


class Callback:
    """Confirms as our API does."""

    def __init__(self, store, serve):
        self.store = store
        self.seen = []
        app = Flask("callback")
        app.get("/push/<token>")(self.verify)
        self.url = serve(app)

    def verify(self, token):
        lease = self.store.leases.find(token)
        assert lease is not None, "a hub may verify before it has answered"
        answer, changes = websub.confirm(lease, request.args, datetime.now(UTC))
        self.seen.append((token, request.args["hub.mode"], answer))
        if changes:
            self.store.leases.update(token, **changes)
        is_confirmed = answer is websub.Answer.CONFIRMED
        return Response(request.args["hub.challenge"], 200 if is_confirmed else 404)


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.01)


@pytest.fixture
def callback(store, serve):
    return Callback(store, serve)


@pytest.fixture
def public(celery_app, make_context, callback):
    """Give the Context of an instance that a hub can reach."""
    return make_context(public_url=callback.url)


@pytest.fixture
def ensure(public, store):
    """Ensure the Lease of the Task, and give the one that is wanted now."""

    def ensure(context=None):
        ensure_lease(context or public, TASK, datetime.now(UTC))
        return store.leases.find_by_account("youtube", CHANNEL)

    return ensure


def test_without_a_public_address_no_hub_is_asked(celery_app, context, store, take_sent):
    ensure_lease(context, TASK, datetime.now(UTC))
    assert store.leases.list_all() == []
    assert take_sent("websub") == []


def test_a_task_that_lacks_its_channel_is_passed_over(public, store):
    ensure_lease(public, TASK.model_copy(update={"params": {}}), datetime.now(UTC))
    assert store.leases.list_all() == []


def test_a_lease_is_stored_before_the_hub_is_asked(ensure, simulator, take_sent):
    lease = ensure()
    assert lease.state == LeaseState.PENDING
    assert lease.asked_at is not None
    assert lease.topic.endswith(f"channel_id={CHANNEL}")
    assert simulator.journal(target="hub") == []
    assert [(sent.task, sent.args) for sent in take_sent("websub")] == [
        ("websub.ask", [lease.token])
    ]


def test_a_channel_has_one_lease_however_often_it_is_ensured(ensure, store, take_sent):
    assert ensure() == ensure()
    assert len(store.leases.list_all()) == 1
    assert len(take_sent("websub")) == 1


def test_the_hub_verifies_and_the_lease_is_valid(ensure, public, store, simulator):
    token = ensure().token
    ask_hub(public, token)
    wait_until(lambda: store.leases.find(token).state == LeaseState.VERIFIED)
    lease = store.leases.find(token)
    span = public.settings.websub_lease
    assert abs(lease.expires_at - datetime.now(UTC) - span) < timedelta(seconds=30)
    assert datetime.now(UTC) < lease.renew_at < lease.expires_at
    wait_until(simulator.subscriptions)
    [subscription] = simulator.subscriptions()
    assert (subscription["channel_id"], subscription["is_signed"]) == (CHANNEL, True)


def test_a_changed_address_subscribes_anew_and_ends_the_old(
    ensure, make_context, public, store, callback, take_sent, simulator
):
    old = ensure()
    ask_hub(public, old.token)
    wait_until(lambda: store.leases.find(old.token).state == LeaseState.VERIFIED)
    take_sent("websub")

    # The same place under another name.
    moved = make_context(public_url=callback.url.replace("127.0.0.1", "localhost"))
    new = ensure(moved)
    assert new.token != old.token
    assert new.callback.startswith(f"{moved.settings.public_url}/push/")
    assert store.leases.find(old.token).state == LeaseState.REMOVED
    assert [sent.args for sent in take_sent("websub")] == [[old.token], [new.token]]
    ask_hub(moved, old.token)
    wait_until(lambda: len(callback.seen) == 2)
    assert callback.seen[1] == (old.token, "unsubscribe", websub.Answer.CONFIRMED)
    wait_until(lambda: simulator.subscriptions() == [])


def test_a_hub_that_asks_for_a_pause_gets_it(ensure, public, store, simulator):
    token = ensure().token
    simulator.add_fault("hub", status=503, retry_after=900, count=1)
    now = datetime.now(UTC)
    ask_hub(public, token)
    lease = store.leases.find(token)
    assert (lease.state, lease.failures, lease.last_error) == (LeaseState.FAILED, 1, "HTTP 503")
    assert timedelta(seconds=895) < lease.renew_at - now < timedelta(seconds=930)
    ask_hub(public, token)
    wait_until(lambda: store.leases.find(token).state == LeaseState.VERIFIED)
    assert store.leases.find(token).failures == 0


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 409}, {"drop": True}], ids=str)
def test_a_hub_that_fails_leaves_a_valid_lease_valid(ensure, public, store, simulator, fault):
    token = ensure().token
    expires_at = datetime.now(UTC) + timedelta(days=1)
    store.leases.update(token, state=LeaseState.VERIFIED, expires_at=expires_at)
    simulator.add_fault("hub", **fault)
    ask_hub(public, token)
    lease = store.leases.find(token)
    assert (lease.state, lease.failures) == (LeaseState.VERIFIED, 1)
    assert lease.renew_at > datetime.now(UTC)


def test_a_hub_that_does_not_want_to_end_a_lease_is_left_alone(ensure, public, store, simulator):
    token = ensure().token
    store.leases.update(token, state=LeaseState.REMOVED)
    simulator.add_fault("hub", status=500)
    ask_hub(public, token)
    assert store.leases.find(token).state == LeaseState.REMOVED


def test_a_lease_that_nobody_knows_is_not_asked_for(public, simulator, store):
    ask_hub(public, "unknown")
    assert simulator.journal(target="hub") == []


def test_what_the_broker_does_not_take_is_due_at_once(ensure, public, store, cut_broker):
    lease = ensure()
    now = datetime.now(UTC)
    cut_broker()
    start_asking(public, lease, now)
    assert store.leases.find(lease.token).renew_at <= now
    assert [each.token for each in store.leases.list_due(now)] == [lease.token]


def test_an_unanswered_request_is_asked_again(ensure, store):
    lease = ensure()
    now = datetime.now(UTC)
    assert store.leases.list_due(now) == []
    assert [each.token for each in store.leases.list_due(now + websub.VERIFY_WITHIN)] == [
        lease.token
    ]
