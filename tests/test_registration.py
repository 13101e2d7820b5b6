"""Chats that come and go."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

from stargazer import registration
from stargazer.models import EventFilter, Session, User

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KIND = "youtube/live_start"


def make_user(address="1", **fields):
    return User(
        id=registration.name_user("telegram", address),
        im="telegram",
        im_payload=address,
        **fields,
    )


def test_a_chat_is_added_once_however_many_add_it_at_once(store):
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda _: registration.add_user(store, make_user()), range(8)))
    assert [user.im_payload for user in added if user] == ["1"]
    assert [user.im_payload for user in store.users.list_all()] == ["1"]


def test_a_chat_may_come_to_where_another_has_been(store):
    first = registration.add_user(store, make_user())
    store.users.move(first.id, "2")
    second = registration.add_user(store, make_user())
    assert second.id != first.id
    assert store.users.find_by_address("telegram", "1").id == second.id
    assert store.users.find_by_address("telegram", "2").id == first.id


def test_who_is_forgotten_hears_nothing_and_has_no_session(store):
    entity = uuid4()
    wish = EventFilter(entities=frozenset({entity}), kinds=frozenset({KIND}))
    user = registration.add_user(store, make_user(event_filter=wish))
    assert [each.user for each in store.subscriptions.list_interested(entity, None, KIND)] == [
        user.id
    ]
    store.sessions.save(Session(token_hash="hash", user=user.id, valid_until=NOW))
    registration.forget_user(store, user.id, NOW)
    assert store.users.find(user.id) is None
    assert list(store.subscriptions.list_interested(entity, None, KIND)) == []
    assert store.sessions.delete_of_user(user.id) == 0
