"""The predecessor's documents, as MongoDB's own tools write them."""

import io
import json
from datetime import UTC, datetime
from uuid import UUID

import bson
import pytest
from bson import ObjectId, json_util
from bson.binary import Binary, UuidRepresentation

from stargazer.moving import FileError, Import, Outcome, open_file, predecessor
from tests.moving.conftest import NOW, dump, take_over

GROUP = UUID("0f8b6a52-1111-4b4e-8d3a-111111111111")
ENTITY = UUID("0f8b6a52-2222-4b4e-8d3a-222222222222")
TASK = UUID("0f8b6a52-3333-4b4e-8d3a-333333333333")
USER = UUID("0f8b6a52-4444-4b4e-8d3a-444444444444")
OBJECT = ObjectId.from_datetime(datetime(2022, 5, 1, tzinfo=UTC))
CHANNEL = "UC" + "c" * 22
NAME = {"name": {"en": "Suisei", "ja": "すいせい"}, "default_language": "ja"}


def binary(key, subtype=4):
    return Binary(key.bytes, subtype)


def make_documents(subtype=4):
    """Give one document of each collection."""
    task = {"kind": "youtube", "params": {"channel_id": CHANNEL}}
    wish = {
        "entities": [binary(ENTITY, subtype)],
        "kinds": ["youtube/live_start", "bilibili/live_start"],
    }
    documents = {
        "groups": {"id": binary(GROUP, subtype), "name": NAME},
        "entities": {
            "id": binary(ENTITY, subtype),
            "meta": {"name": NAME, "group": binary(GROUP, subtype)},
            "tasks": [binary(TASK, subtype)],
        },
        "tasks": {"id": binary(TASK, subtype), "entity": binary(ENTITY, subtype), **task},
        "users": {
            "id": binary(USER, subtype),
            "im": "tg",
            "im_payload": "-1001",
            "name": "Fans",
            "avatar": "https://a.example/a.png",
            "is_admin": False,
            "event_filter": wish,
        },
    }
    return {name: {"_id": OBJECT, **each} for name, each in documents.items()}


def write_bson(documents):
    return b"".join(map(bson.encode, documents))


def write_json(documents, options=json_util.CANONICAL_JSON_OPTIONS):
    return "\n".join(json_util.dumps(each, json_options=options) for each in documents).encode()


def read(body, title="file"):
    return predecessor.read([(title, io.BytesIO(body))], NOW)


def make_with_uuids():
    plain = bson.decode(
        write_bson([make_documents()["entities"]]),
        bson.CodecOptions(uuid_representation=UuidRepresentation.STANDARD),
    )
    meta = plain["meta"] | {"group": {"$uuid": str(plain["meta"]["group"])}}
    document = {
        "_id": {"$oid": str(plain["_id"])},
        "id": {"$uuid": str(plain["id"])},
        "meta": meta,
        "tasks": [{"$uuid": str(TASK)}],
    }
    return json.dumps(document).encode()


BODIES = {
    "bson": lambda: write_bson(make_documents().values()),
    "bson with old uuids": lambda: write_bson(make_documents(3).values()),
    "canonical json": lambda: write_json(make_documents().values()),
    "relaxed json": lambda: write_json(make_documents().values(), json_util.RELAXED_JSON_OPTIONS),
    "old json": lambda: write_json(make_documents(3).values(), json_util.LEGACY_JSON_OPTIONS),
    "an array": lambda: json_util.dumps(list(make_documents().values())).encode(),
    "by collection": lambda: json_util.dumps(
        {name: [each] for name, each in make_documents().items()}
    ).encode(),
}


@pytest.mark.parametrize("form", BODIES)
def test_every_form_is_read_and_ids_are_kept(form):
    body = BODIES[form]()
    assert predecessor.recognise(body[:1000])
    contents = read(body)
    assert contents.remarks == ()
    assert [(each.id, each.name.get_in("en")) for each in contents.groups] == [(GROUP, "Suisei")]
    [entity] = contents.entities
    assert (entity.id, entity.meta.group) == (ENTITY, GROUP)
    [moved] = entity.tasks
    assert (moved.task.id, moved.task.params) == (TASK, {"channel_id": CHANNEL})
    # As old as its document: what happened since is told.
    assert moved.task.created_at == OBJECT.generation_time
    [user] = contents.users
    assert (user.id, user.im, user.im_payload) == (USER, "telegram", "-1001")
    assert (user.name, user.avatar) == ("Fans", "https://a.example/a.png")
    assert user.event_filter.entities == {ENTITY}
    assert user.event_filter.kinds == {"youtube/live_start", "bililive/live_start"}


def test_ids_may_be_texts_of_uuids():
    [entity] = read(make_with_uuids()).entities
    assert (entity.id, entity.meta.group) == (ENTITY, GROUP)


