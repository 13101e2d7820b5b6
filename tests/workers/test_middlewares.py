"""What the framework does around a middleware."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer import bus
from stargazer.errors import PayloadError, RefusedError, ThrottledError, TransientError
from stargazer.models import OutboxState, StoredEvent
from workers.middlewares.contract import SWALLOWED, Held, Middleware, give_up, run

TAG = "youtube-live-check"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def event(store):
    now = datetime.now(UTC)
    event = StoredEvent(
        kind="youtube/new_video",
        entity=uuid4(),
        fields={"title": "t", "x-mine": 1, "x-other": 2},
        tags=("delay", TAG),
        happened_at=now,
        created_at=now,
        published_at=now,
    )
    store.events.save(event)
    return event


@pytest.fixture
def treat(celery_app, context, event):
    """Give a function that lets the Event be treated; gives the Event as it is then."""

    def treat(function, *, is_vital=False):
        middleware = Middleware(TAG, function, MINUTE, is_vital)
        run(celery_app, context, middleware, event.id, datetime.now(UTC))
        return context.store.events.find(event.id)

    return treat


def read_mine(_context, event, parameters):
    assert parameters.get("mine") == 1
    fields = {**event.fields, "title": "changed"}
    return event.model_copy(update={"fields": fields})


def fail(error):
    def treat(*_):
        raise error

    return treat


def test_what_is_left_to_do_is_published_without_tag_and_what_was_read(treat, take_sent):
    after = treat(read_mine)
    assert after.fields == {"title": "changed", "x-other": 2}
    assert (after.tags, after.state) == (("delay",), OutboxState.OPEN)
    assert [(step.by, step.what) for step in after.history] == [(TAG, "treated")]
    [sent] = take_sent("delay")
    assert (sent.task, sent.args) == ("delay.treat", [str(after.id)])


def test_it_is_treated_once_however_often_it_comes(treat, take_sent):
    assert treat(read_mine) == treat(read_mine)
    assert len(take_sent("delay")) == 1


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(SWALLOWED, OutboxState.SWALLOWED), (Held("until later"), OutboxState.HELD)],
    ids=["swallowed", "held"],
)
def test_an_event_may_be_kept_or_swallowed(treat, take_sent, outcome, state):
    after = treat(lambda *_: outcome)
    assert (after.state, after.tags) == (state, ("delay", TAG))
    assert after.fields["x-mine"] == 1
    assert take_sent("delay") == []


@pytest.mark.parametrize("error", [RefusedError("no"), PayloadError("no")], ids=str)
def test_what_fails_for_good_goes_on_as_it_was_and_its_history_says_so(
    treat, take_sent, error, caplog
):
    after = treat(fail(error))
    assert after.fields == {"title": "t", "x-mine": 1, "x-other": 2}
    assert after.tags == ("delay",)
    assert [(step.what, step.detail) for step in after.history] == [("failed", "no")]
    assert len(take_sent("delay")) == 1
    [record] = [each for each in caplog.records if each.message == "middleware_failed"]
    assert vars(record)["x-failed-middleware"] == TAG


def test_what_must_not_go_on_without_it_is_a_dead_letter(treat, take_sent, store, event):
    after = treat(fail(RefusedError("no such time")), is_vital=True)
    assert (after.state, after.tags) == (OutboxState.DEAD, ("delay", TAG))
    letter = store.dead_letters.find_of_event(event.id)
    assert (letter.by, letter.reason) == (TAG, "no such time")
    assert take_sent("delay") == []


@pytest.mark.parametrize("error", [TransientError("x"), ThrottledError("x", 3)], ids=repr)
def test_passing_trouble_is_for_the_celery_task_to_try_again(treat, event, error, store):
    with pytest.raises(type(error)):
        treat(fail(error))
    untouched = store.events.find(event.id)
    assert (untouched.state, untouched.steps) == (OutboxState.OPEN, 0)


def test_what_ends_the_worker_again_and_again_is_given_up(treat, store, event):
    store.events.update(event.id, {"$set": {"publications": 50}})
    after = treat(read_mine)
    assert [step.what for step in after.history] == ["failed"]


def test_giving_up_what_has_gone_on_changes_nothing(treat, celery_app, context, event):
    after = treat(read_mine)
    middleware = Middleware(TAG, read_mine, MINUTE)
    give_up(celery_app, context, middleware, event.id, "too late")
    assert context.store.events.find(event.id) == after


def test_an_event_that_is_held_is_not_swept(treat, celery_app, context, take_sent):
    treat(lambda *_: Held("until later"))
    later = datetime.now(UTC) + timedelta(days=1)
    assert bus.sweep(celery_app, context.store, later, later) == 0


def test_an_event_that_got_lost_is_swept_to_the_queue_of_its_tag(
    event, celery_app, context, take_sent
):
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert bus.sweep(celery_app, context.store, later, later + MINUTE) == 1
    assert [sent.task for sent in take_sent(TAG)] == [f"{TAG}.treat"]
    assert event.id
