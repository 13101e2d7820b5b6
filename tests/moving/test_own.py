"""Our own format: there and back, and what is wrong with a file."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from stargazer.keyring import Keyring
from stargazer.models import (
    EventFilter,
    Group,
    Meta,
    Name,
    QuietHours,
    Rule,
    Task,
    User,
    UserSettings,
    Watch,
)
from stargazer.moving import Contents, FileError, Outcome, own
from stargazer.moving.contents import MovedEntity, MovedTask
from stargazer.store.documents import to_value
from tests.moving.conftest import KEY, KIND, NOW, OTHER_KEY, dump, empty, take_over, write


def test_another_instance_is_the_same_to_the_byte(filled, keyed):
    text = write(filled)
    assert write(filled) == text
    empty(filled)
    assert {change.outcome for change in take_over(keyed, text)} == {Outcome.ADDED}
    assert write(filled) == text


def test_what_is_derived_follows(filled, keyed):
    before = dump(filled)
    text = write(filled)
    empty(filled)
    take_over(keyed, text)
    after = dump(filled)
    for collection in ("subscriptions", "delayed", "groups", "users"):
        assert after[collection] == before[collection]
    assert filled.revisions.get("watched") > 0
    assert filled.revisions.get("subscribed") > 0


def test_what_was_seen_goes_along(filled, keyed):
    tasks = {task.kind: task for task in filled.tasks.list_all()}
    memories = filled.memories.list_raw([task.id for task in tasks.values()])
    known = {each.source_id: each for each in filled.broadcasts.list_of_task(tasks["youtube"].id)}
    text = write(filled)
    empty(filled)
    take_over(keyed, text)
    moved = {task.kind: task for task in filled.tasks.list_all()}
    assert moved["youtube"].watch == Watch(looked_at=NOW, etag='"x"')
    assert moved["youtube"].created_at == tasks["youtube"].created_at
    assert filled.memories.list_raw([task.id for task in tasks.values()]) == memories
    after = {each.source_id: each for each in filled.broadcasts.list_of_task(tasks["youtube"].id)}
    assert after["v1"] == known["v1"]
    assert {key: each.state for key, each in after.items()} == {
        key: each.state for key, each in known.items()
    }


def test_accounts_are_on_the_schedule_unless_they_are_paused(filled, keyed, redis_client):
    text = write(filled)
    empty(filled)
    take_over(keyed, text)
    assert redis_client.zcard("stargazer:due:youtube") == 1
    assert redis_client.zcard("stargazer:due:bilibili") == 0


def test_an_import_needs_no_redis(filled, make_context, free_port):
    text = write(filled)
    empty(filled)
    context = make_context(
        secret_key=SecretStr(KEY), redis_url=f"redis://127.0.0.1:{free_port()}/0"
    )
    take_over(context, text)
    assert write(filled) == text


def test_a_dry_run_says_the_same_and_changes_nothing(filled, keyed):
    text = write(filled)
    empty(filled)
    before = dump(filled)
    said = take_over(keyed, text, dry_run=True)
    assert dump(filled) == before
    assert take_over(keyed, text) == said


def test_twice_is_as_good_as_once(filled, keyed):
    text = write(filled)
    empty(filled)
    take_over(keyed, text)
    before = dump(filled)
    assert {change.outcome for change in take_over(keyed, text)} == {Outcome.SAME}
    assert dump(filled) == before


@pytest.mark.parametrize("key", ["", OTHER_KEY], ids=["no key", "another key"])
def test_an_address_that_cannot_be_read_is_left_out_and_said(filled, make_context, key):
    text = write(filled)
    empty(filled)
    context = make_context(secret_key=SecretStr(key))
    skipped = [each for each in take_over(context, text) if each.outcome == Outcome.SKIPPED]
    assert [each.name.partition("-")[0] for each in skipped] == ["webhook a.example"]
    assert "STARGAZER_SECRET_KEY" in skipped[0].detail
    # With both keys, the newer one first, what was left out comes in.
    both = make_context(secret_key=SecretStr(f"{OTHER_KEY},{KEY}"))
    added = [each for each in take_over(both, text) if each.outcome == Outcome.ADDED]
    assert [each.what for each in added] == ["user"]
    assert write(filled) == text


def test_a_chat_is_known_by_its_address_under_another_key(filled, make_context, keyed):
    text = write(filled)
    [webhook] = [user for user in filled.users.list_all() if user.im == "webhook"]
    filled.users.delete(webhook.id)
    ring = Keyring(SecretStr(f"{OTHER_KEY},{KEY}"))
    secret = ring.decrypt(webhook.sealed)
    mark = ring.list_marks(secret.partition("#")[0])[0]
    again = {"im_payload": f"a.example-{mark}", "sealed": ring.encrypt(secret)}
    filled.users.save(webhook.model_copy(update=again))
    context = make_context(secret_key=SecretStr(f"{OTHER_KEY},{KEY}"))
    assert {each.outcome for each in take_over(context, text)} == {Outcome.SAME}


def lines(store):
    return write(store).splitlines(keepends=True)


def change(text, **fields):
    item = json.loads(text)
    (thing,) = item.values()
    thing.update(fields)
    return json.dumps(item) + "\n"


def change_settings(text, **fields):
    item = json.loads(text)
    item["user"]["settings"].update(fields)
    return json.dumps(item) + "\n"


#: What is done to the lines, and what is said of it.
WRONG = {
    "cut off": (lambda each: each[:-1], "the last line is missing"),
    "cut within a line": (lambda each: [*each[:-2], each[-2][:50]], "line 8: this is no JSON"),
    "a line is gone": (lambda each: [each[0], *each[2:]], "the file says that it has"),
    "more behind the end": (lambda each: [*each, each[1]], "line 10: there is more"),
    "a later version": (
        lambda each: ['{"stargazer":"export","version":2}\n', *each[1:]],
        "a later version of Stargazer",
    ),
    "no version": (lambda each: ['{"stargazer":"export"}\n', *each[1:]], "`version` is missing"),
    "another thing": (lambda each: [each[0], '{"dog":{}}\n'], "line 2: `dog`"),
    "two things": (
        lambda each: [each[0], each[1][:-2] + "," + each[2][1:]],
        "line 2: expected one of",
    ),
    "nothing": (lambda each: [each[0], "{}\n"], "line 2: expected one of"),
    "a wrong id": (
        lambda each: [*each[:3], change(each[3], id="x"), *each[4:]],
        "line 4: `user.id`",
    ),
    "a wrong address": (
        lambda each: [*each[:3], change(each[3], im="qq", im_payload="1", sealed=None)],
        "line 4: user: `im_payload`: expected private:NUMBER",
    ),
    "an unknown chat app": (
        lambda each: [*each[:3], change(each[3], im="pager")],
        "line 4: user: `im`: there is no 'pager'",
    ),
    "a secret without an address": (
        lambda each: [*each[:3], change(each[3], im="webhook", sealed=None)],
        "line 4: user: `sealed`",
    ),
    "a wrong time zone": (
        lambda each: [*each[:3], change_settings(each[3], timezone="Mars/North")],
        "line 4: user: `settings.timezone`",
    ),
    "an account that is none": (
        lambda each: [*each[:2], each[2].replace("UCaaaa", "XXaaaa")],
        "line 3: entity: `tasks.[01]`: `params.channel_id`",
    ),
    "what waits and is not held": (
        lambda each: [*each[:-2], change(each[-2]).replace('"held"', '"open"')],
        "line 8: waiting: `event.state`",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_named_with_its_place_and_changes_nothing(filled, keyed, case):
    spoil, said = WRONG[case]
    text = "".join(spoil(lines(filled)))
    empty(filled)
    before = dump(filled)
    with pytest.raises(FileError, match=said.replace("(", r"\(")):
        take_over(keyed, text, "json")
    assert dump(filled) == before


@pytest.mark.parametrize("number", [1, 2, 3], ids=["group", "entity", "user"])
def test_nobody_may_be_in_a_file_twice(filled, keyed, number):
    found = lines(filled)
    end = json.loads(found[-1])
    end["end"][next(iter(json.loads(found[number])))] += 1
    text = "".join([*found[:-1], found[number], json.dumps(end)])
    with pytest.raises(FileError, match="is in it twice"):
        take_over(keyed, text)


def test_kinds_of_events_that_are_unknown_are_left_out_and_said(filled, keyed):
    text = write(filled).replace('"youtube/new_video"', '"youtube/hologram"')
    empty(filled)
    said = [each for each in take_over(keyed, text) if each.outcome == Outcome.DIFFERS]
    assert [each.detail for each in said] == [
        "without youtube/hologram, which there is not here"
    ] * 2
    wishes = [user.event_filter for user in filled.users.list_all()]
    assert {kind for wish in wishes for own in wish.kinds_by_entity.values() for kind in own} == {
        KIND
    }


def test_an_account_that_nobody_here_can_watch_is_left_out_and_said(filled, keyed):
    text = write(filled).replace('"kind":"bilibili"', '"kind":"hologram"')
    empty(filled)
    skipped = [each for each in take_over(keyed, text) if each.outcome == Outcome.SKIPPED]
    assert [(each.name, each.detail) for each in skipped] == [
        ("hologram 7", "nobody here watches hologram")
    ]
    assert [task.kind for task in filled.tasks.list_all()] == ["youtube"]


def test_whom_nobody_knows_is_left_out_of_a_wish_and_said(filled, keyed):
    found = [each for each in lines(filled) if not each.startswith('{"entity"')]
    text = "".join(found).replace('"entity":1', '"entity":0')
    empty(filled)
    changes = take_over(keyed, text)
    said = [each.detail for each in changes if each.outcome == Outcome.DIFFERS]
    assert said == ["without 1 that it names and that are nowhere"] * 2
    assert all(not user.event_filter.entities for user in filled.users.list_all())
    waiting = [each for each in changes if each.what == "waiting"]
    assert [each.outcome for each in waiting] == [Outcome.SKIPPED]


names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
times = st.integers(0, 10**12).map(lambda ms: NOW - timedelta(milliseconds=ms))
ids = st.uuids()
kinds = st.frozensets(st.sampled_from([KIND, "youtube/new_video", "twitter/new_tweet"]))
words = st.text("abc猫 /", min_size=1, max_size=9).filter(lambda word: word.strip(" /"))
rules = st.builds(
    Rule,
    kinds=kinds,
    entities=st.frozensets(ids, max_size=2),
    any_of=st.lists(words, max_size=2).map(tuple),
    languages=st.frozensets(st.sampled_from(["en", "ja", "zh-Hans"])),
    media=st.none() | st.booleans(),
    shorts=st.none(),
)
wishes = st.builds(
    EventFilter,
    entities=st.frozensets(ids, max_size=3),
    groups=st.frozensets(ids, max_size=2),
    without_entities=st.frozensets(ids, max_size=2),
    kinds=kinds,
    kinds_by_entity=st.dictionaries(ids, kinds, max_size=2),
    rules=st.lists(rules, max_size=2).map(tuple),
)
hours = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
user_settings = st.builds(
    UserSettings,
    timezone=st.sampled_from(["UTC", "Asia/Tokyo"]),
    mention=st.just(""),
    quiet_hours=st.none() | st.builds(QuietHours, start=hours, end=hours),
    waking_kinds=kinds,
    muted_until=st.none() | times,
    silent_kinds=st.none() | kinds,
    language=st.sampled_from(["en", "zh-Hans"]),
)
users = st.builds(
    User,
    id=ids,
    im=st.just("telegram"),
    im_payload=st.integers(1, 10**12).map(str),
    sealed=st.none(),
    name=names,
    avatar=names,
    event_filter=wishes,
    settings=user_settings,
    paused=st.none() | names,
    paused_at=st.none() | times,
    created_at=times,
)
many_names = names.map(lambda text: Name(name={"ja": text, "en": text}, default_language="ja"))
memories = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | names | times,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_there_is_is_the_same_after_it_was_written_and_read(data):
    entity, task = data.draw(ids), data.draw(ids)
    watched = Task(
        id=task,
        entity=entity,
        kind="twitch",
        params={"login": "abc"},
        created_at=data.draw(times),
        watch=Watch(looked_at=data.draw(times), etag=data.draw(names)),
    )
    page = Contents(
        groups=(Group(id=data.draw(ids), name=data.draw(many_names)),),
        entities=(
            MovedEntity(
                id=entity,
                meta=Meta(name=data.draw(many_names), group=data.draw(st.none() | ids)),
                tasks=(
                    MovedTask(
                        task=watched, memory=data.draw(st.dictionaries(names, memories, max_size=2))
                    ),
                ),
            ),
        ),
        users=tuple(data.draw(st.lists(users, max_size=3))),
    )
    text = "".join(f"{line}\n" for line in own.write([page]))
    assert list(own.write([page])) == text.splitlines()
    [read] = own.read(io.BytesIO(text.encode()), NOW)
    assert to_value(read.entities) == to_value(page.entities)
    assert (read.groups, read.users) == (page.groups, page.users)
    assert "".join(f"{line}\n" for line in own.write([read])) == text


def test_pages_are_bounded(filled, tmp_path: Path):
    user = next(iter(filled.users.list_all()))
    page = Contents(users=(user,) * 1201)
    body = "\n".join(own.write([page])).encode()
    sizes = [len(each.users) for each in own.read(io.BytesIO(body), NOW)]
    assert sizes == [500, 500, 201]
