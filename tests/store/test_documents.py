"""Models as documents: there and back, the predecessor's documents, broken ones."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from bson import ObjectId

from stargazer.errors import PayloadError
from stargazer.models import (
    Broadcast,
    BroadcastState,
    Delivery,
    DeliveryState,
    Entity,
    EventFilter,
    Group,
    Lease,
    LeaseState,
    Meta,
    Name,
    OutboxState,
    StoredEvent,
    Task,
    User,
    UserSettings,
    Watch,
)
from stargazer.store.documents import from_document, insert_new, to_document, to_value

NOW = datetime(2026, 11, 23, 12, 0, 1, 250_000, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
NAME = Name(name={"en": "Test", "zh-Hans": "测试"}, default_language="en")
MODELS = [
    Entity(meta=Meta(name=NAME)),
    Entity(meta=Meta(name=NAME, group=uuid4()), tasks=(uuid4(), uuid4())),
    Group(name=NAME),
    Task(entity=uuid4(), kind="youtube", params={"channel_id": "UC1"}, created_at=NOW),
    Task(
        entity=uuid4(),
        kind="feed",
        params={"url": "https://example.org/feed?a=1&b=$2"},
        created_at=NOW,
        watch=Watch(looked_at=NOW, failures=2, failed_at=LATER, last_error="gone", etag='"x"'),
    ),
    User(im="web", im_payload="somebody", created_at=NOW),
    User(
        im="telegram",
        im_payload="-1001",
        name="🌟 Fans",
        event_filter=EventFilter(entities={uuid4(), uuid4()}, kinds={"youtube/live_start"}),
        settings=UserSettings(language="zh-Hans", timezone="Asia/Shanghai"),
        paused="blocked",
        created_at=NOW,
    ),
    StoredEvent(
        kind="youtube/live_start",
        entity=uuid4(),
        fields={"title": "歌", "views": 3, "tags": ["a", {"b": None}], "ratio": 0.5, "x-a": True},
        task=uuid4(),
        source_id="v3JMDEjXtLE",
        happened_at=NOW,
        created_at=LATER,
        tags=("delay", "translate"),
        state=OutboxState.DONE,
        published_at=LATER,
        publications=2,
        deliveries=7,
    ),
    StoredEvent(kind="feed/new_entry", entity=uuid4(), fields={}, happened_at=NOW, created_at=NOW),
]
KEYLESS = [
    Broadcast(task=uuid4(), source_id="v3JMDEjXtLE", state=BroadcastState.UNKNOWN),
    Broadcast(
        task=uuid4(),
        source_id="v3JMDEjXtLE",
        state=BroadcastState.ENDED,
        title="歌",
        scheduled_at=NOW,
        started_at=NOW,
        ended_at=LATER,
        rescheduled=1,
        version=4,
    ),
    Delivery(event=uuid4(), user=uuid4(), im="telegram", created_at=NOW, due_at=LATER),
    Delivery(
        event=uuid4(),
        user=uuid4(),
        im="telegram",
        state=DeliveryState.FAILED,
        created_at=NOW,
        due_at=LATER,
        claim="a-claim",
        attempts=3,
        reason="the chat is gone",
        finished_at=LATER,
    ),
    Lease(
        token="t",
        kind="youtube",
        account="UC1",
        hub="https://hub.example",
        topic="https://topic.example",
        callback="https://me.example/t",
        secret="s",
        state=LeaseState.VERIFIED,
        asked_at=NOW,
        expires_at=LATER,
        renew_at=LATER,
    ),
]


def name_of(model):
    return type(model).__name__


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_a_model_with_an_id_comes_back_as_it_was_written(store, model):
    collection = store.database["models"]
    collection.insert_one(to_document(model))
    assert from_document(type(model), collection.find_one({"_id": str(model.id)})) == model


@pytest.mark.parametrize("model", KEYLESS, ids=name_of)
def test_a_model_without_an_id_comes_back_as_it_was_written(store, model):
    collection = store.database["models"]
    collection.insert_one({"_id": "its key", **to_value(model)})
    assert from_document(type(model), collection.find_one({"_id": "its key"})) == model


def test_ids_are_strings_in_the_database(store):
    entity = Entity(meta=Meta(name=NAME, group=uuid4()), tasks=(uuid4(),))
    store.entities.save(entity)
    document = store.database["entities"].find_one({})
    assert document["_id"] == str(entity.id)
    assert "id" not in document
    assert document["meta"]["group"] == str(entity.meta.group)
    assert document["tasks"] == [str(entity.tasks[0])]


def test_a_time_is_a_date_with_milliseconds_in_utc(store):
    fine = datetime(2026, 11, 23, 21, 0, 1, 250_999, tzinfo=timezone(timedelta(hours=9)))
    task = Task(entity=uuid4(), kind="feed", params={}, created_at=fine)
    store.tasks.save(task)
    assert store.database["tasks"].find_one({})["created_at"] == NOW
    assert store.tasks.find(task.id).created_at == NOW


def test_a_model_is_found_saved_anew_and_deleted(store):
    group = Group(name=NAME)
    assert store.groups.find(group.id) is None
    assert store.groups.delete(group.id) is False
    store.groups.save(group)
    renamed = group.model_copy(update={"name": Name(name={"ja": "星"}, default_language="ja")})
    store.groups.save(renamed)
    assert list(store.groups.list_all()) == [renamed]
    assert store.groups.delete(group.id) is True
    assert store.groups.find(group.id) is None


def test_those_that_exist_are_listed_by_ids(store):
    groups = [Group(name=NAME) for _ in range(3)]
    for group in groups:
        store.groups.save(group)
    wanted = [groups[0].id, uuid4(), groups[2].id]
    assert {group.id for group in store.groups.list_by_ids(wanted)} == {wanted[0], wanted[2]}
    assert store.groups.list_by_ids([]) == []


def test_more_than_a_batch_is_listed_whole(store):
    groups = [Group(name=NAME) for _ in range(1201)]
    assert len(insert_new(store.database["groups"], [to_document(each) for each in groups])) == 1201
    assert {group.id for group in store.groups.list_all()} == {group.id for group in groups}


def test_only_new_documents_are_inserted(store):
    collection = store.database["things"]
    collection.insert_one({"_id": "a", "value": "old"})
    documents = [{"_id": key, "value": "new"} for key in ("c", "a", "b")]
    assert insert_new(collection, documents) == [0, 2]
    assert insert_new(collection, documents) == []
    assert insert_new(collection, []) == []
    assert collection.find_one({"_id": "a"})["value"] == "old"


KEY = UUID("b40c53a7-742a-4493-9bcf-b6231143666d")
TASK = UUID("1f715edb-1cf0-4c4b-9d94-03787eecf92b")


def predecessor_entity():
    return {
        "_id": ObjectId(),
        "id": KEY,
        "meta": {"name": {"name": {"en": "Test"}, "default_language": "en"}, "group": None},
        "tasks": [TASK],
    }


@pytest.fixture
def adopted(store):
    """Give a store with an Entity of ours and one that the predecessor wrote."""
    store.entities.save(Entity(meta=Meta(name=NAME)))
    store.database["entities"].insert_one(predecessor_entity())
    return store


def test_an_entity_of_the_predecessor_is_found_and_listed(adopted):
    found = adopted.entities.find(KEY)
    assert found.id == KEY
    assert found.tasks == (TASK,)
    assert found.meta.name.get_in("en") == "Test"
    assert adopted.entities.list_by_ids([KEY]) == [found]
    assert found in list(adopted.entities.list_all())
    assert len(list(adopted.entities.list_all())) == 2


def test_an_entity_of_the_predecessor_takes_our_form_when_it_is_saved(adopted):
    renamed = adopted.entities.find(KEY).model_copy(update={"meta": Meta(name=NAME)})
    for _ in range(2):
        adopted.entities.save(renamed)
        assert adopted.entities.find(KEY) == renamed
        assert [each.id for each in adopted.entities.list_all()].count(KEY) == 1
    documents = list(adopted.database["entities"].find({}))
    assert len(documents) == 2
    assert all(isinstance(document["_id"], str) for document in documents)


def test_an_entity_of_the_predecessor_is_deleted(adopted):
    assert adopted.entities.delete(KEY) is True
    assert adopted.entities.find(KEY) is None
    assert adopted.entities.delete(KEY) is False
    assert len(list(adopted.entities.list_all())) == 1


def test_an_entity_that_was_left_in_both_forms_is_deleted_in_both(adopted):
    # A process that dies in the middle of `save` leaves both.
    adopted.database["entities"].insert_one(to_document(adopted.entities.find(KEY)))
    assert adopted.entities.delete(KEY) is True
    assert adopted.entities.find(KEY) is None


@pytest.fixture
def old_task(store):
    """Give a Task that the predecessor wrote."""
    document = {
        "_id": ObjectId(),
        "id": TASK,
        "entity": KEY,
        "kind": "youtube",
        "params": {"channel_id": "UC1"},
    }
    store.database["tasks"].insert_one(document)
    return document


def test_a_task_of_the_predecessor_is_as_old_as_its_document(store, old_task):
    # What happens after `created_at` is told, so it must not move at each reading.
    assert store.tasks.find(TASK).created_at == old_task["_id"].generation_time


def test_a_task_of_the_predecessor_is_listed_by_its_entity_and_its_account(store, old_task):
    task = store.tasks.find(TASK)
    ours = Task(entity=KEY, kind="feed", params={"url": "https://example.org"}, created_at=NOW)
    store.tasks.save(ours)
    assert {each.id for each in store.tasks.list_by_entity(KEY)} == {TASK, ours.id}
    assert store.tasks.list_by_entity(uuid4()) == []
    assert store.tasks.list_by_account("youtube", {"channel_id": "UC1"}) == [task]
    assert store.tasks.list_last_looks(NOW) == {
        "youtube": {TASK: (None, 0.0)},
        "feed": {ours.id: (None, 0.0)},
    }


def test_how_watching_a_task_of_the_predecessor_goes_is_remembered(store, old_task):
    store.tasks.save_watch(store.tasks.find(TASK), Watch(looked_at=NOW, etag='"x"'))
    assert store.tasks.find(TASK).watch == Watch(looked_at=NOW, etag='"x"')
    assert len(list(store.tasks.list_all())) == 1


def test_a_user_of_the_predecessor_is_paused_and_moved(store):
    document = {"_id": ObjectId(), "id": KEY, "im": "telegram", "im_payload": "-1"}
    store.database["users"].insert_one(document)
    store.users.pause(KEY, "blocked", datetime.now(UTC))
    store.users.move(KEY, "-1001")
    user = store.users.find_by_address("telegram", "-1001")
    assert user.id == KEY
    assert user.paused == "blocked"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"meta": None}, "meta"),
        ({"meta": {"name": {"name": {}, "default_language": "en"}}}, "meta.name.name"),
        ({"tasks": ["not an id"]}, "tasks.0"),
    ],
    ids=["nothing", "no names", "no id"],
)
def test_a_broken_document_is_named_by_its_id_and_field_and_hides_no_other(
    store, change, field, caplog
):
    entity, other = Entity(meta=Meta(name=NAME)), Entity(meta=Meta(name=NAME))
    store.entities.save(other)
    store.database["entities"].insert_one({**to_document(entity), **change})
    with pytest.raises(PayloadError, match=rf"Entity {entity.id} in the database: {field}"):
        store.entities.find(entity.id)
    assert list(store.entities.list_all()) == [other]
    assert store.entities.list_by_ids([entity.id, other.id]) == [other]
    errors = [record.error for record in caplog.records if record.msg == "document_unreadable"]
    assert all(str(entity.id) in error and field in error for error in errors)
    assert len(errors) == 2


def test_fields_of_other_versions_are_left_aside():
    document = {**to_document(Group(id=KEY, name=NAME)), "since": 2026}
    assert from_document(Group, document) == Group(id=KEY, name=NAME)
