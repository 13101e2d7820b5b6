"""Our subscriptions at a hub, with a simulated hub and a callback that it really calls."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, Response, request

from stargazer import websub
from stargazer.models import LeaseState
from stargazer.websub.hubs import get_kind
from stargazer.websub.report import report_pushes
from workers.websub import ask_hub, ensure_lease, renew_due, start_asking

CHANNEL = "UC" + "a" * 22
TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
MINUTE = timedelta(minutes=1)


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
        context = context or public
        hub = f"{context.settings.youtube_hub_url}/subscribe"
        topic = context.settings.youtube_topic.format(channel_id=CHANNEL)
        ensure_lease(context, "youtube", CHANNEL, hub, topic, datetime.now(UTC))
        return store.leases.find_by_account("youtube", CHANNEL)

    return ensure


def test_without_a_public_address_no_hub_is_asked(celery_app, context, store, take_sent):
    ensure_lease(context, "youtube", CHANNEL, "https://hub", "https://topic", datetime.now(UTC))
    assert store.leases.list_all() == []
    assert take_sent("websub") == []
    report = report_pushes(store, context.settings, "youtube")
    assert "STARGAZER_PUBLIC_URL is not set" in report.problem


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
    wait_until(simulator.subscriptions)
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


def add_leases(public, store, count, now):
    """Add Leases that were never asked for, all due now."""
    hub = f"{public.settings.youtube_hub_url}/subscribe"
    leases = [
        websub.new_lease(
            "youtube",
            f"UC{number:022d}",
            hub,
            TOPIC + f"UC{number:022d}",
            public.settings.public_url,
            now,
        )
        for number in range(count)
    ]
    for lease in leases:
        store.leases.save(lease)
    return leases


class TestAHubInTrouble:
    def fall(self, public, store, simulator, take_sent, **fault):
        """Let a hub fail once, and give when it may be asked again."""
        simulator.add_fault("hub", **{"status": 503, **fault})
        now = datetime.now(UTC)
        [lease, *_] = add_leases(public, store, 200, now)
        renew_due(public, now)
        assert len(take_sent("websub")) == 50
        ask_hub(public, lease.token)
        return store.platforms.get(get_kind(lease.hub)).paused_until

    def test_is_left_alone_with_all_topics_for_as_long_as_it_asks(
        self, public, store, simulator, take_sent
    ):
        now = datetime.now(UTC)
        until = self.fall(public, store, simulator, take_sent, retry_after=900)
        assert timedelta(seconds=895) < until - now < timedelta(seconds=930)
        renew_due(public, now + 14 * MINUTE)
        assert take_sent("websub") == []

    def test_is_asked_by_one_when_the_pause_is_over_and_then_by_the_others(
        self, public, store, simulator, take_sent
    ):
        until = self.fall(public, store, simulator, take_sent)
        renew_due(public, until)
        [probe] = take_sent("websub")
        simulator.clear_faults()
        ask_hub(public, probe.args[0])
        renew_due(public, until)
        assert len(take_sent("websub")) == 50

    def test_those_that_were_under_way_together_are_one_failure(
        self, public, store, simulator, take_sent
    ):
        self.fall(public, store, simulator, take_sent)
        leases = store.leases.list_all()
        for lease in leases[:5]:
            ask_hub(public, lease.token)
        assert store.platforms.get(get_kind(leases[0].hub)).failures == 1
        assert {lease.failures for lease in store.leases.list_all()} == {0}

    def test_is_one_alarm_after_ten_minutes_and_another_word_when_it_is_back(
        self, public, store, simulator, take_sent
    ):
        self.fall(public, store, simulator, take_sent)
        assert store.alarms.list_all() == []
        [lease, *_] = store.leases.list_all()
        kind = get_kind(lease.hub)
        long_ago = datetime.now(UTC) - 11 * MINUTE
        state = store.platforms.get(kind)
        changes = {"paused_since": long_ago, "paused_until": long_ago}
        store.platforms.save(state.model_copy(update=changes))
        ask_hub(public, lease.token)
        [alarm] = store.alarms.list_all()
        assert (alarm.key, alarm.ended_at) == (kind, None)
        simulator.clear_faults()
        ask_hub(public, lease.token)
        assert store.alarms.list_all()[0].ended_at is not None
        assert store.platforms.get(kind).failures == 0

    def test_a_new_lease_waits_for_it(self, public, store, simulator, take_sent, ensure):
        self.fall(public, store, simulator, take_sent)
        lease = ensure()
        assert (lease.state, lease.asked_at) == (LeaseState.PENDING, None)
        assert take_sent("websub") == []

    def test_what_it_granted_before_goes_on_until_its_time_is_over(
        self, ensure, public, store, simulator
    ):
        token = ensure().token
        ask_hub(public, token)
        wait_until(lambda: store.leases.find(token).state == LeaseState.VERIFIED)
        simulator.add_fault("hub", status=503)
        ask_hub(public, token)
        lease = store.leases.find(token)
        assert lease.state == LeaseState.VERIFIED
        renew_due(public, lease.expires_at)
        assert store.leases.find(token).state == LeaseState.LAPSED


def test_a_removed_lease_is_ended_at_the_hub_and_then_forgotten(
    ensure, public, store, simulator, callback
):
    token = ensure().token
    ask_hub(public, token)
    # The hub itself knows of it a moment after we do.
    wait_until(simulator.subscriptions)
    store.leases.update(token, state=LeaseState.REMOVED, renew_at=datetime.now(UTC))
    renew_due(public, datetime.now(UTC))
    ask_hub(public, token)
    wait_until(lambda: simulator.subscriptions() == [])
    wait_until(lambda: len(callback.seen) == 2)
    renew_due(public, datetime.now(UTC) + 20 * MINUTE)
    assert store.leases.find(token) is None


def test_an_end_that_the_hub_never_confirms_is_forgotten_in_time(ensure, public, store, simulator):
    token = ensure().token
    ask_hub(public, token)
    wait_until(simulator.subscriptions)
    simulator.add_fault("hub", status=409)
    now = datetime.now(UTC)
    store.leases.update(token, state=LeaseState.REMOVED, renew_at=now)
    for _ in range(7):
        now += 2 * 60 * MINUTE
        renew_due(public, now)
        ask_hub(public, token)
    renew_due(public, now + 2 * 60 * MINUTE)
    assert store.leases.find(token) is None


@pytest.mark.parametrize("fault", [{"status": 409}, {"status": 400}], ids=str)
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
