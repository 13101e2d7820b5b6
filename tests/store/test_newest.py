"""Pages of what changes while it is read."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.store.newest import Position, read_newest

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PAGE = 3


@pytest.fixture
def collection(store):
    """Give a collection of ten documents, 9 being the newest, two of each moment."""
    collection = store.events.collection
    collection.insert_many([make(number) for number in range(10)])
    return collection


def make(number):
    return {"_id": f"{number:06}", "created_at": NOW + timedelta(minutes=number // 2)}


def read(collection, before):
    page = read_newest(collection, {}, None, before, PAGE, is_narrow=False)
    return [int(each["_id"]) for each in page.documents], page.end


def add(collection, count):
    collection.insert_many([make(number) for number in range(10, 10 + count)])


def remove(collection, *numbers):
    collection.delete_many({"_id": {"$in": [f"{number:06}" for number in numbers]}})


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda collection: add(collection, 1),
        lambda collection: add(collection, 150),
        lambda collection: add(collection, 500),
        lambda collection: remove(collection, 9),
        lambda collection: remove(collection, 7),
        lambda collection: remove(collection, 7, 8, 9),
        lambda collection: (add(collection, 2), remove(collection, 7, 9)),
    ],
    ids=["none", "one new", "many new", "too many new", "first", "last", "all", "both"],
)
def test_the_next_page_leaves_nothing_out_whatever_became_of_the_one_before(collection, change):
    first, end = read(collection, None)
    assert (first, end.passed) == ([9, 8, 7], 3)
    change(collection)
    second, end = read(collection, end)
    assert second == [6, 5, 4]
    third, end = read(collection, end)
    assert third == [3, 2, 1]
    assert read(collection, end) == ([0], None)


@pytest.mark.parametrize("passed", [None, 0, 1, 3, 4, 5, 10, 10**14])
def test_a_hint_that_is_wrong_does_no_harm(collection, passed):
    before = Position(NOW + timedelta(minutes=3), "000007", passed)
    assert read(collection, before)[0] == [6, 5, 4]


def test_a_page_may_begin_at_a_moment(collection):
    assert read(collection, Position(NOW + timedelta(minutes=2), ""))[0] == [3, 2, 1]
