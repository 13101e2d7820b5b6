"""What a message loses when it is too long, and what it keeps."""

import pytest

from stargazer.rendering import Message, Moment, Quote, Times, Translation
from stargazer.rendering.examples import NOW
from stargazer.rendering.fitting import cut, fit
from stargazer.rendering.forms.plain import measure, to_text

URL = "https://example.org/1"
TIMES = Times(("🕘 ", Moment(NOW, "12:00 UTC", is_relative=False)))
LONG = "word " * 1000


@pytest.mark.parametrize("body", [("text",), (Translation("a", "b"), TIMES), ()], ids=str)
def test_what_is_short_enough_stays_as_it_is(body):
    message = Message("headline", body, URL)
    assert fit(message, len(to_text(message)), measure) is message


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ((LONG, TIMES), [("word", "…"), ("🕘", "UTC")]),
        (("text", Quote("A", LONG), TIMES), [("text", "text"), ("A:", "…"), ("🕘", "UTC")]),
        ((Translation("text", LONG),), [("text\n> word", "…")]),
        ((Translation(LONG, LONG),), [("word", "…")]),
        ((LONG, Quote("A", LONG)), [("word", "…")]),
        ((Quote("A", "text", LONG),), [("A:\n> text\n>\n> word", "…")]),
        ((Quote("A", LONG, LONG),), [("A:\n> word", "…")]),
    ],
    ids=["text", "quote", "original", "translation", "both", "original of a quote", "all of it"],
)
def test_what_matters_less_is_cut_first(body, kept):
    message = Message("headline", body, URL)
    text = to_text(message, 200)
    assert len(text) <= 200
    assert len(text) > 180
    assert text.startswith("headline\n")
    assert text.endswith(f"\n{URL}")
    parts = fit(message, 200, measure).body
    assert len(parts) == len(kept)
    for part, (start, end) in zip(parts, kept, strict=True):
        written = to_text(Message("", (part,)))
        assert written.startswith(start)
        assert written.endswith(end)


def test_a_time_goes_before_the_link_and_the_headline_are_cut():
    message = Message("a long headline", (TIMES,), URL)
    assert to_text(message, 45) == f"a long headline\n{URL}"


def test_a_long_headline_is_cut_and_the_link_stays():
    message = Message("h" * 1000, (TIMES, "text"), URL)
    assert to_text(message, 100) == f"{'h' * (100 - len(URL) - 2)}…\n{URL}"


def test_a_link_that_is_longer_than_all_is_left_out():
    message = Message("headline", ("text",), URL + "x" * 1000)
    assert to_text(message, 100) == "headline\ntext"


@pytest.mark.parametrize("limit", range(6))
def test_nothing_is_longer_than_nothing(limit):
    assert len(to_text(Message("headline", ("text", TIMES), URL), limit)) <= limit


@pytest.mark.parametrize(
    ("text", "limit", "wanted"),
    [
        ("ab👩‍👩‍👧cd", 5, "ab…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("a👍🏽b👍🏽", 4, "a👍🏽…"),
        ("a ❤️ b", 4, "a…"),
        ("one two", 5, "one…"),
        ("e" + "\u0301" * 50, 20, "e" + "\u0301" * 18 + "…"),
    ],
    ids=["a family", "an accent", "a skin tone", "a variant", "a space", "no letter at all"],
)
def test_no_cut_goes_through_what_people_take_for_one_character(text, limit, wanted):
    assert cut(text, limit, measure) == wanted


def test_what_leaves_no_room_is_gone():
    assert cut("text", 0, measure) is None
    assert cut(Quote("A long name", "text"), 5, measure) is None
    assert cut(TIMES, 5, measure) is None
