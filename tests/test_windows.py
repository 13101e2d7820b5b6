from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.windows import MOST_REMEMBERED, compare_window, pick

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Post(NamedTuple):
    item_id: str
    published_at: datetime | None = None


def post(number, minutes=None):
    """Make a post that was published so many minutes after the first look, or that has no date."""
    at = None if minutes is None else NOW + timedelta(minutes=minutes)
    return Post(str(number), at)


OLD = [post(3, -30), post(2, -60), post(1, -90)]


def look(*views):
    """Look at one view after the other, a quarter of an hour apart, and tell what was new."""
    window, news = None, []
    for number, view in enumerate(views):
        window, new = compare_window(window, view, NOW + number * timedelta(minutes=15))
        news.append("".join(new))
    return news


@pytest.mark.parametrize(
    ("views", "news"),
    [
        ([OLD], [""]),
        ([OLD, OLD], ["", ""]),
        ([OLD, [post(4, 10), *OLD]], ["", "4"]),
        ([OLD, [post(5, 12), post(4, 10), *OLD]], ["", "45"]),
        ([OLD, [post(4, 10), post(5, 12), *OLD]], ["", "45"]),
        ([OLD, [OLD[0], post(9, -45), *OLD[1:]]], ["", "9"]),
        ([OLD, OLD[1:], OLD], ["", "", ""]),
        ([OLD, [*OLD[1:], post(0, -200)]], ["", ""]),
        ([OLD, [], OLD], ["", "", ""]),
        ([[], [post(1, 5)]], ["", "1"]),
        ([[], [post(1, -5)]], ["", ""]),
        ([[post(1)], [post(2), post(1)]], ["", "2"]),
        ([OLD, [post(4, 99999), *OLD], [post(5, 20), post(4, 99999), *OLD]], ["", "4", "5"]),
    ],
    ids=[
        "the first look is silent",
        "the same again",
        "a new one",
        "two new ones, oldest first",
        "out of order",
        "put in the middle",
        "gone and back",
        "one comes into view at the end",
        "nothing for a moment",
        "the first ever",
        "an old one of an account that seemed empty",
        "without dates",
        "a date in the future hides nothing",
    ],
)
def test_what_is_new_in_a_window(views, news):
    assert look(*views) == news


def test_so_many_are_remembered_and_what_is_older_is_history():
    window, _ = compare_window(None, [post(0, 0)], NOW)
    for number in range(1, MOST_REMEMBERED + 50):
        window, new = compare_window(window, [post(number, number)], NOW + timedelta(days=9))
        assert new == (str(number),)
    assert len(window.seen) == MOST_REMEMBERED
    assert compare_window(window, [post(3, 3)], NOW + timedelta(days=9)).new == ()


@given(st.lists(st.lists(st.integers(0, 20), max_size=8), max_size=8), st.randoms())
def test_nothing_is_new_twice_whatever_comes_and_goes(views, chance):
    window, told = None, []
    for number, view in enumerate(views):
        items = [post(each, each - 10) for each in dict.fromkeys(view)]
        chance.shuffle(items)
        window, new = compare_window(window, items, NOW + timedelta(hours=number))
        told += new
    assert len(told) == len(set(told))


def test_what_is_picked_comes_in_the_order_of_the_ids():
    assert pick(OLD, ["1", "3"]) == [OLD[2], OLD[0]]


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "without dates"])
def test_what_is_in_view_is_known_however_much_came(dated):
    """An old item that stays at the top while hundreds go by below it."""
    pinned = post("pinned", -9999) if dated else post("pinned", None)
    window, _ = compare_window(None, [pinned], NOW)
    for number in range(MOST_REMEMBERED + 50):
        at = NOW + timedelta(minutes=number)
        window, new = compare_window(window, [pinned, post(number, number if dated else None)], at)
        assert new == (str(number),)
    assert "pinned" in window.seen


def test_more_than_is_remembered_may_be_in_view():
    items = [post(number, None) for number in range(MOST_REMEMBERED + 200)]
    window, _ = compare_window(None, items, NOW)
    for day in range(1, 4):
        window, new = compare_window(window, items, NOW + timedelta(days=day))
        assert new == ()
