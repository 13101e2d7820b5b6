"""From what a witness says to what is told: the way of every look at YouTube.

Witnesses are the hub's pushes, the channel's feed, and the Data API. What they say is compared
with what is known, Events go to the outbox, and only then is the new knowledge stored: whoever
dies in between will see the same thing again, and make the same Events of it.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import celery

from stargazer import bus, metrics
from stargazer.broadcasts import Sighting, compare
from stargazer.context import Context
from stargazer.coordinator.schedule import hasten, postpone
from stargazer.errors import (
    PayloadError,
    PlatformError,
    ThrottledError,
    TransientError,
)
from stargazer.models import Broadcast, BroadcastState, Task, Watch
from workers.sources.youtube.data_api import fetch_videos
from workers.sources.youtube.feed import Feed, parse_feed

log = logging.getLogger(__name__)

_PAUSE_KEY = "stargazer:youtube:api_paused"
_FINISHED = {BroadcastState.VIDEO, BroadcastState.ENDED, BroadcastState.CANCELLED}
_FOLLOW_BEFORE = timedelta(minutes=15)
_FOLLOW_AFTER = timedelta(hours=6)
_LONGEST_BACK_OFF = timedelta(hours=1)
_FEEDS_AT_ONCE = 32
_MOST_COLLISIONS = 5


class YouTubeWatch:
    """Looks at channels for one Celery task.

    :param now: the moment of this look.
    """

    def __init__(self, app: celery.Celery, context: Context, now: datetime) -> None:
        self._app = app
        self._store = context.store
        self._redis = context.redis
        self._http = context.http
        self._settings = context.settings
        self._now = now

    def receive(self, tasks: Sequence[Task], channel_id: str, feed: Feed, *, insist: bool) -> None:
        """Take in what the hub pushed of one channel.

        :param insist: leave a video to a later look rather than tell of it without knowing
            whether it is a stream.
        :raises TransientError: while insisting, when the Data API has passing trouble, or has not
            heard yet of a video that the hub has.
        """
        sightings = feed.of_channel(channel_id)
        if len(sightings) < len(feed.sightings):
            log.warning("push_of_another_channel", extra={"channel": channel_id})
        unsolved = self._take_in([(task, sightings) for task in tasks], insist=insist)
        if insist and unsolved:
            raise TransientError("the Data API does not know a pushed video yet")

    def poll(self, tasks: Sequence[Task]) -> None:
        """Read the feeds of channels, and look again at their broadcasts that are not over."""
        with ThreadPoolExecutor(_FEEDS_AT_ONCE) as pool:
            looks = list(pool.map(self._read_feed, tasks))
        seen = {
            task.id: {sighting.source_id: sighting for sighting in feed.sightings} if feed else {}
            for task, (feed, _) in zip(tasks, looks, strict=True)
        }
        for broadcast in self._list_open():
            if broadcast.task in seen:
                seen[broadcast.task].setdefault(broadcast.source_id, _remember(broadcast))
                if broadcast.scheduled_at and broadcast.scheduled_at > self._now:
                    wait = broadcast.scheduled_at - self._now
                    hasten(self._redis, "youtube", broadcast.task, wait)
        unsolved = self._take_in(
            [(task, list(seen[task.id].values())) for task in tasks], insist=False
        )
        for task, (_, watch) in zip(tasks, looks, strict=True):
            # Only now, for an etag stored before its Events would hide them after a crash; and
            # not where something is left to find out, for the same feed would not come again.
            old = {"etag": task.watch.etag, "last_modified": task.watch.last_modified}
            changes = old if task.id in unsolved else {}
            self._store.tasks.save_watch(task, watch.model_copy(update=changes))

    def follow(self) -> None:
        """Look at the streams that are about to start, or should have."""
        near: dict[UUID, list[Sighting]] = {}
        for broadcast in self._store.broadcasts.list_in_state(BroadcastState.UPCOMING):
            at = broadcast.scheduled_at
            if at and at - _FOLLOW_BEFORE <= self._now <= at + _FOLLOW_AFTER:
                near.setdefault(broadcast.task, []).append(_remember(broadcast))
        tasks = self._store.tasks.list_by_ids(list(near))
        self._take_in([(task, near[task.id]) for task in tasks], insist=False)

    def _list_open(self) -> Iterable[Broadcast]:
        if not self._settings.youtube_api_key.get_secret_value():
            return
        for state in (BroadcastState.UNKNOWN, BroadcastState.UPCOMING, BroadcastState.LIVE):
            yield from self._store.broadcasts.list_in_state(state)

    def _read_feed(self, task: Task) -> tuple[Feed | None, Watch]:
        watch = task.watch
        channel_id = task.params.get("channel_id")
        if not channel_id:
            # Somebody edited the database, and the other Tasks of this look shall not suffer.
            return None, self._fail(task, "there is no channel_id in its params")
        url = f"{self._settings.youtube_feed_url}/feeds/videos.xml"
        try:
            answer = self._http.get(
                url,
                params={"channel_id": channel_id},
                etag=watch.etag,
                last_modified=watch.last_modified,
            )
            if answer.status != 304:  # noqa: PLR2004 - Not Modified
                answer.raise_for_status()
            feed = parse_feed(answer.body) if answer.body else None
        except (PlatformError, PayloadError) as exc:
            # A 404 too: the feeds of living channels answer so for hours. Nothing is taken from it
            # but that this look failed.
            return None, self._fail(task, str(exc))
        metrics.polls.labels("youtube", "ok").inc()
        changes = {"looked_at": self._now, "failures": 0, "last_error": None, "paused_until": None}
        if feed:
            changes["etag"] = answer.headers.get("ETag")
            changes["last_modified"] = answer.headers.get("Last-Modified")
        return feed, watch.model_copy(update=changes)

    def _fail(self, task: Task, error: str) -> Watch:
        failures = task.watch.failures + 1
        pause = self._settings.youtube_poll_interval * 2 ** min(failures, 10)
        until = self._now + min(pause, max(_LONGEST_BACK_OFF, self._settings.youtube_poll_interval))
        postpone(self._redis, task.kind, task.id, until - self._now)
        metrics.polls.labels("youtube", "failed").inc()
        log.warning("poll_failed", extra={"task_id": task.id, "failures": failures, "error": error})
        return task.watch.model_copy(
            update={
                "failures": failures,
                "failed_at": self._now,
                "last_error": error,
                "paused_until": until,
            }
        )

    def _take_in(
        self, seen: Iterable[tuple[Task, Sequence[Sighting]]], *, insist: bool
    ) -> set[UUID]:
        """Compare what was seen with what is known, and tell what follows.

        :returns: the Tasks of which a new video could not be looked up.
        """
        unsolved = set()
        unfinished = [
            (task, known, sighting)
            for task, sightings in seen
            for known, sighting in self._pair_with_known(task, sightings)
            if known is None or known.state not in _FINISHED
        ]
        video_ids = sorted({sighting.source_id for _, _, sighting in unfinished})
        details = self._look_up(video_ids, insist=insist)
        for task, known, sighting in unfinished:
            best = sighting if details is None else details.get(sighting.source_id)
            if best is not None:
                self._compare(task, known, best)
            elif known is None:
                unsolved.add(task.id)
        return unsolved

    def _pair_with_known(
        self, task: Task, sightings: Sequence[Sighting]
    ) -> list[tuple[Broadcast | None, Sighting]]:
        video_ids = [sighting.source_id for sighting in sightings]
        known = self._store.broadcasts.list_known(task.id, video_ids)
        return [(known.get(sighting.source_id), sighting) for sighting in sightings]

    def _look_up(self, video_ids: Sequence[str], *, insist: bool) -> Mapping[str, Sighting] | None:
        """Ask the Data API; None when it cannot be asked and the feed's word must do."""
        key = self._settings.youtube_api_key.get_secret_value()
        if not key or not video_ids:
            return None if not key else {}
        if self._redis.exists(_PAUSE_KEY):
            return None
        try:
            url = self._settings.youtube_api_url
            return fetch_videos(self._http, url, key, video_ids, self._now)
        except ThrottledError as exc:
            log.error("youtube_api_paused", extra={"error": exc.reason, "for": exc.retry_after})
            self._redis.set(_PAUSE_KEY, exc.reason, px=max(int(exc.retry_after * 1000), 1))
            return None
        except TransientError as exc:
            log.warning("youtube_api_failed", extra={"error": exc.reason})
            if insist:
                raise
            # A poll comes again, and sees the same: better told late than told wrong.
            return {}
        except (PlatformError, PayloadError) as exc:
            log.error("youtube_api_refused", extra={"error": str(exc)})
            return None

    def _compare(self, task: Task, known: Broadcast | None, sighting: Sighting) -> None:
        for _ in range(_MOST_COLLISIONS):
            verdict = compare(task, known, sighting, self._now, self._settings.reminders)
            bus.emit(self._app, self._store, verdict.events, self._now)
            if verdict.known is None or self._store.broadcasts.save(verdict.known):
                return
            # Somebody saw it at the same time: what they stored is known now.
            known = self._store.broadcasts.list_known(task.id, [sighting.source_id]).get(
                sighting.source_id
            )
        log.error("broadcast_contended", extra={"video": sighting.source_id})


def _remember(broadcast: Broadcast) -> Sighting:
    return Sighting(
        source_id=broadcast.source_id,
        state=BroadcastState.UNKNOWN,
        title=broadcast.title,
        url=f"https://www.youtube.com/watch?v={broadcast.source_id}",
    )
