"""Importing into an instance that knows some of it already."""

import gzip
import json
from operator import itemgetter
from uuid import uuid4

import pytest
from pydantic import SecretStr

from stargazer.models import Entity, EventFilter, Group, Meta, Task
from stargazer.moving import FileError, Import, Outcome, open_file, open_text
from tests.moving.conftest import CHANNEL, KIND, NOW, dump, name, take_over, write


def by_outcome(changes):
    return [
        (each.outcome.value, each.what, each.detail)
        for each in changes
        if each.outcome != Outcome.SAME
    ]


@pytest.fixture
def other(filled, keyed):
    """Give an export, and let all that it has be another one here."""
    text = write(filled)
    [group] = filled.groups.list_all()
    filled.groups.save(group.model_copy(update={"name": name("Renamed")}))
    [entity] = filled.entities.list_all()
    filled.entities.save_meta(entity.model_copy(update={"meta": Meta(name=name("Else"))}))
    for task in filled.tasks.list_all():
        filled.tasks.save(task.model_copy(update={"paused": not task.paused}))
    user = filled.users.find_by_address("telegram", "-1001234567890/42")
    newer = Entity(meta=Meta(name=name("Newer")))
    filled.entities.save(newer)
    changes = {
        "name": "Renamed",
        "event_filter": EventFilter(entities=frozenset({newer.id}), kinds=frozenset({KIND})),
        "settings": user.settings.model_copy(update={"timezone": "UTC"}),
    }
    filled.users.save(user.model_copy(update=changes))
    filled.subscriptions.save_filter(user.model_copy(update=changes))
    return text, newer


def test_what_is_another_one_here_stays_and_is_said(other, filled, keyed):
    text, newer = other
    before = dump(filled)
    states = ("paused", "not paused")
    assert sorted(by_outcome(take_over(keyed, text)), key=itemgetter(1, 0, 2)) == [
        ("kept", "entity", "its names or its group are others here"),
        ("kept", "group", "its names are others here"),
        *sorted(("kept", "task", f"here it is {each}") for each in states),
        ("changed", "user", "what it hears"),
        ("kept", "user", "name, settings: another one here"),
    ]
    after = dump(filled)
    assert after["tasks"] == before["tasks"]
    assert after["groups"] == before["groups"]
    assert after["entities"] == before["entities"]
    user = filled.users.find_by_address("telegram", "-1001234567890/42")
    assert (user.name, user.settings.timezone) == ("Renamed", "UTC")
    # What it heard is heard still, and what the file says besides.
    assert user.event_filter.entities > {newer.id}
    assert filled.subscriptions.list_users(newer.id, None, KIND, None, None, 9) == [user.id]
    once = dump(filled)
    take_over(keyed, text)
    assert dump(filled) == once


def test_the_file_is_right_where_that_is_wanted_and_nothing_is_removed(other, filled, keyed):
    text, newer = other
    assert sorted(by_outcome(take_over(keyed, text, overwrite=True)), key=itemgetter(1, 0, 2)) == [
        ("changed", "entity", "its names or its group"),
        ("changed", "group", "its names"),
        *sorted(("changed", "task", each) for each in ("paused", "not paused")),
        ("changed", "user", "name, what it hears, settings"),
    ]
    assert filled.entities.find(newer.id) is not None
    filled.entities.delete(newer.id)
    for task in filled.tasks.list_all():
        # That it was paused here makes history of what happened meanwhile.
        filled.tasks.save(task.model_copy(update={"created_at": NOW}))
    assert write(filled) == text


def test_a_dry_run_of_either_changes_nothing(other, filled, keyed):
    before = dump(filled)
    for overwrite in (False, True):
        take_over(keyed, other[0], dry_run=True, overwrite=overwrite)
    assert dump(filled) == before


@pytest.mark.parametrize("overwrite", [False, True], ids=["kept", "overwritten"])
def test_a_dry_run_says_what_is_done_then(other, keyed, overwrite):
    said = take_over(keyed, other[0], dry_run=True, overwrite=overwrite)
    assert take_over(keyed, other[0], overwrite=overwrite) == said


