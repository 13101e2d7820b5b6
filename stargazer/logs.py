"""One log form: a static event name and fields, as text for people or as JSON for collectors."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from stargazer.settings import Settings

# The attributes that every record has; all others came by `extra` and are the fields.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "data"}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class TextFormatter(logging.Formatter):
    """``12:00:01.250 INFO  workers.fanout event_fanned_out event=… deliveries=3``."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line, and the traceback below it when there is one."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        line = f"{at} {record.levelname:<7} {record.name} {record.getMessage()}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``at``, ``level``, ``logger``, ``event`` and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line; the traceback, where there is one, is the field ``traceback``."""
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str, ensure_ascii=False)


def configure_logging(settings: Settings) -> None:
    """Send everything to standard error, in the form that the settings choose."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else TextFormatter())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    # These would write a line for each request, with its URL, in which a token may stand.
    for chatty in ("urllib3", "requests", "deepl", "pymongo", "werkzeug"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    if settings.log_level == "INFO":
        # Two lines for each Celery task that went well say nothing that the tasks do not.
        for routine in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
            logging.getLogger(routine).setLevel(logging.WARNING)
