"""Settings: from the environment, to child processes, and into the documents."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from stargazer.errors import ConfigurationError
from stargazer.settings import PREFIX, Settings, load_settings

ROOT = Path(__file__).parents[1]
FIELDS = Settings.model_fields
VARIABLES = [PREFIX + name.upper() for name in FIELDS]
SECRET = "very-secret-value"


def show_default(name):
    """Give the default as an operator writes it."""
    default = FIELDS[name].default
    match default:
        case SecretStr():
            return default.get_secret_value()
        case timedelta():
            return f"{default.total_seconds():g}"
        case bool():
            return str(default).lower()
        case tuple():
            return ",".join(
                f"{each.total_seconds():g}" if isinstance(each, timedelta) else each
                for each in default
            )
        case dict():
            return ",".join(f"{key}={each.total_seconds():g}" for key, each in default.items())
    return str(default)


class TestReading:
    @pytest.mark.parametrize(
        ("written", "span"),
        [
            ("5", timedelta(seconds=5)),
            ("0.25", timedelta(seconds=0.25)),
            ("300", timedelta(minutes=5)),
            ("PT5M", timedelta(minutes=5)),
            ("PT0.5S", timedelta(seconds=0.5)),
            ("P1D", timedelta(days=1)),
            ("00:05:00", timedelta(minutes=5)),
        ],
    )
    def test_a_span_is_in_seconds_or_iso_8601(self, monkeypatch, written, span):
        monkeypatch.setenv("STARGAZER_TICK_INTERVAL", written)
        assert load_settings().tick_interval == span

    def test_a_chat_apps_pages_may_be_elsewhere(self, monkeypatch):
        monkeypatch.setenv("STARGAZER_PUBLIC_URL", "https://a.example")
        monkeypatch.setenv("STARGAZER_FRONTEND_URLS", "telegram=https://b.test/x/ , qq=")
        settings = load_settings()
        assert settings.get_frontend_url("telegram") == "https://b.test/x"
        assert settings.get_frontend_url("qq") == "https://a.example"
        assert settings.get_frontend_url("web") == "https://a.example"

    def test_a_span_may_be_given_kind_by_kind(self, monkeypatch):
        monkeypatch.setenv(
            "STARGAZER_STALE_AFTER", "youtube/live_start=PT1H, youtube/new_video = 60"
        )
        assert load_settings().stale_after == {
            "youtube/live_start": timedelta(hours=1),
            "youtube/new_video": timedelta(minutes=1),
        }
        written = load_settings().environment()["STARGAZER_STALE_AFTER"]
        monkeypatch.setenv("STARGAZER_STALE_AFTER", written)
        before = load_settings().stale_after
        load_settings.cache_clear()
        assert load_settings().stale_after == before

    @pytest.mark.parametrize(
        ("written", "problem"),
        [
            ("youtube/live_start", "each part is name=value"),
            ("youtube/live_strat=5", "there is no kind 'youtube/live_strat', only youtube/"),
            ("youtube/live_start=soon", "valid timedelta"),
            ("youtube/live_start=-5", "greater than"),
        ],
    )
    def test_a_span_that_is_none_is_refused_with_what_would_be_one(
        self, monkeypatch, written, problem
    ):
        monkeypatch.setenv("STARGAZER_STALE_AFTER", written)
        with pytest.raises(ConfigurationError, match=f"STARGAZER_STALE_AFTER: .*{problem}"):
            load_settings()

    @pytest.mark.parametrize("written", ["http://a.test/", "http://a.test", "http://a.test//"])
    def test_an_address_loses_its_last_slash(self, monkeypatch, written):
        monkeypatch.setenv("STARGAZER_PUBLIC_URL", written)
        assert load_settings().public_url == "http://a.test"

    def test_an_empty_variable_is_the_default(self, monkeypatch):
        monkeypatch.setenv("STARGAZER_WEB_PORT", "")
        assert load_settings().web_port == FIELDS["web_port"].default

    def test_what_we_do_not_know_is_passed_over(self, monkeypatch):
        monkeypatch.setenv("STARGAZER_SOMETHING_ELSE", "1")
        load_settings()

    def test_settings_are_read_once(self, monkeypatch):
        first = load_settings()
        monkeypatch.setenv("STARGAZER_WEB_PORT", "1234")
        assert load_settings() is first

    def test_a_file_is_read_and_the_environment_counts_more(self, tmp_path, monkeypatch):
        file = tmp_path / "env"
        file.write_text("STARGAZER_WEB_PORT=1234\nSTARGAZER_FLOWER_PORT=1235\nOTHER=1\n")
        monkeypatch.setenv("STARGAZER_FLOWER_PORT", "4321")
        settings = Settings(_env_file=file)
        assert (settings.web_port, settings.flower_port) == (1234, 4321)

    def test_settings_do_not_change(self):
        with pytest.raises(ValidationError):
            Settings().web_port = 1


class TestMistakes:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("WEB_PORT", "0"),
            ("WEB_PORT", "65536"),
            ("WEB_PORT", SECRET),
            ("TICK_INTERVAL", "0"),
            ("TICK_INTERVAL", "-5"),
            ("TICK_INTERVAL", "nan"),
            ("TICK_INTERVAL", "inf"),
            ("TICK_INTERVAL", SECRET),
            ("PUBLIC_URL", SECRET),
            ("PUBLIC_URL", "ftp://a.test"),
            ("PUBLIC_URL", "https://a.test/?token=very-secret-value"),
            ("YOUTUBE_TOPIC", "https://a.test/very-secret-value"),
            ("LOG_LEVEL", SECRET),
            ("LOG_FORMAT", SECRET),
            ("PUBLIC_STATUS", SECRET),
            ("DELIVERY_ATTEMPTS", "0"),
            ("DELIVERY_THREADS", "1000"),
            ("TELEGRAM_RATE", "0"),
            ("TELEGRAM_RATE", SECRET),
            ("RABBITMQ_KEY", SECRET[:15]),
            ("RABBITMQ_KEY", f"{SECRET}/{SECRET}"),
            ("SECRET_KEY", SECRET),
            ("SECRET_KEY", f"{SECRET:A<43}=,{SECRET}"),
            ("TRANSLATORS", SECRET),
            ("DEEPL_URL", SECRET),
            ("TRANSLATION_BUDGET", "-1"),
        ],
    )
    def test_the_variable_is_named_and_its_value_is_not(self, monkeypatch, name, value):
        monkeypatch.setenv(PREFIX + name, value)
        with pytest.raises(ConfigurationError) as caught:
            load_settings()
        assert str(caught.value).startswith(f"{PREFIX}{name}: ")
        assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"
        assert caught.value.__suppress_context__

    def test_every_mistake_is_told_at_once(self, monkeypatch):
        monkeypatch.setenv("STARGAZER_WEB_PORT", "0")
        monkeypatch.setenv("STARGAZER_LOG_LEVEL", "LOUD")
        with pytest.raises(ConfigurationError) as caught:
            load_settings()
        assert "STARGAZER_WEB_PORT: " in str(caught.value)
        assert "STARGAZER_LOG_LEVEL: " in str(caught.value)


class TestServers:
    def test_without_addresses_the_embedded_servers_are_meant(self):
        settings = Settings(redis_port=1111, mongo_port=2222)
        assert settings.redis_url == settings.broker_url == "redis://127.0.0.1:1111/0"
        assert settings.mongo_url == "mongodb://127.0.0.1:2222/stargazer"
        assert settings.embedded_redis
        assert settings.embedded_mongo

    def test_with_addresses_they_are_not(self):
        settings = Settings(redis_url="redis://redis.test/1", mongo_url="mongodb://mongo.test/db")
        assert settings.broker_url == "redis://redis.test/1"
        assert not settings.embedded_redis
        assert not settings.embedded_mongo

    def test_the_broker_may_be_another_one(self):
        settings = Settings(broker_url="amqp://rabbit.test//")
        assert settings.broker_url == "amqp://rabbit.test//"
        assert settings.embedded_redis

    def test_a_message_waits_inside_celery_for_a_part_of_the_visibility_timeout_only(self):
        settings = Settings(visibility_timeout=timedelta(minutes=4))
        assert settings.longest_countdown == timedelta(minutes=1)


class TestEnvironment:
    SETTINGS = Settings(
        var_dir=Path("/tmp/some where"),
        public_url="https://me.test",
        public_status=True,
        tick_interval=timedelta(seconds=0.2),
        websub_lease=timedelta(days=400, microseconds=1),
        telegram_rate=0.1,
        telegram_token=SecretStr(SECRET),
        translators=("baidu",),
        deepl_key=SecretStr(SECRET),
        redis_url="redis://redis.test/1",
        log_format="json",
    )

    def test_another_process_gets_the_same_settings(self, monkeypatch):
        for name, value in self.SETTINGS.environment().items():
            monkeypatch.setenv(name, value)
        assert load_settings() == self.SETTINGS

    def test_a_real_process_does_so_too(self):
        code = (
            "from stargazer.settings import Settings; print(Settings(_env_file=None).environment())"
        )
        environment = self.SETTINGS.environment()
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        assert ran.stdout.strip() == str(environment)

    def test_every_variable_is_in_it(self):
        assert set(self.SETTINGS.environment()) == set(VARIABLES)


def test_secrets_are_in_no_text():
    names = [name for name, field in FIELDS.items() if field.annotation is SecretStr]
    # That one is not just any text.
    keys = {"secret_key": SecretStr(f"{SECRET:A<43}=")}
    settings = Settings(**dict.fromkeys(names, SecretStr(SECRET)) | keys)
    assert {"youtube_api_key", "telegram_token", "deepl_key", "baidu_key"} <= set(names)
    assert SECRET not in f"{settings} {settings!r} {settings.model_dump_json()}"


class TestDocuments:
    """What an operator reads names exactly what there is."""

    @pytest.mark.parametrize("name", FIELDS)
    def test_every_setting_is_described_in_words(self, name):
        assert FIELDS[name].description

    def test_the_example_file_has_each_variable_with_default_and_description(self):
        text = (ROOT / ".env.example").read_text(encoding="utf-8")
        found = re.findall(r"^# (.+)\n#(STARGAZER_\w+)=(.*)$", text, re.MULTILINE)
        assert {(name, default, words) for words, name, default in found} == {
            (PREFIX + name.upper(), show_default(name), field.description)
            for name, field in FIELDS.items()
        }
        assert [name for _, name, _ in found] == VARIABLES
        assert re.findall(r"^#?(STARGAZER_\w+)", text, re.MULTILINE) == VARIABLES

    def test_the_example_file_changes_nothing(self):
        assert Settings(_env_file=ROOT / ".env.example") == Settings()

    def test_the_example_file_may_be_taken_as_it_is(self, tmp_path):
        text = (ROOT / ".env.example").read_text(encoding="utf-8")
        active = tmp_path / "env"
        active.write_text(re.sub(r"^#(STARGAZER_)", r"\1", text, flags=re.MULTILINE))
        assert Settings(_env_file=active) == Settings()

    def test_the_readme_has_each_variable_with_default_and_description(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        _, mark, rest = text.partition("<!-- settings -->\n")
        assert mark, "the README has no settings"
        table, mark, _ = rest.partition("<!-- /settings -->")
        assert mark, "the README's settings have no end"
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.+) \|$", table, re.MULTILINE)
        assert rows == [
            (
                PREFIX + name.upper(),
                f"`{default}`" if (default := show_default(name)) else "",
                words,
            )
            for name, words in ((name, field.description) for name, field in FIELDS.items())
        ]
