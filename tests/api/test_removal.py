"""What is removed takes along what belongs to it, and nothing else."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from stargazer.interest import list_interested
from stargazer.models import Broadcast, BroadcastState, Delivery, DeliveryState, LeaseState
from stargazer.websub import new_lease

META = {"name": {"name": {"en": "Suisei"}, "default_language": "en"}}
KIND = "youtube/live_start"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def account(letter="a"):
    return {"kind": "youtube", "params": {"channel_id": "UC" + letter * 22}}


@pytest.fixture
def add_entity(call):
    def add(*letters):
        params = {"meta": META, "tasks": [account(letter) for letter in letters]}
        return call("newEntity", params)[1]["data"]

    return add


@pytest.fixture
def add_user(call):
    def add(chat, *entities):
        wish = {"entities": entities, "kinds": [KIND]}
        params = {"im": "web", "im_payload": chat, "event_filter": wish}
        return UUID(call("addUser", params)[1]["data"]["id"])

    return add


@pytest.fixture
def lease(store):
    lease = new_lease("youtube", "UC" + "a" * 22, "https://hub", "t", "https://me", NOW)
    store.leases.save(lease)
    return lease


def test_a_user_takes_its_wishes_sessions_and_what_is_pending_along(
    call, add_entity, add_user, store
):
    entity = add_entity()["id"]
    user, other = add_user("1", entity), add_user("2", entity)
    session = call("newSession", {"user_id": str(user)})[1]["data"]["token"]
    deliveries = [
        Delivery(event=uuid4(), user=each, im="web", state=state, created_at=NOW, due_at=NOW)
        for each in (user, other)
        for state in (DeliveryState.PENDING, DeliveryState.SENT)
    ]
    store.deliveries.add(deliveries)
    assert call("delUser", {"user_id": str(user)}, by="bot")[0] == 200

    assert store.users.find(user) is None
    assert [row.user for row in list_interested(store, UUID(entity), KIND)] == [other]
    assert call("checkSession", {"token": session}, by=None)[1]["data"]["valid"] is False
    states = [store.deliveries.find(each.event, each.user).state for each in deliveries]
    assert states == [
        DeliveryState.DROPPED,
        DeliveryState.SENT,
        DeliveryState.PENDING,
        DeliveryState.SENT,
    ]


def test_a_task_takes_its_schedule_broadcasts_and_lease_along(
    call, add_entity, store, redis_client, lease, take_sent
):
    entity = add_entity("a", "b")
    task, kept = (UUID(each["id"]) for each in entity["tasks"])
    for each in (task, kept):
        store.broadcasts.save(
            Broadcast(task=each, source_id="v", state=BroadcastState.UPCOMING, version=1)
        )
    assert call("delTask", {"task_id": str(task)})[0] == 200

    assert [each.id for each in store.tasks.list_all()] == [kept]
    assert store.entities.find(UUID(entity["id"])).tasks == (kept,)
    assert redis_client.zscore("stargazer:due:youtube", str(task)) is None
    assert redis_client.zscore("stargazer:due:youtube", str(kept)) is not None
    assert [each.task for each in store.broadcasts.list_in_state(BroadcastState.UPCOMING)] == [kept]
    assert store.leases.find(lease.token).state == LeaseState.REMOVED
    assert [(sent.task, sent.args) for sent in take_sent("websub")] == [
        ("websub.ask", [lease.token])
    ]


def test_an_account_that_somebody_else_has_keeps_its_lease(call, add_entity, store, lease):
    first, _ = add_entity("a"), add_entity("a")
    assert call("delTask", {"task_id": first["tasks"][0]["id"]})[0] == 200
    assert store.leases.find(lease.token).state != LeaseState.REMOVED


def test_an_entity_takes_its_tasks_and_subscriptions_along(
    call, add_entity, add_user, store, redis_client
):
    gone, kept = add_entity("a", "b")["id"], add_entity("c")["id"]
    user = add_user("1", gone, kept)
    own = {"add": [{"entity_id": gone, "kinds": ["youtube/new_video"]}]}
    token = call("newSession", {"user_id": str(user)})[1]["data"]["token"]
    assert call("updateSubscription", {**own, "token": token}, by=None)[0] == 200
    assert call("delEntity", {"entity_id": gone})[0] == 200

    assert [each.entity for each in store.tasks.list_all()] == [UUID(kept)]
    assert redis_client.zcard("stargazer:due:youtube") == 1
    wish = store.users.find(user).event_filter
    assert (wish.entities, wish.kinds_by_entity) == ({UUID(kept)}, {})
    assert list(list_interested(store, UUID(gone), "youtube/new_video")) == []
    assert len(list(list_interested(store, UUID(kept), KIND))) == 1


def test_a_paused_task_is_off_the_schedule_until_it_goes_on(call, add_entity, store, redis_client):
    (task,) = add_entity("a")["tasks"]
    before = store.tasks.find(UUID(task["id"])).created_at
    assert call("updateTask", {"task_id": task["id"], "paused": True})[0] == 200
    assert redis_client.zcard("stargazer:due:youtube") == 0
    assert store.tasks.list_last_looks(datetime.now(UTC)) == {}
    assert call("updateTask", {"task_id": task["id"], "paused": False})[0] == 200
    assert redis_client.zcard("stargazer:due:youtube") == 1
    # What happened in the meantime is history.
    assert store.tasks.find(UUID(task["id"])).created_at > before


def test_kinds_may_differ_per_entity(call, add_entity, add_user, store):
    usual, special = add_entity()["id"], add_entity()["id"]
    user = add_user("1")
    token = call("newSession", {"user_id": str(user)})[1]["data"]["token"]

    def choose(**params):
        status, answer = call("updateSubscription", {**params, "token": token}, by=None)
        assert status == 200, answer
        table = call("getSubscription", {"token": token}, by=None)[1]["data"]
        rows = {row["entity_id"]: row for row in table["entities"]}
        return [
            sorted(rows[entity]["kinds"]) if rows[entity]["chosen"] else None
            for entity in (usual, special)
        ]

    video = "youtube/new_video"
    own = {"entity_id": special, "kinds": [video]}
    assert choose(add=[{"entity_id": usual}, own]) == [[KIND], [video]]
    assert len(list(list_interested(store, UUID(special), video))) == 1
    assert list(list_interested(store, UUID(special), KIND)) == []
    assert choose(kinds=[KIND, video]) == [[KIND, video], [video]]
    assert choose(remove=[usual]) == [None, [video]]
    assert choose(add=[{"entity_id": special}]) == [None, [KIND, video]]
    assert choose(replace=[{"entity_id": usual, "kinds": []}]) == [[], None]
    assert list(list_interested(store, UUID(usual), KIND)) == []
