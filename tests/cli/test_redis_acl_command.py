"""What ``stargazer auth redis-acl`` says and does."""

import hashlib
import subprocess

import kombu
import pytest
import redis
from click.testing import CliRunner

from stargazer.accounts import new_account
from stargazer.cli import main
from stargazer.embedded import find_redis_server
from stargazer.settings import load_settings

PASSWORD = "correct horse"
DIGEST = hashlib.sha256(PASSWORD.encode()).hexdigest()
# Hashed once, for that takes its time.
WORKER = new_account("worker", PASSWORD, ["coordinator:ro"])


@pytest.fixture
def run(use_settings, store, acl_redis):
    """Give a function that runs the command for one account, on a Redis of these tests' own."""
    store.accounts.save(WORKER)
    use_settings(broker_url=f"redis://127.0.0.1:{acl_redis.port}/0")

    def invoke(*arguments, **options):
        return CliRunner().invoke(main, ("auth", "redis-acl", *arguments), **options)

    return invoke


@pytest.fixture
def add(store):
    """Give a function that adds an account with the same password as all."""

    def save(name, **permissions):
        account = WORKER.model_copy(update={"username": name, "permissions": permissions})
        store.accounts.save(account)

    return save


@pytest.fixture
def log_in(acl_redis):
    """Give a function that tries name and password at Redis."""

    def try_to(name, password=PASSWORD):
        client = redis.Redis("127.0.0.1", acl_redis.port, username=name, password=password)
        try:
            return client.ping()
        except redis.AuthenticationError:
            return False
        finally:
            client.close()

    return try_to


def read_user(acl_redis, name):
    return acl_redis.admin.acl_getuser(name)


class TestPrinting:
    def test_a_user_without_a_password_is_off_and_that_is_said(self, run, acl_redis):
        result = run()
        assert result.exit_code == 0
        [line] = result.stdout.splitlines()
        assert line.startswith("user worker off resetpass resetkeys resetchannels -@all ")
        assert result.stderr == (
            "worker is off, for it has no password; give it one by --password-of worker\n"
        )
        assert acl_redis.admin.acl_users() == ["default"]

    def test_a_verified_password_is_printed_as_its_hash(self, run):
        result = run("--password-of", "worker", input=f"{PASSWORD}\n")
        assert result.exit_code == 0
        [line] = result.stdout.splitlines()
        assert line.startswith(f"user worker on resetpass #{DIGEST} resetkeys ")
        assert PASSWORD not in result.output

    def test_accounts_without_coordinator_or_mq_get_no_line(self, run, add):
        add("worker", admin="rw", api="rw")
        result = run()
        assert (result.exit_code, result.stdout) == (0, "")
        assert "no account needs a Redis user" in result.stderr

    def test_a_name_that_redis_would_take_for_something_else_is_left_out(self, run, add):
        add("worker", api="ro")
        add("* on nopass", coordinator="ro")
        add("ready", mq="ro")
        result = run()
        assert (result.exit_code, result.stdout) == (0, "")
        assert "left out '* on nopass': a username has" in result.stderr
        assert "left out 'ready': its queues would be some of ours" in result.stderr

    def test_the_lines_are_fit_for_an_aclfile(self, run, add, acl_redis, tmp_path, free_port):
        add("other", coordinator="rw")
        if acl_redis.has_selectors:
            add("bot", mq="ro")
            add("translator", mq="rw")
        result = run("--password-of", "worker", env={"STARGAZER_NEW_PASSWORD": PASSWORD})
        (tmp_path / "users.acl").write_text(f"user default off\n{result.stdout}")
        port = str(free_port())
        command = [find_redis_server(), "--port", port, "--bind", "127.0.0.1"]
        command += ["--aclfile", tmp_path / "users.acl", "--save", ""]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
            with kombu.Connection(f"redis://worker:{PASSWORD}@127.0.0.1:{port}/0") as connection:
                connection.ensure_connection(max_retries=20, interval_start=0.1, interval_max=0.1)
            process.terminate()


class TestPasswords:
    def test_one_is_read_from_the_environment(self, run):
        result = run("--password-of", "worker", env={"STARGAZER_NEW_PASSWORD": PASSWORD})
        assert f"#{DIGEST}" in result.stdout

    def test_of_several_each_is_asked_for(self, run, add):
        add("other", coordinator="ro")
        result = run(
            *("--password-of", "worker", "--password-of", "other"),
            input=f"{PASSWORD}\n{PASSWORD}\n",
            env={"STARGAZER_NEW_PASSWORD": "not this one"},
        )
        assert result.stdout.count(f"on resetpass #{DIGEST}") == 2

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("worker", "worker: Wrong username or password"),
            ("nobody", "there is no account 'nobody' that gets a Redis user"),
            ("operator", "there is no account 'operator' that gets a Redis user"),
        ],
        ids=["wrong", "unknown", "gets none"],
    )
    @pytest.mark.parametrize("more", [(), ("--apply",)], ids=["print", "apply"])
    def test_a_wrong_one_changes_nothing(self, run, add, acl_redis, name, said, more):
        add("operator", api="rw")
        result = run("--password-of", name, *more, env={"STARGAZER_NEW_PASSWORD": "wrong horse"})
        assert result.exit_code == 1
        assert result.output == f"Error: {said}\n"
        assert acl_redis.admin.acl_users() == ["default"]

    def test_no_fast_hash_reaches_our_database(self, run, store):
        run("--apply", "--password-of", "worker", env={"STARGAZER_NEW_PASSWORD": PASSWORD})
        for collection in store.accounts.collection.database.list_collection_names():
            for document in store.accounts.collection.database[collection].find({}):
                assert DIGEST not in str(document)


