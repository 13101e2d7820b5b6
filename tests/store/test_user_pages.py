"""Finding some chats among many."""

from uuid import UUID, uuid4

import pytest
from bson.binary import Binary
from hypothesis import given
from hypothesis import strategies as st

from stargazer.store.user_pages import Query, list_spans


@given(
    keys=st.lists(st.uuids().map(str), max_size=20),
    after=st.one_of(st.just(""), st.uuids().map(str), st.text("0123456789abcdef", max_size=8)),
    count=st.one_of(st.integers(0, 40_000), st.integers(0, 40_000_000)),
)
def test_each_id_after_the_cursor_is_in_one_span(keys, after, count):
    if count > 1_000_000:
        # There are too many spans to list all of them here.
        after = max(after, "ff")
    spans = list(list_spans(after, count))
    for key in keys:
        assert sum(low < key < high for low, high in spans) == (key > after)


@pytest.fixture
def many(store):
    """Write more chats than are in one span; give the ids of two by whose names they are found."""
    users = [
        {"_id": str(uuid4()), "im": "web", "im_payload": f"{number}", "name": "somebody"}
        for number in range(4500)
    ]
    wanted = sorted(users, key=lambda user: user["_id"])
    for position in (0, -1):
        wanted[position]["name"] = "Hoshimi"
    store.users.collection.insert_many(users)
    return [UUID(wanted[position]["_id"]) for position in (0, -1)]


def read_all(store, query, limit):
    pages, after = [], ""
    while after is not None:
        users, after = store.users.list_page(query, after, limit)
        pages.append([user.id for user in users])
    return pages


def test_a_rare_name_is_found_over_pages_that_look_at_some_each(store, many):
    pages = read_all(store, Query(name="hoshimi"), 50)
    assert [key for page in pages for key in page] == many
    assert 1 < len(pages) < 9
    # One page is enough where it is full.
    assert [user.id for user in store.users.list_page(Query(), "", 1)[0]] == many[:1]


def test_those_of_the_predecessor_are_found_too(store):
    key = uuid4()
    document = {"id": Binary(key.bytes, 4), "im": "telegram", "im_payload": "1", "name": "Old"}
    store.users.collection.insert_one(document)
    assert read_all(store, Query(name="old"), 50) == [[key]]
    assert read_all(store, Query(name="new"), 50) == [[]]