def test_an_account_that_is_watched_under_another_id_is_the_same(filled, keyed):
    text = write(filled)
    task = next(each for each in filled.tasks.list_all() if each.kind == "youtube")
    filled.tasks.delete(task.id)
    filled.tasks.save(task.model_copy(update={"id": uuid4()}))
    assert by_outcome(take_over(keyed, text)) == []


def test_a_task_that_is_somebody_elses_here_is_left_out(filled, keyed):
    text = write(filled)
    task = next(each for each in filled.tasks.list_all() if each.kind == "youtube")
    other = Entity(meta=Meta(name=name("Other")))
    filled.entities.save(other)
    filled.tasks.save(task.model_copy(update={"entity": other.id}))
    assert by_outcome(take_over(keyed, text)) == [
        ("skipped", "task", "another entity has a task of this id")
    ]


def test_a_task_that_watches_another_account_here_stays(filled, keyed):
    text = write(filled)
    task = next(each for each in filled.tasks.list_all() if each.kind == "youtube")
    filled.tasks.save(task.model_copy(update={"params": {"channel_id": "UC" + "z" * 22}}))
    assert by_outcome(take_over(keyed, text)) == [
        ("kept", "task", f"here it is youtube UC{'z' * 22}")
    ]


def test_what_is_missing_of_an_entity_is_added(filled, keyed):
    text = write(filled)
    task = next(each for each in filled.tasks.list_all() if each.kind == "bilibili")
    filled.tasks.delete(task.id)
    filled.entities.remove_task(task.entity, task.id)
    filled.memories.delete(task.id)
    assert by_outcome(take_over(keyed, text)) == [("added", "task", "")]
    assert write(filled) == text
    assert task.id in filled.entities.find(task.entity).tasks


def test_a_chat_that_has_moved_keeps_its_address_and_hears_more(filled, keyed):
    text = write(filled)
    user = filled.users.find_by_address("telegram", "-1001234567890/42")
    filled.users.move(user.id, "-100999")
    assert by_outcome(take_over(keyed, text)) == [("kept", "user", "here it is -100999")]
    assert filled.users.find(user.id).im_payload == "-100999"


def test_a_chat_with_another_id_here_hears_more(filled, keyed):
    text = write(filled)
    user = filled.users.find_by_address("telegram", "-1001234567890/42")
    filled.users.delete(user.id)
    filled.subscriptions.delete_of_user(user.id)
    again = user.model_copy(update={"id": uuid4(), "event_filter": EventFilter()})
    filled.users.save(again)
    assert by_outcome(take_over(keyed, text)) == [("changed", "user", "what it hears")]
    assert filled.users.find(again.id).event_filter == user.event_filter
    assert filled.users.find(user.id) is None


def test_an_import_that_died_goes_on_from_where_it_was(filled, keyed):
    text = write(filled)
    for collection in ("users", "subscriptions", "tasks", "delayed", "broadcasts"):
        filled.database[collection].delete_many({})
    take_over(keyed, text)
    assert write(filled) == text


def test_who_wants_quiet_hours_to_end_is_told_what_waited(filled, keyed):
    text = write(filled)
    user = filled.users.find_by_address("telegram", "-1001234567890/42")
    own = user.settings.model_copy(update={"timezone": "UTC"})
    filled.users.save(user.model_copy(update={"settings": own}))
    take_over(keyed, text, overwrite=True)
    assert filled.users.find(user.id).settings == user.settings


def test_many_chats_are_imported_page_by_page(store, context):
    entity = Entity(meta=Meta(name=name("Sora")))
    store.entities.save(entity)
    wish = {"entities": [str(entity.id)], "kinds": [KIND]}
    body = [
        json.dumps(
            {"user": {"id": str(uuid4()), "im": "web", "im_payload": f"{n}", "event_filter": wish}}
        )
        for n in range(550)
    ]
    end = {"end": {"group": 0, "entity": 0, "user": len(body), "waiting": 0}}
    text = "\n".join(['{"stargazer":"export","version":1}', *body, json.dumps(end)])
    assert len(take_over(context, text)) == len(body)
    found = store.subscriptions.list_interested(entity.id, None, KIND)
    assert len({each.user for each in found}) == len(body)


