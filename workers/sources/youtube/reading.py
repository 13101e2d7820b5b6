"""Reading channels: their feeds, and their lists of uploads while those fail."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from stargazer import metrics
from stargazer.alarms import end_alarm, raise_alarm
from stargazer.broadcasts import Sighting
from stargazer.context import Context
from stargazer.coordinator.schedule import postpone
from stargazer.errors import (
    GoneError,
    PayloadError,
    PlatformError,
    StargazerError,
    TransientError,
)
from stargazer.models import Task, Watch
from stargazer.pausing import (
    fail_account,
    fail_platform,
    needs_operator,
    see_account,
    see_platform,
)
from stargazer.youtube.api import KIND, YouTubeApi
from stargazer.youtube.channels import list_present, list_uploads
from stargazer.youtube.quota import list_keys
from workers.sources.youtube import fallback
from workers.sources.youtube.feed import Feed, parse_feed

log = logging.getLogger(__name__)

_FEEDS_AT_ONCE = 32


class Reading(NamedTuple):
    """What came of reading a channel.

    :ivar sightings: None: there is nothing new, or nothing could be read.
    :ivar watch: how watching it goes now.
    """

    task: Task
    sightings: Sequence[Sighting] | None
    watch: Watch


class ChannelReader:
    """Reads channels for one Celery task.

    :param now: the moment of this look.
    """

    def __init__(self, context: Context, api: YouTubeApi, now: datetime) -> None:
        self._context = context
        self._store = context.store
        self._settings = context.settings
        self._api = api
        self._now = now

    def read(self, tasks: Sequence[Task]) -> list[Reading]:
        """Read each of these channels."""
        with ThreadPoolExecutor(_FEEDS_AT_ONCE) as pool:
            looks = list(pool.map(self._read_feed, tasks))
        failed = [
            (task, error)
            for task, (_, _, error) in zip(tasks, looks, strict=True)
            if error is not None
        ]
        failing, total = self._count_failing(len(failed)) if failed else (0, len(tasks))
        outage = fallback.is_outage(failing, total)
        self._note_platform(failing, total, outage=outage, is_read=len(failed) < len(tasks))
        readings = []
        for task, (feed, watch, error) in zip(tasks, looks, strict=True):
            after = self._fail(task, error, outage=outage) if error is not None else watch
            readings.append(Reading(task, feed.sightings if feed else None, after))
        if failed and self._api.has_keys:
            readings = self._fall_back(readings, failing)
        for reading in readings:
            self._report(reading)
        return readings

    def _read_feed(self, task: Task) -> tuple[Feed | None, Watch, StargazerError | None]:
        watch = task.watch
        channel_id = task.params.get("channel_id")
        if not channel_id:
            # Somebody edited the database, and the other Tasks of this look shall not suffer.
            return None, watch, PayloadError("there is no channel_id in its params")
        try:
            answer = self._context.http.get(
                f"{self._settings.youtube_feed_url}/feeds/videos.xml",
                params={"channel_id": channel_id},
                etag=watch.etag,
                last_modified=watch.last_modified,
            )
            feed = None
            if answer.status != HTTPStatus.NOT_MODIFIED:
                answer.raise_for_status()
                feed = parse_feed(answer.body)
        except (PlatformError, PayloadError) as exc:
            return None, watch, exc
        after = see_account(watch, self._now)
        if feed:
            changes = {
                "etag": answer.headers.get("ETag"),
                "last_modified": answer.headers.get("Last-Modified"),
            }
            after = after.model_copy(update=changes)
        return feed, after, None

    def _fail(self, task: Task, error: StargazerError, *, outage: bool) -> Watch:
        # A 404 too says nothing of the channel; see `fallback`.
        span = self._settings.youtube_poll_interval
        watch = fail_account(task.watch, error, span, self._now)
        if outage:
            # When it is over, all is to be seen again at once.
            watch = watch.model_copy(update={"paused_until": self._now + 2 * span})
        return watch

    def _count_failing(self, failed: int) -> tuple[int, int]:
        """Tell how many of all channels fail, and how many there are."""
        failing, total = self._store.tasks.count_failing(KIND)
        # Those that have only begun to are not written down yet.
        return max(failing, failed), total

    def _fall_back(self, readings: Sequence[Reading], failing: int) -> list[Reading]:
        units = self._settings.youtube_quota * len(list_keys(self._settings))
        span = fallback.choose_span(failing, units)
        confirmed = self._confirm(readings)
        after = []
        for reading in confirmed:
            is_wanted = fallback.needs_uploads(reading.watch, span, self._now)
            after.append(self._read_uploads(reading) if is_wanted else reading)
        return after

    def _confirm(self, readings: Sequence[Reading]) -> list[Reading]:
        """Ask whether the channels are there whose feeds keep failing."""
        doubted = {
            reading.task.params.get("channel_id", "")
            for reading in readings
            if fallback.needs_confirmation(reading.watch, self._now)
        } - {""}
        if not doubted:
            return list(readings)
        try:
            present = list_present(self._api, sorted(doubted))
        except (PlatformError, PayloadError) as exc:
            log.info("channels_not_confirmed", extra={"error": str(exc)})
            return list(readings)
        gone = fallback.name_gone(doubted, present)
        return [self._judge(reading, present, gone) for reading in readings]

    def _judge(self, reading: Reading, present: set[str], gone: set[str]) -> Reading:
        channel_id = reading.task.params.get("channel_id", "")
        if channel_id in present and fallback.needs_confirmation(reading.watch, self._now):
            watch = reading.watch.model_copy(update={"confirmed_at": self._now, "gone": False})
            return reading._replace(watch=watch)
        if channel_id not in gone:
            return reading
        error = GoneError("YouTube says that there is no such channel any more")
        span = self._settings.youtube_poll_interval
        return reading._replace(watch=fail_account(reading.task.watch, error, span, self._now))

    def _read_uploads(self, reading: Reading) -> Reading:
        channel_id = reading.task.params["channel_id"]
        try:
            sightings = list_uploads(self._api, channel_id)
        except (PlatformError, PayloadError) as exc:
            log.info("uploads_not_read", extra={"channel": channel_id, "error": str(exc)})
            return reading
        watch = reading.watch.model_copy(update={"fallback_at": self._now, "looked_at": self._now})
        return reading._replace(sightings=sightings, watch=watch)

    def _note_platform(self, failing: int, total: int, *, outage: bool, is_read: bool) -> None:
        """Keep one alarm for all, when it is the platform that fails.

        :param is_read: whether any feed could be read now.
        """
        state = self._store.platforms.get(KIND)
        if outage and not is_read:
            error = TransientError(f"the feeds of {failing} of {total} channels fail")
            state = fail_platform(state, error, self._now)
            self._store.platforms.save(state)
            if needs_operator(state, error, self._now):
                raise_alarm(self._store, KIND, error.reason, self._now, kind=KIND)
        elif is_read:
            self._store.platforms.save(see_platform(state, self._now))
            if state.failures:
                end_alarm(self._store, KIND, self._now, kind=KIND)

    def _report(self, reading: Reading) -> None:
        task, watch = reading.task, reading.watch
        if task.watch.gone and not watch.gone:
            end_alarm(self._store, f"gone:{task.id}", self._now, kind=KIND)
        if watch.failures <= task.watch.failures:
            metrics.polls.labels(KIND, "ok").inc()
            return
        metrics.polls.labels(KIND, "failed").inc()
        log.warning(
            "poll_failed",
            extra={"task_id": task.id, "failures": watch.failures, "error": watch.last_error},
        )
        if watch.gone and not task.watch.gone:
            reason = f"{watch.last_error}; it is looked for once a day"
            raise_alarm(self._store, f"gone:{task.id}", reason, self._now, kind=KIND)
        pause = (watch.paused_until or self._now) - self._now
        postpone(self._context.redis, task.kind, task.id, max(pause, timedelta()))