class TestApplying:
    def test_a_user_is_made_and_may_log_in(self, run, acl_redis, log_in):
        result = run("--apply", "--password-of", "worker", env={"STARGAZER_NEW_PASSWORD": PASSWORD})
        assert result.exit_code == 0
        assert result.output.splitlines() == [
            f"the Redis at 127.0.0.1:{acl_redis.port}",
            "added worker",
            "note: Redis lets in anybody without a password, as the user default",
            "not saved: this Redis has no aclfile, and forgets its users at a restart",
        ]
        assert log_in("worker")
        assert not log_in("worker", "another")

    def test_a_user_without_a_password_stays_off(self, run, log_in, acl_redis):
        lines = run("--apply").output.splitlines()
        assert lines[1] == (
            "added worker, which is off, for it has no password;"
            " give it one by --password-of worker"
        )
        assert "off" in read_user(acl_redis, "worker")["flags"]
        assert not log_in("worker")

    def test_a_user_that_lets_in_anybody_is_closed(self, run, log_in, acl_redis):
        acl_redis.admin.execute_command("ACL", "SETUSER", "worker", "on", "nopass", "~*", "+@all")
        assert log_in("worker", "anything")
        assert "changed worker, which is off" in run("--apply").output
        assert not log_in("worker", "anything")
        acl_redis.admin.execute_command("ACL", "SETUSER", "worker", "on")
        assert not log_in("worker", "anything")

    def test_a_password_that_redis_has_is_kept_and_all_else_is_not(self, run, log_in, acl_redis):
        rule = ["on", ">of redis", "~*", "&*", "+@all"]
        if acl_redis.has_selectors:
            rule.append("(~* +get)")
        acl_redis.admin.execute_command("ACL", "SETUSER", "worker", *rule)
        assert run("--apply").output.splitlines()[1] == "changed worker"
        user = read_user(acl_redis, "worker")
        assert "stargazer:*" in str(user["keys"])
        assert "+@all" not in str(user)
        assert not user.get("selectors")
        assert log_in("worker", "of redis")
        assert run("--apply").output.splitlines()[1] == "unchanged worker"

    def test_a_new_password_replaces_the_old_ones(self, run, log_in, acl_redis):
        acl_redis.admin.execute_command("ACL", "SETUSER", "worker", "on", ">of redis")
        run("--apply", "--password-of", "worker", env={"STARGAZER_NEW_PASSWORD": PASSWORD})
        assert log_in("worker")
        assert not log_in("worker", "of redis")

    def test_users_of_accounts_that_are_gone_are_removed_and_no_others(self, run, acl_redis):
        for name, rule in (
            ("gone", ["on", ">x", "~stargazer:*", "+get"]),
            ("application", ["on", ">x", "~shop:*", "~stargazer:*", "+get"]),
            ("keyless", ["on", ">x"]),
        ):
            acl_redis.admin.execute_command("ACL", "SETUSER", name, *rule)
        assert "removed gone\n" in run("--apply").output
        assert set(acl_redis.admin.acl_users()) == {"default", "worker", "application", "keyless"}

    def test_an_account_that_lost_its_permission_loses_its_user(self, run, add, acl_redis):
        run("--apply")
        add("worker", api="ro")
        assert "removed worker\n" in run("--apply").output
        assert acl_redis.admin.acl_users() == ["default"]

    def test_an_outsiders_queues_go_with_it(self, run, add, store, acl_redis):
        if not acl_redis.has_selectors:
            pytest.skip("outsiders need Redis 7")
        add("bot", mq="ro")
        add("bot2", mq="ro")
        run("--apply")
        with kombu.Connection(
            f"redis://127.0.0.1:{acl_redis.port}/0",
            transport_options={"global_keyprefix": "stargazer:celery:"},
        ) as connection:
            exchange = kombu.Exchange("stargazer", type="topic")
            for name in ("bot", "bot.news", "bot2"):
                kombu.Queue(name, exchange, routing_key="event")(connection).declare()
            producer = connection.Producer()
            producer.publish({}, exchange=exchange, routing_key="event", declare=[exchange])
            connection.default_channel.close()
        store.accounts.delete("bot")
        assert "removed bot and its queue bot and its queue bot.news\n" in run("--apply").output
        admin = acl_redis.admin
        assert admin.keys("stargazer:celery:bot*") == ["stargazer:celery:bot2"]
        for table in ("binding", "binding_permanent"):
            [member] = admin.smembers(f"stargazer:celery:_kombu.{table}.stargazer")
            assert member.endswith("bot2")

    def test_all_profiles_are_applied_where_redis_can_keep_them_apart(self, run, add, acl_redis):
        add("bot", mq="ro")
        add("translator", mq="rw")
        lines = run("--apply").output.splitlines()
        if acl_redis.has_selectors:
            assert [line.partition(",")[0] for line in lines[1:3]] == [
                "added bot",
                "added translator",
            ]
            assert len(read_user(acl_redis, "translator")["selectors"]) == 2
        else:
            assert all("cannot keep it to its queues" in line for line in lines[1:3])
            assert set(acl_redis.admin.acl_users()) == {"default", "worker"}

    def test_the_user_that_it_is_connected_as_is_left_alone(self, run, acl_redis, monkeypatch):
        rule = ["on", ">of redis", "~*", "&*", "+@all"]
        acl_redis.admin.execute_command("ACL", "SETUSER", "worker", *rule)
        url = f"redis://worker:of%20redis@127.0.0.1:{acl_redis.port}/0"
        monkeypatch.setenv("STARGAZER_BROKER_URL", url)
        load_settings.cache_clear()
        result = run("--apply")
        assert "left alone worker: this command is connected as that user" in result.output
        assert "of redis" not in result.output
        [line] = [each for each in acl_redis.admin.acl_list() if each.startswith("user worker ")]
        assert line.endswith("~* &* +@all")

    def test_where_there_is_an_aclfile_the_users_are_saved(
        self, run, tmp_path, free_port, monkeypatch
    ):
        aclfile = tmp_path / "users.acl"
        aclfile.write_text("user default on nopass ~* &* +@all\n")
        port = free_port()
        command = [find_redis_server(), "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--aclfile", aclfile, "--save", ""]
        monkeypatch.setenv("STARGAZER_BROKER_URL", f"redis://127.0.0.1:{port}/0")
        load_settings.cache_clear()
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
            with kombu.Connection(f"redis://127.0.0.1:{port}/0") as connection:
                connection.ensure_connection(max_retries=20, interval_start=0.1, interval_max=0.1)
            result = run("--apply")
            process.terminate()
        assert result.output.splitlines()[-1] == "saved in its aclfile"
        assert "user worker off" in aclfile.read_text()