@pytest.mark.parametrize(
    ("content", "form", "said"),
    [
        (b"hello", None, "it looks like none of these: an export of Stargazer, OPML"),
        (b"", None, "it looks like none of these"),
        (gzip.compress(b"x"), None, "it is compressed"),
        (b"hello", "json", "line 1: this is no export of Stargazer"),
        (b"hello", "opml", "line 1: this is no XML"),
        (b"hello", "nbesf", "this is no JSON"),
        (b"hello", "mongo", "line 1: this is no JSON"),
        (b"[" * 100_000, "nbesf", "JSON"),
        (b'{"a":' * 100_000, "mongo", "nested too deep"),
    ],
    ids=["what", "empty", "gzip", "json", "opml", "nbesf", "mongo", "deep nbesf", "deep mongo"],
)
def test_a_file_that_is_nothing_says_so(context, store, tmp_path, content, form, said):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        Import(context, open_file(path, form, NOW).read)
    assert said in str(caught.value)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(FileError, match="No such file"):
        open_file(tmp_path / "nothing", None, NOW)
    with pytest.raises(FileError, match=r"has \.bson files"):
        open_file(tmp_path, None, NOW)


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "with a byte order mark"])
def test_each_format_is_recognised(filled, mark):
    texts = {
        "json": write(filled),
        "opml": write(filled, "opml"),
        "nbesf": json.dumps({"version": 2, "groups": []}, indent=4),
        "mongo": '{"_id": {"$oid": "626da3000000000000000000"}, "id": 1}',
    }
    for form, text in texts.items():
        opened = open_text(mark + text, None, NOW)
        assert opened.format.name == form
        assert list(opened.read())


def test_a_group_that_is_nowhere_is_left_out_and_said(store, context):
    text = "\n".join(
        [
            '{"stargazer":"export","version":1}',
            json.dumps(
                {
                    "entity": {
                        "id": str(uuid4()),
                        "meta": {
                            "name": {"name": {"en": "Sora"}, "default_language": "en"},
                            "group": str(uuid4()),
                        },
                    }
                }
            ),
            '{"end":{"group":0,"entity":1,"user":0,"waiting":0}}',
        ]
    )
    assert by_outcome(take_over(context, text))[0] == (
        "differs",
        "entity",
        "without its group, which is nowhere",
    )
    assert [each.meta.group for each in store.entities.list_all()] == [None]


def test_two_entities_may_share_an_account(filled, keyed):
    text = write(filled)
    group = Group(name=name("x"))
    other = Entity(meta=Meta(name=name("Other"), group=None))
    filled.entities.save(other)
    filled.tasks.save(Task(entity=other.id, kind="youtube", params=CHANNEL))
    assert by_outcome(take_over(keyed, text)) == []
    assert group.id not in {each.id for each in filled.groups.list_all()}


def test_the_key_is_needed_only_for_secrets(filled, make_context):
    text = write(filled)
    context = make_context(secret_key=SecretStr(""))
    assert by_outcome(take_over(context, text)) == []


def test_what_a_format_does_not_tell_is_not_compared(filled, context):
    # NBESF knows no pauses: one that is paused here is the same account.
    target = {"target_name": "x", "target": "7", "platform_name": "bilibili"}
    pack = {
        "user_target": {"platform_type": "QQ Group", "group_id": 99999},
        "subs": [{"categories": [3], "tags": [], "target": target}],
    }
    text = json.dumps({"version": 3, "groups": [pack]})
    for overwrite in (False, True):
        changes = take_over(context, text, overwrite=overwrite)
        assert {each.outcome for each in changes if each.what == "task"} == {Outcome.SAME}
    [task] = [each for each in filled.tasks.list_all() if each.kind == "bilibili"]
    assert task.paused


def test_the_group_that_counts_is_the_one_here(filled, keyed):
    # The entity is in no group here, so that who hears the group hears nothing of it yet.
    text = write(filled)
    [entity] = filled.entities.list_all()
    filled.entities.save_meta(
        entity.model_copy(update={"meta": entity.meta.model_copy(update={"group": None})})
    )
    user = filled.users.find_by_address("telegram", "-1001234567890/42")
    wish = EventFilter(groups=user.event_filter.groups, kinds=frozenset({"twitter/new_tweet"}))
    filled.users.save(user.model_copy(update={"event_filter": wish}))
    take_over(keyed, text)
    after = filled.users.find(user.id).event_filter
    assert after.get_kinds(entity.id, None) == {KIND, "youtube/new_video"}
