"""What workers have in hand is done, or given back; never both."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest

from stargazer.coordinator import batches
from stargazer.coordinator.batches import Batch
from stargazer.coordinator.leader import Leadership
from stargazer.coordinator.schedule import list_due, list_due_times, schedule_now

KIND = "youtube"
SPAN = timedelta(seconds=100)


@pytest.fixture
def fence(redis_client):
    with Leadership(redis_client, timedelta(minutes=1)) as fence:
        yield fence


@pytest.fixture
def batch(redis_client, fence):
    """Give one that was handed out."""
    batch = Batch(node="a", kind=KIND, tasks=tuple(uuid4() for _ in range(20)))
    for task in batch.tasks:
        schedule_now(redis_client, KIND, task)
    assert batches.register(redis_client, fence, batch, SPAN)
    return batch


def test_what_is_handed_out_is_due_again_about_one_span_later(redis_client, batch):
    assert list_due(redis_client, KIND, 100) == []
    due = list_due_times(redis_client, KIND, list(batch.tasks))
    assert all(93 <= each <= 106 for each in due)
    # Not all at the same moment again.
    assert len({round(each, 3) for each in due}) == len(batch.tasks)


def test_what_was_removed_meanwhile_does_not_come_back(redis_client, batch, fence):
    gone = Batch(node="a", kind=KIND, tasks=(uuid4(),))
    assert batches.register(redis_client, fence, gone, SPAN)
    batches.give_back(redis_client, gone)
    assert list_due_times(redis_client, KIND, list(gone.tasks)) == [None]


def test_a_leader_that_was_replaced_hands_out_nothing(redis_client, batch, fence):
    redis_client.delete("stargazer:leader")
    with Leadership(redis_client, timedelta(minutes=1)) as newer:
        late = Batch(node="a", kind=KIND, tasks=batch.tasks)
        assert not batches.register(redis_client, fence, late, SPAN)
        assert batches.register(redis_client, newer, late, SPAN)
    redis_client.flushall()
    assert not batches.register(redis_client, newer, late, SPAN)


def test_a_batch_is_begun_and_done(redis_client, batch):
    (pending,) = batches.list_pending(redis_client)
    assert (pending.batch, pending.runs) == (batch, None)
    assert pending.waits == pytest.approx(0, abs=2)
    assert batches.start(redis_client, batch.id)
    (pending,) = batches.list_pending(redis_client)
    assert pending.runs == pytest.approx(0, abs=2)
    batches.finish(redis_client, batch.id)
    assert batches.list_pending(redis_client) == []
    assert batches.find(redis_client, batch.id) is None
    assert redis_client.keys("stargazer:batches*") == []


def test_who_begins_again_after_a_crash_goes_on(redis_client, batch):
    assert batches.start(redis_client, batch.id)
    began = batches.list_pending(redis_client)[0].runs
    time.sleep(0.05)
    assert batches.start(redis_client, batch.id)
    assert batches.list_pending(redis_client)[0].runs > began


def test_what_is_given_back_is_due_at_once_and_not_to_be_begun(redis_client, batch):
    assert batches.give_back(redis_client, batch)
    assert set(list_due(redis_client, KIND, 100)) == set(batch.tasks)
    assert not batches.start(redis_client, batch.id)
    assert not batches.give_back(redis_client, batch)


def test_what_is_done_cannot_be_given_back(redis_client, batch):
    batches.finish(redis_client, batch.id)
    assert not batches.give_back(redis_client, batch)
    assert list_due(redis_client, KIND, 100) == []


def test_a_pause_that_a_source_wished_for_is_cut_short_by_nothing_but_a_loss(redis_client, batch):
    (pending,) = batches.list_pending(redis_client)
    assert pending.batch.tasks == batch.tasks
    batches.finish(redis_client, batch.id)
    assert min(list_due_times(redis_client, KIND, list(batch.tasks))) > 90