class TestTrouble:
    def test_a_user_who_is_no_administrator_is_told_so_in_one_line(
        self, run, acl_redis, monkeypatch
    ):
        acl_redis.admin.execute_command("ACL", "SETUSER", "small", "on", ">hidden", "+ping")
        url = f"redis://small:hidden@127.0.0.1:{acl_redis.port}/0"
        monkeypatch.setenv("STARGAZER_BROKER_URL", url)
        load_settings.cache_clear()
        result = run("--apply")
        assert result.exit_code == 1
        _, line = result.output.splitlines()
        assert line.startswith(f"Error: the Redis at 127.0.0.1:{acl_redis.port} refuses: ")
        assert "permission" in line
        assert "hidden" not in result.output

    def test_a_wrong_password_for_redis_itself_is_said(self, run, acl_redis, monkeypatch):
        url = f"redis://nobody:hidden@127.0.0.1:{acl_redis.port}/0"
        monkeypatch.setenv("STARGAZER_BROKER_URL", url)
        load_settings.cache_clear()
        result = run("--apply")
        assert result.exit_code == 1
        assert "refuses: " in result.output
        assert "hidden" not in result.output

    def test_a_redis_that_is_away_is_said_in_one_line(self, run, free_port, monkeypatch):
        url = f"redis://:hidden@127.0.0.1:{free_port()}/0"
        monkeypatch.setenv("STARGAZER_BROKER_URL", url)
        load_settings.cache_clear()
        result = run("--apply")
        assert result.exit_code == 1
        assert "does not answer (ConnectionError)" in result.output
        assert "hidden" not in result.output

    def test_what_is_no_url_is_named_by_its_setting(self, run, monkeypatch):
        monkeypatch.setenv("STARGAZER_BROKER_URL", "redis://:hidden@127.0.0.1:port/0")
        load_settings.cache_clear()
        result = run()
        assert result.output == "Error: STARGAZER_BROKER_URL is no URL of a Redis\n"

    def test_with_another_broker_it_is_the_other_redis(self, run, acl_redis, monkeypatch):
        monkeypatch.setenv("STARGAZER_BROKER_URL", "amqp://guest:hidden@127.0.0.1:5/")
        monkeypatch.setenv("STARGAZER_REDIS_URL", f"redis://127.0.0.1:{acl_redis.port}/2")
        load_settings.cache_clear()
        result = run("--apply")
        assert result.output.startswith(f"the Redis at 127.0.0.1:{acl_redis.port}\nadded worker")
        assert "/2.celery.pidbox" in str(read_user(acl_redis, "worker")["channels"])

    def test_the_help_says_what_it_does(self, run):
        result = run("--help")
        assert result.exit_code == 0
        for word in ("--apply", "--password-of NAME", "STARGAZER_NEW_PASSWORD", "aclfile"):
            assert word in result.output
