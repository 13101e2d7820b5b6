"""What a run under faults is judged by: each promise that can be broken is seen to be."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bench.verdict import Arrivals, Attempt, Row, judge
from stargazer.models import Delivery, DeliveryState, Reason

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SENT, UNKNOWN = DeliveryState.SENT, DeliveryState.UNKNOWN
USER = uuid4()


def make_row(video, state=SENT, after=0.0, chat="a", **fields):
    """Make a Delivery that entered the ledger so many seconds after the first."""
    at = NOW + timedelta(seconds=after)
    delivery = Delivery(
        event=uuid4(), user=USER, im="x", state=state, created_at=at, due_at=at, **fields
    )
    return Row(chat, video, delivery)


def arrive(*attempts):
    """Let requests come, each given as a video and what else is unusual about it."""
    arrivals = Arrivals()
    for number, (video, fields) in enumerate(attempts, 1):
        usual = {"chat": "a", "at": NOW.timestamp() + number, "is_taken": True, "is_open": False}
        arrivals.add(Attempt(video=video, number=number, **{**usual, **fields}))
    return arrivals


def judge_it(rows, arrivals, videos=("one", "two"), allowed=0):
    return judge(rows, arrivals, ["a"], dict.fromkeys(videos, NOW.timestamp()), allowed)


ROWS = [make_row("one"), make_row("two", after=1)]
OPEN = {"is_open": True}
REFUSED = {"is_taken": False}


def test_what_came_once_and_in_order_is_right():
    verdict = judge_it(ROWS, arrive(("one", REFUSED), ("one", {}), ("two", {})))
    assert verdict.broken == []
    assert verdict.states == {"sent": 2}
    assert list(verdict.seconds) == [2.0, 3.0]


@pytest.mark.parametrize(
    ("rows", "attempts", "problem"),
    [
        (ROWS[:1], [("one", {})], "never entered the ledger: two to a"),
        (ROWS, [("one", {}), ("two", REFUSED)], "sent, says the ledger, and never came: two"),
        (ROWS, [("two", {}), ("one", {})], "overtaken in its chat: one by two in a"),
        (ROWS, [("one", {}), ("one", {}), ("two", {})], "came more than once"),
        (
            [make_row("one"), make_row("two", DeliveryState.PENDING, 1)],
            [("one", {})],
            "never finished: two",
        ),
        (
            [make_row("one"), make_row("two", DeliveryState.FAILED, 1, code=Reason.ATTEMPTS)],
            [("one", {})],
            "given up as failed (attempts): two",
        ),
        (
            [make_row("one"), make_row("two", UNKNOWN, 1, reason="the connection broke")],
            [("one", {}), ("two", {})],
            "unknown, though the chat app has answered: two",
        ),
        (
            [*ROWS, make_row("one", chat="b")],
            [("one", {}), ("two", {})],
            "nobody who asked: 1 to b",
        ),
    ],
    ids=[
        "no delivery",
        "lost",
        "out of order",
        "twice",
        "pending",
        "given up",
        "unknown without a reason",
        "a stranger",
    ],
)
def test_a_broken_promise_is_told(rows, attempts, problem):
    [broken] = judge_it(rows, arrive(*attempts)).broken
    assert problem in broken


@pytest.mark.parametrize(
    ("attempts", "arrived"),
    [([("one", OPEN)], 1), ([("one", {**OPEN, **REFUSED})], 0)],
    ids=["taken", "not taken"],
)
def test_silence_makes_it_unknown(attempts, arrived):
    rows = [make_row("one", UNKNOWN)]
    verdict = judge_it(rows, arrive(*attempts), videos=["one"])
    assert verdict.broken == []
    assert (verdict.states[UNKNOWN], verdict.arrived_unknown, verdict.late) == (1, arrived, 0)


def test_an_answer_that_was_late_makes_it_unknown():
    rows = [make_row("one", UNKNOWN, reason="no answer in time")]
    verdict = judge_it(rows, arrive(("one", {})), videos=["one"])
    assert (verdict.broken, verdict.late) == ([], 1)


def test_what_is_unknown_may_come_whenever_it_does():
    rows = [make_row("one", UNKNOWN), make_row("two", after=1)]
    assert judge_it(rows, arrive(("two", {}), ("one", OPEN))).broken == []


def test_what_was_in_a_killed_hand_may_come_twice():
    attempts = arrive(("one", {}), ("one", {}), ("two", {}))
    verdict = judge_it(ROWS, attempts, allowed=1)
    assert (verdict.broken, verdict.repeated) == ([], 1)
    assert judge_it(ROWS, arrive(("one", {}), ("two", {}), ("one", {})), allowed=1).broken == []


def test_of_the_same_millisecond_the_ids_decide():
    rows = sorted((make_row(video) for video in "pq"), key=lambda row: row.delivery.event.bytes)
    first, second = (row.video for row in rows)
    right, wrong = (first, second), (second, first)
    assert judge_it(rows, arrive(*((each, {}) for each in right)), videos="pq").broken == []
    assert judge_it(rows, arrive(*((each, {}) for each in wrong)), videos="pq").broken
