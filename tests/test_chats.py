"""Chats that cannot be reached, and are back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer import chats, notices
from stargazer.models import Delivery, DeliveryState, Reason, User, UserSettings

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def user(store):
    user = User(im="telegram", im_payload="1")
    store.users.save(user)
    assert store.users.pause(user.id, "blocked", NOW)
    return store.users.find(user.id)


def miss(store, user, code, finished_at):
    state = DeliveryState.FAILED if code is Reason.GONE else DeliveryState.DROPPED
    store.deliveries.add(
        [
            Delivery(
                event=uuid4(),
                user=user.id,
                im="telegram",
                state=state,
                code=code,
                created_at=NOW,
                due_at=NOW,
                finished_at=finished_at,
            )
        ]
    )


def find_notices(store, user):
    waiting = store.deliveries.list_waiting(user.id)
    return [store.events.find(delivery.event).fields["missed"] for delivery in waiting]


def test_a_pause_keeps_its_first_reason_and_time(store, user):
    assert not store.users.pause(user.id, "another", NOW + HOUR)
    assert store.users.find(user.id) == user
    assert (user.paused, user.paused_at) == ("blocked", NOW)
    assert not store.users.pause(uuid4(), "nobody", NOW)


def test_a_chat_that_is_back_is_told_once_how_much_it_missed(store, user):
    miss(store, user, Reason.GONE, NOW)
    miss(store, user, Reason.PAUSED, NOW + HOUR)
    miss(store, user, Reason.STALE, NOW + HOUR)
    miss(store, user, Reason.PAUSED, NOW - HOUR)
    assert chats.resume(store, user, NOW + 2 * HOUR) == 2
    assert store.users.find(user.id) == user.model_copy(update={"paused": None, "paused_at": None})
    assert find_notices(store, user) == [2]
    # As one who read it before.
    assert chats.resume(store, user, NOW + 2 * HOUR) is None
    assert chats.resume(store, store.users.find(user.id), NOW + 2 * HOUR) is None
    assert find_notices(store, user) == [2]


def test_who_missed_nothing_is_told_nothing(store, user):
    assert chats.resume(store, user, NOW + HOUR) == 0
    assert find_notices(store, user) == []


def test_two_at_once_tell_it_once(store, user):
    miss(store, user, Reason.PAUSED, NOW + HOUR)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: chats.resume(store, user, NOW + 2 * HOUR), range(4)))
    assert sorted(results, key=str) == [1, None, None, None]
    assert find_notices(store, user) == [1]


def test_each_pause_is_told_of(store, user):
    miss(store, user, Reason.PAUSED, NOW + HOUR)
    chats.resume(store, user, NOW + 2 * HOUR)
    store.users.pause(user.id, "blocked", NOW + 3 * HOUR)
    miss(store, user, Reason.PAUSED, NOW + 4 * HOUR)
    assert chats.resume(store, store.users.find(user.id), NOW + 5 * HOUR) == 1
    assert find_notices(store, user) == [1, 1]


@pytest.mark.parametrize(
    ("language", "missed", "said"),
    [
        ("en", 1, "1 message was not sent"),
        ("en", 12, "12 messages were not sent"),
        ("de", 12, "12 messages were not sent"),
        ("ja", 12, "12 件"),
        ("zh-Hans", 1, "1 条消息"),
    ],
)
def test_it_is_told_in_the_readers_language_and_time(language, missed, said):
    notice = notices.make_notice(User(im="web", im_payload="1"), missed, NOW, NOW)
    reader = UserSettings(language=language, timezone="Asia/Tokyo")
    headline = notices.render(notice, reader).headline
    assert said in headline
    assert "2026-11-25 21:00 JST" in headline
