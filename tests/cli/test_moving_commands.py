"""``stargazer export`` and ``stargazer import``."""

import json
import stat

import pytest

from stargazer.models import Entity, EventFilter, Meta, Name, Task, User

CHANNEL = "UC" + "a" * 22
PATTERN = "'^UC[A-Za-z0-9_-]{22}$'"
LISTED = ("entities", "tasks", "users")


@pytest.fixture
def filled(store):
    """Give a database with a VTuber and somebody who hears of it."""
    names = Name(name={"ja": "そら"}, default_language="ja")
    entity = Entity(meta=Meta(name=names))
    store.entities.save(entity)
    task = Task(entity=entity.id, kind="youtube", params={"channel_id": CHANNEL})
    store.tasks.save(task)
    store.entities.add_task(entity, task.id)
    wish = EventFilter(entities=frozenset({entity.id}), kinds=frozenset({"youtube/live_start"}))
    user = User(im="telegram", im_payload="-1001", name="Fans", event_filter=wish)
    store.users.save(user)
    store.subscriptions.save_filter(user)
    return store


def empty(store):
    for name in LISTED:
        store.database[name].delete_many({})


def test_a_house_is_moved(run, filled, tmp_path):
    file = tmp_path / "stargazer.jsonl"
    result = run("export", str(file))
    assert result.exit_code == 0
    assert f"wrote 4 lines to {file}" in result.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("export").stdout == file.read_text(encoding="utf-8")
    empty(filled)
    said = run("import", str(file), "--dry-run").output.splitlines()
    assert said == [
        f"{file} is an export of Stargazer",
        "entities           1 added",
        "accounts           1 added",
        "users              1 added",
        "nothing is changed yet; 3 things would be",
    ]
    assert list(filled.users.list_all()) == []
    assert run("import", str(file)).output.splitlines()[-1] == "3 things are changed"
    assert run("export").stdout == file.read_text(encoding="utf-8")
    assert run("import", str(file)).output.splitlines()[-1] == "0 things are changed"


def test_each_thing_is_named_where_that_is_wanted(run, filled, tmp_path):
    file = tmp_path / "export"
    run("export", str(file))
    said = run("import", str(file), "--verbose").output
    assert "  same     entity そら" in said
    assert f"  same     task youtube {CHANNEL}" in said
    assert "  same     user telegram Fans" in said


def test_what_is_left_out_is_named_and_no_more_than_a_screen_of_it(run, store, tmp_path):
    target = {"target_name": "x", "target": "1", "platform_name": "weibo"}
    subscriptions = [{"categories": [], "tags": [], "target": target}] * 30
    pack = {"user_target": {"platform_type": "QQ Group", "group_id": 12345}}
    file = tmp_path / "bison.json"
    file.write_text(json.dumps({"version": 3, "groups": [pack | {"subs": subscriptions}]}))
    result = run("import", str(file))
    assert result.exit_code == 0
    assert result.output.count("nobody here watches weibo") == 20
    assert "… and 10 more; see all by --verbose" in result.output
    assert run("import", str(file), "-v").output.count("nobody here watches weibo") == 30


def test_a_wrong_file_is_said_with_its_place_and_changes_nothing(run, filled, tmp_path):
    file = tmp_path / "export"
    run("export", str(file))
    file.write_text(file.read_text(encoding="utf-8").replace(CHANNEL, "nobody"), encoding="utf-8")
    empty(filled)
    result = run("import", str(file))
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"Error: {file} cannot be imported, nothing is changed",
        f"line 2: entity: `tasks.0`: `params.channel_id`: String should match pattern {PATTERN}",
    ]
    assert list(filled.entities.list_all()) == []


def test_a_file_may_come_by_the_standard_input(run, filled):
    body = run("export").stdout
    empty(filled)
    assert run("import", "-", input=body).output.splitlines()[-1] == "3 things are changed"


def test_feeds_are_written_for_other_programs(run, filled):
    written = run("export", "--format", "opml").stdout
    assert f'xmlUrl="https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"' in written
    assert "Fans" not in written


def test_a_file_that_cannot_be_written_is_said(run, filled, tmp_path):
    result = run("export", str(tmp_path / "nowhere" / "file"))
    assert result.exit_code == 1
    assert "No such file or directory" in result.stderr


def test_what_is_another_one_here_is_said(run, filled, tmp_path):
    file = tmp_path / "export"
    run("export", str(file))
    [user] = filled.users.list_all()
    filled.users.save(user.model_copy(update={"name": "Renamed"}))
    assert (
        "  kept     user telegram Renamed: name: another one here"
        in run("import", str(file)).output
    )
    run("import", str(file), "--overwrite")
    assert [each.name for each in filled.users.list_all()] == ["Fans"]
