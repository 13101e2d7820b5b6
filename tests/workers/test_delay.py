"""The middleware ``delay``: waiting, replacing, cancelling, and being late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.models import OutboxState, StoredEvent
from stargazer.store.delayed import Timer
from workers.middlewares.contract import run
from workers.middlewares.delay import MIDDLEWARE, catch_up, look_at_timers, release

HOUR = 3600
KIND = "youtube/new_video"


@pytest.fixture
def add(store):
    """Give a function that puts an Event into the outbox that is to wait."""

    def add(seconds=HOUR, key="stream", tags=("delay",), created_at=None, **fields):
        now = datetime.now(UTC)
        parameters = {"x-delay-id": key}
        if seconds is not None:
            parameters["x-delay-at"] = now.timestamp() + seconds
        event = StoredEvent(
            kind=KIND,
            entity=uuid4(),
            fields={"title": "t", **parameters, **fields},
            tags=tags,
            happened_at=now,
            created_at=created_at or now,
            published_at=now,
        )
        store.events.save(event)
        return event.id

    return add


@pytest.fixture
def treat(celery_app, context):
    def treat(event):
        run(celery_app, context, MIDDLEWARE, event, datetime.now(UTC))

    return treat


@pytest.fixture
def find(store):
    return store.events.find


@pytest.fixture
def ring(celery_app, context):
    """Give a function that lets the alarm of a timer ring."""

    def ring(timer, now=None):
        return release(celery_app, context, [timer], now or datetime.now(UTC))

    return ring


def list_whats(event):
    return [step.what for step in event.history]


def test_it_waits_and_goes_on_at_its_time(add, treat, find, store, ring, take_sent):
    event = add(tags=("translate-later", "delay"), **{"x-other": 1})
    treat(event)
    held = find(event)
    assert (held.state, held.tags) == (OutboxState.HELD, ("translate-later", "delay"))
    timer = store.delayed.find('"stream"')
    assert timer.event == event
    assert ring(timer) == 1
    gone = find(event)
    # Nobody has bound the tag that is left, but that is another story.
    assert gone.tags == ("translate-later",)
    assert list_whats(gone)[:2] == ["held", "released"]
    assert store.delayed.find('"stream"') is None


def test_only_its_own_parameters_are_taken_off(add, treat, find, store, ring, take_sent):
    event = add(**{"x-other": 1})
    treat(event)
    ring(store.delayed.find('"stream"'))
    after = find(event)
    assert (after.state, after.tags) == (OutboxState.OPEN, ())
    assert after.fields == {"title": "t", "x-other": 1}
    assert [sent.args for sent in take_sent("ready")] == [[str(event)]]


def test_an_alarm_that_rings_twice_does_it_once(add, treat, store, ring, take_sent):
    treat(add())
    timer = store.delayed.find('"stream"')
    assert [ring(timer), ring(timer)] == [1, 0]
    assert len(take_sent("ready")) == 1


def test_treating_again_after_a_crash_changes_nothing(add, treat, find, store):
    event = add()
    treat(event)
    store.events.update(event, {"$set": {"state": "open", "steps": 0, "history": []}})
    treat(event)
    assert find(event).state == OutboxState.HELD
    assert store.delayed.find('"stream"').event == event


@pytest.mark.parametrize("key", ["stream", 5, "5", "星", 2**60])
def test_an_id_is_any_string_or_integer(add, treat, find, key):
    first, second = add(key=key), add(key=key)
    treat(first)
    treat(second)
    assert find(first).state == OutboxState.SWALLOWED
    assert list_whats(find(first)) == ["held", "replaced"]
    assert find(second).state == OutboxState.HELD


def test_the_number_and_the_text_are_two_ids(add, treat, find):
    number, text = add(key=5), add(key="5")
    treat(number)
    treat(text)
    assert find(number).state == find(text).state == OutboxState.HELD


def test_cancelling_ends_it_and_is_heard_by_nobody(add, treat, find, store, ring):
    event = add()
    treat(event)
    timer = store.delayed.find('"stream"')
    cancel = add(None, **{"x-delay-cancel": True})
    treat(cancel)
    assert find(event).state == find(cancel).state == OutboxState.SWALLOWED
    assert list_whats(find(event)) == ["held", "cancelled"]
    assert ring(timer) == 0


def test_what_is_cancelled_before_it_came_does_not_wait(add, treat, find):
    event = add(created_at=datetime.now(UTC) - timedelta(seconds=5))
    treat(add(None, **{"x-delay-cancel": True}))
    treat(event)
    assert find(event).state == OutboxState.SWALLOWED


def test_what_comes_the_wrong_way_round_ends_as_it_was_meant(add, treat, find):
    older = add(created_at=datetime.now(UTC) - timedelta(seconds=5))
    younger = add()
    treat(younger)
    treat(older)
    assert find(older).state == OutboxState.SWALLOWED
    assert find(younger).state == OutboxState.HELD


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"x-delay-id": None}, "x-delay-id"),
        ({"x-delay-id": ""}, "x-delay-id"),
        ({"x-delay-id": 1.5}, "x-delay-id"),
        ({"x-delay-id": True}, "x-delay-id"),
        ({"x-delay-at": None}, "x-delay-at"),
        ({"x-delay-at": "soon"}, "x-delay-at"),
        ({"x-delay-at": True}, "x-delay-at"),
        ({"x-delay-at": 1e30}, "x-delay-at"),
        ({"x-delay-at": 1}, "in the past"),
        ({"x-delay-cancel": "yes"}, "x-delay-cancel"),
    ],
    ids=str,
)
def test_wrong_fields_are_a_dead_letter_with_the_reason(add, treat, find, store, fields, reason):
    waits = add()
    treat(waits)
    wrong = add(**fields)
    treat(wrong)
    assert find(wrong).state == OutboxState.DEAD
    assert reason in store.dead_letters.find_of_event(wrong).reason
    # What waits is not disturbed.
    assert find(waits).state == OutboxState.HELD


def test_what_was_due_before_it_was_treated_goes_on_with_its_lateness(
    add, treat, find, store, ring, take_sent
):
    event = add(-10, created_at=datetime.now(UTC) - timedelta(minutes=1))
    treat(event)
    assert [sent.task for sent in take_sent("delay")] == ["delay.ring"]
    ring(store.delayed.find('"stream"'))
    (_, released) = find(event).history
    assert float(released.detail.split()[0]) == pytest.approx(10, abs=3)


class TestAlarms:
    @pytest.fixture
    def context(self, make_context):
        """Give the connections of a process whose broker keeps messages for long."""
        return make_context(visibility_timeout=timedelta(minutes=5))

    def test_what_is_due_soon_has_one_alarm(self, add, treat, context, take_sent):
        event = add(20)
        treat(event)
        [sent] = take_sent("delay")
        assert (sent.task, sent.args[0][0][1]) == ("delay.ring", str(event))
        assert sent.headers["eta"]
        look_at_timers(context, datetime.now(UTC))
        assert take_sent("delay") == []

    def test_what_is_due_later_has_none_until_it_is_near(self, add, treat, context, take_sent):
        treat(add(300))
        assert take_sent("delay") == []
        look_at_timers(context, datetime.now(UTC))
        assert take_sent("delay") == []
        look_at_timers(context, datetime.now(UTC) + timedelta(seconds=270))
        assert len(take_sent("delay")) == 1

    def test_what_is_due_at_one_moment_has_one_alarm(self, add, treat, context, take_sent):
        at = datetime.now(UTC).timestamp() + 200
        for number in range(30):
            treat(add(key=number, **{"x-delay-at": at}))
        look_at_timers(context, datetime.now(UTC) + timedelta(seconds=180))
        [sent] = take_sent("delay")
        assert len(sent.args[0]) == 30

    def test_a_missed_alarm_is_made_up_for(self, add, treat, find, context, take_sent):
        event = add(20)
        treat(event)
        take_sent("delay")
        look_at_timers(context, datetime.now(UTC) + timedelta(seconds=30))
        assert find(event).state == OutboxState.OPEN
        assert len(take_sent("ready")) == 1

    def test_whatever_was_due_while_all_was_down_goes_on(self, add, treat, find, store, context):
        event = add()
        treat(event)
        timer = store.delayed.find('"stream"')
        past = datetime.now(UTC) - timedelta(days=2)
        assert store.delayed.put(Timer(timer.key, event, past), event)
        catch_up(context, datetime.now(UTC))
        assert find(event).state == OutboxState.OPEN


@pytest.mark.parametrize("rival", ["cancelled", "replaced"])
def test_the_due_moment_and_another_wish_never_both_win(
    add, treat, find, store, ring, take_sent, rival
):
    wins = {"released": 0, rival: 0}
    other = {"x-delay-cancel": True, "seconds": None} if rival == "cancelled" else {}
    with ThreadPoolExecutor(2) as pool:
        for number in range(500):
            event = add(key=number)
            treat(event)
            timer = store.delayed.find(str(number))
            second = add(key=number, **other)
            pair = [pool.submit(ring, timer), pool.submit(treat, second)]
            for future in pair:
                future.result()
            after = find(event)
            (last,) = list_whats(after)[1:]
            wins[last] += 1
            assert (after.state == OutboxState.OPEN) == (last == "released")
            if rival == "replaced":
                # Whoever won, the second one waits, and goes on once.
                assert find(second).state == OutboxState.HELD
                assert ring(store.delayed.find(str(number))) == 1
    sent = [each.args[0] for each in take_sent("ready")]
    assert len(sent) == len(set(sent)) == wins["released"] + (500 if rival == "replaced" else 0)
    assert sum(wins.values()) == 500
