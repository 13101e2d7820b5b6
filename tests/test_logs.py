"""The one log form, and what must never be in it."""

import io
import json
import logging
import sys
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import SecretStr

from stargazer.context import Context
from stargazer.errors import PlatformError
from stargazer.logs import JsonFormatter, TextFormatter, configure_logging
from stargazer.models import User
from stargazer.rendering import Message
from stargazer.settings import Settings
from stargazer.simulator.bots import DEFAULT_TOKEN
from workers.im.telegram import Telegram

AT = datetime(2026, 11, 23, 12, 0, 1, 250_000, tzinfo=UTC)
EVENT = UUID(int=7)


def make_record(exc_info=None, **fields):
    record = logging.LogRecord(
        "workers.fanout", logging.INFO, "file", 1, "event_fanned_out", (), exc_info
    )
    record.created = AT.timestamp()
    vars(record).update(fields)
    return record


@pytest.fixture
def configure(monkeypatch):
    """Give a function that configures logging, and returns where it writes to."""
    root = logging.getLogger()
    before = root.handlers, root.level
    levels = {
        name: logger.level
        for name, logger in root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    root.handlers = []

    def configure(**settings):
        # Not before the test itself runs: pytest has one of its own for each of its phases.
        written = io.StringIO()
        monkeypatch.setattr(sys, "stderr", written)
        configure_logging(Settings(**settings))
        return written

    yield configure
    root.handlers, root.level = before
    for name, logger in root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            logger.setLevel(levels.get(name, logging.NOTSET))


class TestText:
    def test_a_line_has_time_level_place_event_and_fields(self):
        line = TextFormatter().format(make_record(event_id=EVENT, deliveries=3))
        assert line == (
            f"12:00:01.250 INFO    workers.fanout event_fanned_out event_id={EVENT} deliveries=3"
        )

    def test_a_line_without_fields_ends_with_the_event(self):
        assert TextFormatter().format(make_record()).endswith("workers.fanout event_fanned_out")

    def test_a_traceback_is_below_the_line(self):
        record = make_record((ValueError, ValueError("why"), None))
        first, *others = TextFormatter().format(record).splitlines()
        assert first.endswith("event_fanned_out")
        assert others[-1] == "ValueError: why"


class TestJson:
    def test_a_line_is_an_object(self):
        line = JsonFormatter().format(make_record(event_id=EVENT, deliveries=3, name_of="そら"))
        assert "\n" not in line
        assert json.loads(line) == {
            "at": "2026-11-23T12:00:01.250+00:00",
            "level": "info",
            "logger": "workers.fanout",
            "event": "event_fanned_out",
            "event_id": str(EVENT),
            "deliveries": 3,
            "name_of": "そら",
        }

    def test_a_traceback_is_a_field(self):
        record = make_record((ValueError, ValueError("why"), None))
        entry = json.loads(JsonFormatter().format(record))
        assert entry["traceback"].endswith("ValueError: why")


class TestConfiguring:
    @pytest.mark.parametrize("log_format", ["text", "json"])
    def test_the_settings_choose_the_form(self, configure, log_format):
        written = configure(log_format=log_format)
        logging.getLogger("stargazer.test").info("something", extra={"count": 1})
        [line] = written.getvalue().splitlines()
        if log_format == "json":
            assert json.loads(line)["count"] == 1
        else:
            assert line.endswith("stargazer.test something count=1")

    def test_the_settings_choose_the_level(self, configure):
        written = configure(log_level="WARNING")
        logging.getLogger("stargazer.test").info("something")
        assert written.getvalue() == ""

    @pytest.mark.parametrize("name", ["urllib3.connectionpool", "requests", "pymongo.command"])
    def test_libraries_that_write_addresses_are_quiet(self, configure, name):
        written = configure(log_level="DEBUG")
        logging.getLogger(name).debug("https://api.telegram.org/botTOKEN/sendMessage")
        logging.getLogger(name).warning("https://api.telegram.org/botTOKEN/sendMessage")
        assert written.getvalue() == ""

    def test_celery_says_no_more_than_its_tasks_do(self, configure):
        written = configure()
        logging.getLogger("celery.app.trace").info("Task succeeded")
        logging.getLogger("celery.worker").info("ready")
        assert "succeeded" not in written.getvalue()
        assert "ready" in written.getvalue()


class TestSecrets:
    """What goes wrong while sending is logged, and the token is not."""

    TOKEN = DEFAULT_TOKEN
    USER = User(im="telegram", im_payload="42")
    MESSAGE = Message("A headline", (), "https://v1", ("https://p1",))

    @pytest.fixture
    def send(self, settings, simulator, configure):
        def send(**changes):
            values = {"telegram_api_url": simulator.telegram_url, "telegram_token": self.TOKEN}
            values |= changes
            values["telegram_token"] = SecretStr(values["telegram_token"])
            written = configure(log_level="DEBUG", log_format="json")
            # The library's records, had they been let through, would be caught here, too.
            caught = []
            handler = logging.Handler()
            handler.emit = lambda record: caught.append(repr(vars(record)) + record.getMessage())
            logging.getLogger().addHandler(handler)
            context = Context(settings.model_copy(update=values))
            try:
                Telegram(context).send(self.USER, self.MESSAGE, "key")
            except PlatformError as exc:
                logging.getLogger("stargazer.test").exception("it_failed", exc_info=exc)
            finally:
                context.close()
            return written.getvalue() + "".join(caught)

        return send

    def test_a_message_that_is_sent(self, send):
        assert self.TOKEN not in send()

    def test_a_picture_that_is_refused(self, send, simulator):
        simulator.set_chat(42, photo_refused=True)
        written = send()
        assert "picture_refused" in written
        assert self.TOKEN not in written

    def test_a_token_that_is_refused(self, send):
        written = send(telegram_token="1000:wrong")
        assert "telegram_token_refused" in written
        assert "1000:wrong" not in written

    @pytest.mark.parametrize(
        "fault", [{"drop": True}, {"status": 500}, {"status": 429}], ids=["hung up", "500", "429"]
    )
    def test_a_platform_that_fails(self, send, simulator, fault):
        simulator.add_fault("telegram", **fault)
        written = send()
        assert "it_failed" in written
        assert self.TOKEN not in written

    def test_a_platform_that_is_away(self, send, free_port):
        """The library warns of every connection that it tries again, with the URL."""
        written = send(telegram_api_url=f"http://127.0.0.1:{free_port()}")
        assert "it_failed" in written
        assert self.TOKEN not in written

    def test_an_address_that_is_none(self, send):
        written = send(telegram_api_url="nothing://here")
        assert "it_failed" in written
        assert self.TOKEN not in written
