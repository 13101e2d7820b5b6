"""Deliveries in pages, explained, and sent again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from stargazer.models import Delivery, DeliveryState, StoredEvent, User
from stargazer.models.deliveries import Attempt, Reason

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def users(store):
    users = [User(im=im, im_payload="1") for im in ("telegram", "web")]
    for user in users:
        store.users.save(user)
    return users


@pytest.fixture
def events(store, users):
    events = []
    for number in range(5):
        # Two of them entered the ledger at the same moment.
        at = NOW + timedelta(seconds=number // 2)
        event = StoredEvent(
            kind="youtube/new_video", entity=uuid4(), fields={}, happened_at=at, created_at=at
        )
        events.append(event)
        store.events.save(event)
        store.deliveries.add(
            [
                Delivery(event=event.id, user=user.id, im=user.im, created_at=at, due_at=at)
                for user in users
            ]
        )
    return events


def list_keys(answer):
    return [(each["event_id"], each["user_id"]) for each in answer["deliveries"]]


@pytest.fixture
def read(call):
    def read(**params):
        status, answer = call("getDeliveries", params)
        assert status == 200, answer
        return answer["data"]

    return read


@pytest.mark.parametrize("limit", [1, 3, 4, 10])
def test_pages_hold_each_once_newest_first(read, events, users, limit):
    found, cursor = [], None
    while True:
        page = read(limit=limit, **({"cursor": cursor} if cursor else {}))
        found += page["deliveries"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["deliveries"]) == limit
    assert len(list_keys({"deliveries": found})) == len(events) * len(users)
    assert len(set(list_keys({"deliveries": found}))) == len(events) * len(users)
    times = [each["created_at"] for each in found]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize("narrow", ["user_id", "im"])
def test_pages_of_one_chat_hold_nothing_of_anothers(read, events, users, limit, narrow):
    user = users[1]
    wanted = {"user_id": str(user.id)} if narrow == "user_id" else {"im": user.im}
    pages = [read(limit=limit, **wanted)]
    while (cursor := pages[-1]["next_cursor"]) is not None:
        pages.append(read(limit=limit, cursor=cursor, **wanted))
    found = [key for page in pages for key in list_keys(page)]
    assert len(found) == len(events)
    assert set(found) == {(str(event.id), str(user.id)) for event in events}


def test_filters_narrow_what_is_read(read, store, events, users):
    user = users[0]
    store.deliveries.reopen(store.deliveries.find(events[0].id, user.id), "root", NOW)
    assert len(read(user_id=str(user.id))["deliveries"]) == 5
    assert len(read(event_id=str(events[1].id))["deliveries"]) == 2
    assert len(read(im="web", state="pending")["deliveries"]) == 5
    assert read(state="unknown")["deliveries"] == []
    since = (NOW + timedelta(seconds=2)).isoformat()
    assert list_keys(read(since=since, im="web")) == [(str(events[4].id), str(users[1].id))]
    [one] = read(event_id=str(events[0].id), user_id=str(user.id))["deliveries"]
    assert one["kind"] == "youtube/new_video"
    assert one["history"] == [{"at": "2026-11-25T12:00:00Z", "code": "resent", "detail": "root"}]


@pytest.mark.parametrize("cursor", ["x", "9" * 30 + ".x", "-1.x", ""])
def test_a_cursor_of_nobodys_making_is_refused(call, cursor):
    status, answer = call("getDeliveries", {"cursor": cursor})
    assert (status, answer["data"]["code"]) == (400, "invalid_parameters")


def test_a_session_sees_its_own_alone(call, client, events, users):
    _, answer = call("newSession", {"user_id": str(users[0].id)})
    headers = {"Authorization": f"Bearer {answer['data']['token']}"}

    def ask(method, **params):
        return client.post(f"/v1/{method}", json=params, headers=headers)

    own = ask("getDeliveries").json["data"]
    assert {each["user_id"] for each in own["deliveries"]} == {str(users[0].id)}
    foreign = {"event_id": str(events[0].id), "user_id": str(users[1].id)}
    assert ask("getDeliveries", **foreign).status_code == 403
    assert ask("explainDelivery", **foreign).status_code == 403
    mine = {"event_id": str(events[4].id), "user_id": str(users[0].id)}
    explained = ask("explainDelivery", **mine).json["data"]
    assert explained["code"] == "waits_behind"
    assert explained["delivery"]["event_id"] == str(events[4].id)


def test_what_is_asked_for_again_is_handed_out_at_once(call, store, events, users, take_sent):
    event, user = events[0], users[1]
    attempt = Attempt(at=NOW, code=Reason.REFUSED, detail="no")
    store.deliveries.add(
        [
            Delivery(
                event=event.id,
                user=(key := uuid4()),
                im="web",
                state=DeliveryState.FAILED,
                created_at=NOW,
                due_at=NOW,
                history=(attempt,),
            )
        ]
    )
    store.users.save(user.model_copy(update={"id": key, "im_payload": "2"}))
    ref = {"event_id": str(event.id), "user_id": str(key)}
    assert call("resendDelivery", ref)[0] == 200
    [sent] = take_sent("web")
    assert (sent.task, sent.args) == ("web.deliver", [str(event.id), [str(key)]])
    again = store.deliveries.find(event.id, UUID(str(key)))
    assert [each.detail for each in again.history] == ["no", "root"]
    assert call("resendDelivery", ref)[0] == 409