@pytest.mark.parametrize(
    ("task", "params"),
    [
        ({"kind": "bililive", "params": {"uid": 286700005}}, {"uid": "286700005"}),
        ({"kind": "twitter", "params": {"id": "Suisei_Hosimati"}}, {"id": "suisei_hosimati"}),
        ({"kind": "twitter", "params": {"id": 123}}, {"id": "123"}),
        (
            {"kind": "youtube", "params": {"channel_id": CHANNEL, "old": 1}},
            {"channel_id": CHANNEL},
        ),
    ],
    ids=["a number", "a name on X", "a number on X", "what is too much"],
)
def test_parameters_take_our_form(task, params):
    documents = make_documents()
    documents["tasks"].update(task)
    [entity] = read(write_bson(documents.values())).entities
    assert entity.tasks[0].task.params == params


@pytest.mark.parametrize(
    ("collection", "change", "why", "is_lost"),
    [
        ("users", {"event_filter": {"kinds": ["youtube/gone"]}}, "without youtube/gone", False),
        ("users", {"im": "pager"}, "there is no 'pager'", True),
        ("users", {"im": "qq", "im_payload": "123"}, "expected private:NUMBER", True),
        ("users", {"im": "discord"}, "`sealed`", True),
        ("entities", {"meta": {"name": {}}}, "wrong: ", True),
        ("entities", {"id": 5}, "its id is no UUID", True),
        ("tasks", {"params": {"channel_id": "x"}}, "`params.channel_id`", True),
        ("tasks", {"entity": binary(USER)}, "its entity is nowhere", True),
        ("groups", {"name": 5}, "Group", True),
    ],
    ids=[
        *("an unknown kind", "an unknown app", "a bare number", "a secret", "no names", "no id"),
        *("no channel", "nobody's", "no name"),
    ],
)
def test_what_cannot_be_taken_over_is_named(collection, change, why, is_lost):
    documents = make_documents()
    documents[collection].update(change)
    remarks = read(write_bson(documents.values())).remarks
    assert any(why in each.reason and each.is_lost is is_lost for each in remarks), remarks


def test_accounts_are_left_out_and_said():
    account = {"_id": OBJECT, "username": "bot", "hash": "secret", "permissions": {}}
    [remark] = read(write_bson([account]), "auth.bson").remarks
    assert remark.place == "auth.bson, document 1"
    assert "stargazer auth add" in remark.reason
    assert "secret" not in remark.reason


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (write_bson([{"a": 1}])[:-1] + b"x", "dump.bson: it is no BSON"),
        (write_bson([{"a": "long enough"}] * 2)[:-4], "dump.bson: it is no BSON, or was cut off"),
        (b'{"_id": {"$oid": "x"}\n]', "dump.bson, line 2: this is no JSON"),
        (b'{"a": {"$oid": "x"}}', "no extended JSON"),
        (b"[1]", "expected documents, and found int"),
        (b"\xff\xfe\xff\xff\xff\xff", "neither BSON nor text"),
    ],
    ids=["garbage", "cut off", "no json", "no id", "no documents", "no text"],
)
def test_a_wrong_file_is_named(body, said):
    with pytest.raises(FileError) as caught:
        read(body, "dump.bson")
    assert said in str(caught.value)


def test_a_folder_of_mongodump_is_imported_with_its_ids(store, context, tmp_path):
    for name, document in make_documents().items():
        (tmp_path / f"{name}.bson").write_bytes(write_bson([document]))
        (tmp_path / f"{name}.metadata.json").write_text("{}")
    opened = open_file(tmp_path, None, NOW)
    assert opened.format.name == "mongo"
    changes = list(Import(context, opened.read).run(NOW, dry_run=False))
    assert {each.outcome for each in changes} == {Outcome.ADDED}
    assert store.entities.find(ENTITY).tasks == (TASK,)
    found = store.subscriptions.list_interested(ENTITY, None, "youtube/live_start")
    assert [each.user for each in found] == [USER]
    before = dump(store)
    again = list(Import(context, opened.read).run(NOW, dry_run=False))
    assert {each.outcome for each in again} == {Outcome.SAME}
    assert dump(store) == before


def test_what_a_subscriber_has_set_meanwhile_stays(store, context):
    text = json_util.dumps(list(make_documents().values()))
    take_over(context, text, "mongo")
    user = store.users.find(USER)
    own = user.settings.model_copy(update={"timezone": "Asia/Tokyo"})
    store.users.save(user.model_copy(update={"settings": own, "paused": "why"}))
    take_over(context, text, "mongo", overwrite=True)
    after = store.users.find(USER)
    assert (after.settings, after.paused) == (own, "why")
