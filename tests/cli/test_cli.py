"""What the command ``stargazer`` says and does."""

import pytest

from stargazer.accounts import check_password
from stargazer.cli import main
from stargazer.settings import load_settings
from stargazer.simulator.onebot.world import TOKEN

CHANNEL = "UC" + "x" * 22


@pytest.fixture
def nowhere(run, monkeypatch, free_port):
    """Let the settings lead to servers that are not there."""
    monkeypatch.setenv("STARGAZER_REDIS_URL", f"redis://:hidden@127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("STARGAZER_BROKER_URL", f"redis://:hidden@127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("STARGAZER_MONGO_URL", f"mongodb://me:hidden@127.0.0.1:{free_port()}/x")
    load_settings.cache_clear()


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4


def test_the_version_is_told(run):
    assert "version" in run("--version").output


def test_an_unknown_command_is_refused(run):
    result = run("dance")
    assert result.exit_code == 2
    assert "No such command 'dance'" in result.output


def test_a_wrong_setting_is_named_in_one_line(run, monkeypatch):
    monkeypatch.setenv("STARGAZER_WEB_PORT", "ninety")
    load_settings.cache_clear()
    result = run("check")
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: STARGAZER_WEB_PORT: Input should be a valid integer")
    assert "ninety" not in line


def test_check_says_that_all_answers_and_what_is_missing(run):
    result = run("check")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line.split()[0] for line in lines] == [
        *("database", "redis", "broker"),
        *("note", "note", "note"),
    ]
    assert "STARGAZER_PUBLIC_URL is empty" in lines[3]


@pytest.mark.parametrize(
    ("online", "said", "status"),
    [(True, "answers at 127.0.0.1:", 0), (False, "the QQ account is not online", 1)],
    ids=["online", "offline"],
)
def test_check_looks_at_the_adapter_of_qq(run, monkeypatch, simulator, online, said, status):
    monkeypatch.setenv("STARGAZER_QQ_URL", simulator.qq.url)
    monkeypatch.setenv("STARGAZER_QQ_TOKEN", TOKEN)
    load_settings.cache_clear()
    simulator.qq.set_account(online=online)
    result = run("check")
    assert result.exit_code == status
    [line] = [line for line in result.output.splitlines() if line.startswith("qq ")]
    assert said in line


@pytest.mark.parametrize(
    ("public_url", "status"), [("http://a.example", 1), ("https://a.example", 0)]
)
def test_check_says_that_telegram_cannot_push(run, monkeypatch, public_url, status):
    monkeypatch.setenv("STARGAZER_TELEGRAM_TOKEN", "1000:simulated")
    monkeypatch.setenv("STARGAZER_TELEGRAM_UPDATES", "webhook")
    monkeypatch.setenv("STARGAZER_PUBLIC_URL", public_url)
    load_settings.cache_clear()
    result = run("check")
    assert result.exit_code == status
    assert ("STARGAZER_PUBLIC_URL is no https address" in result.output) == bool(status)


def test_check_says_what_does_not_answer_and_hides_passwords(run, nowhere):
    result = run("check")
    assert result.exit_code == 1
    assert result.output.count("does not answer") == 3
    assert "hidden" not in result.output


@pytest.mark.parametrize(
    ("content", "said", "status"),
    [
        ("ja\ten\n星街すいせい\tHoshimachi Suisei\n", "glossary  names: 1", 0),
        ("ja\ten\n星\tHoshi\n", "names.tsv, line 2: '星' is too short", 1),
    ],
    ids=["right", "wrong"],
)
def test_check_reads_the_glossary(run, monkeypatch, tmp_path, content, said, status):
    path = tmp_path / "names.tsv"
    path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("STARGAZER_GLOSSARY", str(path))
    load_settings.cache_clear()
    result = run("check")
    assert result.exit_code == status
    assert said in result.output


def test_indexes_may_be_created_again(run):
    first, second = run("indexes"), run("indexes")
    assert first.exit_code == second.exit_code == 0
    assert "deliveries.state_1" in first.output.splitlines()
    assert first.output == second.output


