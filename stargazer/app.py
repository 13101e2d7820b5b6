"""The Celery app, and the base class of its tasks."""

import logging
import time
from typing import Any

import celery
from celery.exceptions import Retry
from celery.signals import setup_logging, worker_init

from stargazer import metrics
from stargazer.context import OUTAGES, Context, get_context
from stargazer.logs import configure_logging
from stargazer.settings import load_settings
from stargazer.tallies import tallies

log = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


class StargazerTask(celery.Task):  # type: ignore[misc]
    """A Celery task that waits where the database or the broker is away, and then goes on.

    A task that kills its process is run three times at most; one that meets an outage is never
    given up.
    """

    max_retries = 2
    #: Seconds until a task that lost its process is run again.
    default_retry_delay = 2

    @property
    def context(self) -> Context:
        """The connections of this process."""
        return get_context()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task; at an outage publish it again for later."""
        try:
            return self.run(*args, **kwargs)
        except OUTAGES as exc:
            metrics.outages.labels(self.name).inc()
            log.warning("outage_met", extra={"task": self.name, "error": type(exc).__name__})
            if self.request.called_directly:
                raise
            raise self._later() from exc

    def _later(self) -> Retry:
        pause = FIRST_PAUSE
        # A countdown near the visibility timeout would multiply the task.
        longest = self.context.settings.longest_countdown.total_seconds()
        while True:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE, longest)
            # Not by `retry`, which counts: an outage is no fault of the task.
            again = self.signature_from_request(countdown=pause, retries=self.request.retries)
            try:
                again.apply_async()
            except OUTAGES:
                continue
            return Retry(when=pause, sig=again)


@setup_logging.connect(weak=False)
def _setup_logging(**_: Any) -> None:
    configure_logging(load_settings())


@worker_init.connect(weak=False)
def _start_tallies(**_: Any) -> None:
    tallies.start(lambda: get_context().redis)


app = celery.Celery("stargazer", task_cls=StargazerTask)
app.config_from_object("celeryconfig")
