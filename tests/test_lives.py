from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.lives import Live, compare_live, tell
from stargazer.models import Task

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SETTLE = timedelta(minutes=2)


def live(name, title="a", category="b"):
    return Live(source_id=name, started_at=NOW, title=title, category=category)


def play(*looks, step=timedelta(minutes=1), resumes=False):
    """Look once a minute, and write down what was told, look by look."""
    memory, told = None, []
    for number, seen in enumerate(looks):
        turn = compare_live(memory, seen, NOW + number * step, SETTLE, resumes=resumes)
        memory = turn.memory
        words = []
        if turn.ended:
            words.append(f"-{turn.ended[0].source_id}")
        if turn.started:
            words.append(f"+{turn.started.source_id}")
        if turn.changed:
            words.append(f"~{turn.changed.source_id}")
        told.append("".join(words))
    return told


A, B = live("A"), live("B")


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([None], [""]),
        ([A], [""]),
        ([None, A], ["", "+A"]),
        ([None, A, A], ["", "+A", ""]),
        ([A, None], ["", ""]),
        ([A, None, None], ["", "", ""]),
        ([A, None, None, None], ["", "", "", "-A"]),
        ([A, None, None, None, None], ["", "", "", "-A", ""]),
        ([A, None, A, None, None, None], ["", "", "", "", "", "-A"]),
        ([A, None, None, None, A], ["", "", "", "-A", ""]),
        ([A, None, None, None, B], ["", "", "", "-A", "+B"]),
        ([A, B], ["", "-A+B"]),
        ([A, None, B], ["", "", "-A+B"]),
        ([A, live("A", title="c")], ["", "~A"]),
        ([A, live("A", category="c")], ["", "~A"]),
        ([A, live("A", title="c"), live("A", title="c")], ["", "~A", ""]),
    ],
    ids=[
        "off at first",
        "live at first is silent",
        "starts",
        "goes on",
        "missed once",
        "missed twice, not long enough",
        "missed long enough",
        "an end is told once",
        "a flap is no end",
        "back after its end is no start",
        "another one after the end",
        "another one at once",
        "another one after a gap",
        "another title",
        "another category",
        "a title is told once",
    ],
)
def test_what_is_told_of_a_live_account(looks, told):
    assert play(*looks) == told


def test_two_misses_within_a_moment_are_no_end():
    assert play(A, None, None, None, step=timedelta(seconds=1)) == ["", "", "", ""]


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([A, None, B], ["", "", ""]),
        ([A, None, live("B", title="c")], ["", "", "~A"]),
        ([A, B], ["", "-A+B"]),
        ([A, None, None, None, B], ["", "", "", "-A", "+B"]),
        ([A, None, B, None, None, None], ["", "", "", "", "", "-B"]),
    ],
    ids=["within a flap", "with another title", "without a gap", "after the end", "and its end"],
)
def test_an_interrupted_stream_may_go_on_as_another_one(looks, told):
    assert play(*looks, resumes=True) == told


def test_the_end_of_a_stream_that_went_on_is_that_of_its_start():
    """So whoever was told of the one finds it by the other."""
    task = Task(entity=uuid4(), kind="twitch", params={"login": "sora"}, created_at=NOW)
    memory, told = None, []
    for number, seen in enumerate([None, A, None, B, None, live("C"), None, None, None]):
        now = NOW + number * timedelta(minutes=1)
        turn = compare_live(memory, seen, now, SETTLE, resumes=True)
        memory = turn.memory
        told += tell(task, turn, lambda live: {"title": live.title}, now)
    assert [(event.kind, event.source_id) for event in told] == [
        ("twitch/live_start", "A"),
        ("twitch/live_end", "A"),
    ]


def test_a_title_that_comes_later_is_no_other_title():
    assert play(None, live("A", title=""), A) == ["", "+A", ""]


@given(st.lists(st.sampled_from([None, A, live("A", title="c")]), max_size=30))
def test_one_stream_starts_and_ends_at_most_once(looks):
    told = "".join(play(None, *looks))
    assert told.count("+A") == (1 if any(looks) else 0)
    assert told.count("-A") <= 1