def test_an_account_is_added_changed_listed_and_removed(run, store):
    added = run("auth", "add", "bot", "api:rw", "mq:ro", input="a secret\na secret\n")
    assert added.output.splitlines()[-1] == "added bot"
    assert "a secret" not in added.output
    assert check_password(store, "bot", "a secret").permissions == {"api": "rw", "mq": "ro"}

    changed = run("auth", "add", "bot", "api:ro", env={"STARGAZER_NEW_PASSWORD": "another one"})
    assert changed.output.splitlines()[-1] == "changed bot"
    assert run("auth", "list").output.split() == ["bot", "api:ro"]

    assert run("auth", "remove", "bot").output == "removed bot\n"
    assert store.accounts.find("bot") is None
    gone = run("auth", "remove", "bot")
    assert gone.exit_code == 1
    assert "there is no account 'bot'" in gone.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bot",), "Missing argument 'PERMISSION...'"),
        (("bot", "everything:rw"), "'everything:rw' is no permission"),
        (("bot", "api:all"), "'api:all' is no permission"),
    ],
    ids=["none", "unknown component", "unknown level"],
)
def test_a_wrong_permission_is_refused(run, store, arguments, said):
    result = run("auth", "add", *arguments, env={"STARGAZER_NEW_PASSWORD": "a secret"})
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert store.accounts.list_all() == []


def test_an_empty_password_is_refused(run, store):
    result = run("auth", "add", "bot", "api:rw", "--password", "")
    assert result.exit_code == 1
    assert store.accounts.list_all() == []


def test_an_empty_list_of_accounts_says_how_to_add_one(run):
    assert "stargazer auth add" in run("auth", "list").output


def test_an_entity_is_added_and_watched_at_once(run, store, redis_client):
    result = run("entity", "add", "Suisei", "--also", "ja=すいせい", "--youtube", CHANNEL)
    assert result.exit_code == 0
    (entity,) = store.entities.list_all()
    (task,) = store.tasks.list_all()
    assert str(entity.id) in result.output
    assert entity.meta.name.name == {"en": "Suisei", "ja": "すいせい"}
    assert entity.tasks == (task.id,)
    assert (task.entity, task.kind, task.params) == (
        entity.id,
        "youtube",
        {"channel_id": CHANNEL},
    )
    assert redis_client.zscore("stargazer:due:youtube", str(task.id)) is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("X", "--youtube", "@handle"), "only a channel's id can be taken"),
        (("X", "--account", "a.example/x"), "it is on none of youtube"),
        (("X", "--also", "ja"), "'ja' is not LANGUAGE=NAME"),
        (("X", "--language", "Japanese"), "the name is not right"),
        (("",), "the name is not right"),
    ],
    ids=["a handle", "an address of nowhere", "no name", "no language code", "an empty name"],
)
def test_a_wrong_entity_is_refused_and_nothing_written(run, store, arguments, said):
    result = run("entity", "add", *arguments)
    assert result.exit_code != 0
    assert said in result.output
    assert list(store.entities.list_all()) == []


@pytest.mark.parametrize(
    "command",
    [("auth", "list"), ("indexes",), ("entity", "add", "X")],
    ids=" ".join,
)
def test_a_database_that_is_away_is_said_in_one_line(run, nowhere, command):
    result = run(*command)
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "hidden" not in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize("command", ["up", "demo"])
def test_a_taken_port_is_named_with_its_setting(run, monkeypatch, settings, command):
    # The port of the test's own Redis is taken for sure.
    monkeypatch.setenv("STARGAZER_WEB_PORT", str(settings.redis_port))
    load_settings.cache_clear()
    result = run(command)
    assert result.exit_code == 1
    assert f"port {settings.redis_port} is taken" in result.output
    assert "STARGAZER_WEB_PORT" in result.output


def test_outside_of_the_projects_folder_the_procfile_is_missed(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    result = run("up")
    assert result.exit_code == 1
    assert "no Procfile here" in result.output
