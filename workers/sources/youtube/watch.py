"""From what a witness says to what is told: the way of every look at YouTube.

Witnesses are the hub's pushes, the channel's feed, its list of uploads, and the Data API's word
on single videos. What they say is compared with what is known, Events go to the outbox, and only
then is the new knowledge stored: whoever dies in between will see the same thing again, and make
the same Events of it.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import celery

from stargazer import bus
from stargazer.broadcasts import Sighting, Verdict, compare, miss
from stargazer.broadcasts.following import FOLLOWED
from stargazer.context import Context
from stargazer.errors import (
    PayloadError,
    PlatformError,
    ThrottledError,
    TransientError,
)
from stargazer.models import Broadcast, BroadcastState, Marks, Task, Witness
from stargazer.youtube import Purpose, YouTubeApi
from stargazer.youtube.videos import list_videos
from workers.sources.youtube.feed import Feed
from workers.sources.youtube.looks import Looks
from workers.sources.youtube.reading import ChannelReader

log = logging.getLogger(__name__)

_FINISHED = {BroadcastState.VIDEO, BroadcastState.ENDED}
_MOST_COLLISIONS = 5


class Pair(NamedTuple):
    """A sighting, and what is known of the same video."""

    task: Task
    known: Broadcast | None
    seen: Sighting

    @property
    def needs_details(self) -> bool:
        """Whether the Data API is to be asked what this is now."""
        if self.known is None or self.known.state == BroadcastState.UNKNOWN:
            return True
        if self.known.state in _FINISHED:
            return False
        if self.seen.witness in (Witness.PUSH, Witness.VIDEOS):
            return True
        # What is to come and what is live is followed, so a feed is worth a question only when it
        # has heard of a change.
        updated_at = self.seen.updated_at
        return updated_at is not None and updated_at != self.known.updated_at

    @property
    def may_be_missed(self) -> bool:
        """Whether it means something when the video is not there."""
        return self.known is not None and self.known.state in FOLLOWED


class _Details(NamedTuple):
    """What the Data API said.

    :ivar is_complete: whether what is left out is not there; else it had trouble.
    """

    found: Mapping[str, Sighting]
    is_complete: bool


class YouTubeWatch:
    """Looks at channels and broadcasts for one Celery task.

    :param now: the moment of this look.
    """

    def __init__(self, app: celery.Celery, context: Context, now: datetime) -> None:
        self._app = app
        self._context = context
        self._store = context.store
        self._settings = context.settings
        self._looks = Looks(context.redis)
        self._now = now
        self._api = YouTubeApi(context, now)
        self._seen_last: list[Broadcast] = []

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
        pushed = [seen._replace(witness=Witness.PUSH) for seen in sightings]
        pairs = [pair for task in tasks for pair in self._pair(task, pushed)]
        for task in tasks:
            # A tombstone may be forged by nobody, and yet be early: we look for ourselves.
            known = self._store.broadcasts.list_known(task.id, feed.deleted).values()
            pairs += [Pair(task, each, remember(each)) for each in known if each.state in FOLLOWED]
        unsolved = self.take_in(pairs, Purpose.NEW, insist=insist)
        if insist and unsolved:
            raise TransientError("the Data API does not know a pushed video yet")

    def poll(self, tasks: Sequence[Task]) -> None:
        """Read channels."""
        readings = ChannelReader(self._context, self._api, self._now).read(tasks)
        pairs = [
            pair
            for reading in readings
            if reading.sightings
            for pair in self._pair(reading.task, reading.sightings)
        ]
        unsolved = self.take_in(pairs, Purpose.NEW, insist=False)
        watches = {}
        for task, _, watch in readings:
            # Only now, for an etag stored before its Events would hide them after a crash; and
            # not where something is left to find out, for the same feed would not come again.
            old = {"etag": task.watch.etag, "last_modified": task.watch.last_modified}
            changes = old if task.id in unsolved else {}
            watches[task.id] = watch.model_copy(update=changes)
        self._store.tasks.save_watches(watches)

    def take_in(
        self, pairs: Sequence[Pair], purpose: Purpose, *, insist: bool = False
    ) -> set[UUID]:
        """Compare what was seen with what is known, and tell what follows.

        :returns: the Tasks of which a new video could not be looked up.
        """
        doubted = [pair for pair in pairs if pair.needs_details]
        video_ids = sorted({pair.seen.source_id for pair in doubted})
        details = self._look_up(video_ids, purpose, insist=insist)
        unsolved = set()
        for pair in pairs:
            found = details.found.get(pair.seen.source_id) if details else None
            if found is not None:
                self._compare(pair.task, pair.known, _complete(found, pair.seen))
            elif details is None or not pair.needs_details:
                self._take_word(pair)
            elif details.is_complete and pair.may_be_missed:
                self._compare(pair.task, pair.known, None)
            elif pair.known is None:
                unsolved.add(pair.task.id)
            else:
                self._seen_last.append(pair.known)
        self._looks.plan(self._seen_last, self._now)
        self._seen_last = []
        return unsolved

    def pair_known(self, task: Task, broadcasts: Iterable[Broadcast]) -> list[Pair]:
        """Give broadcasts as they are to be looked at again."""
        return [Pair(task, each, remember(each)) for each in broadcasts]

    def _pair(self, task: Task, sightings: Sequence[Sighting]) -> list[Pair]:
        video_ids = [sighting.source_id for sighting in sightings]
        known = self._store.broadcasts.list_known(task.id, video_ids)
        return [Pair(task, known.get(seen.source_id), seen) for seen in sightings]

    def _take_word(self, pair: Pair) -> None:
        """Believe the witness, as nobody else is asked; we ourselves know nothing new."""
        if pair.seen.witness is not Witness.VIDEOS:
            self._compare(pair.task, pair.known, pair.seen)
        elif pair.known is not None:
            self._seen_last.append(pair.known)

    def _look_up(
        self, video_ids: Sequence[str], purpose: Purpose, *, insist: bool
    ) -> _Details | None:
        """Ask the Data API; None when it cannot be asked and the feed's word must do."""
        if not self._api.has_keys:
            return None
        if not video_ids:
            return _Details({}, is_complete=True)
        try:
            return _Details(list_videos(self._api, video_ids, purpose), is_complete=True)
        except ThrottledError as exc:
            log.warning("youtube_api_paused", extra={"error": exc.reason, "for": exc.retry_after})
            return None
        except TransientError as exc:
            log.warning("youtube_api_failed", extra={"error": exc.reason})
            if insist:
                raise
            # A poll comes again, and sees the same: better told late than told wrong.
            return _Details({}, is_complete=False)
        except (PlatformError, PayloadError) as exc:
            log.error("youtube_api_refused", extra={"error": str(exc)})
            return None

    def _compare(self, task: Task, known: Broadcast | None, seen: Sighting | None) -> None:
        """Tell what follows from a sighting, or from a miss, and remember it."""
        for _ in range(_MOST_COLLISIONS):
            verdict = self._judge(task, known, seen)
            bus.emit(self._app, self._store, verdict.events, self._now)
            after = verdict.known
            if after is None or self._store.broadcasts.save(after):
                last = after or known
                if last is not None and (after or last.state in FOLLOWED):
                    self._seen_last.append(last)
                return
            # Somebody saw it at the same time: what they stored is known now.
            key = after.source_id
            known = self._store.broadcasts.list_known(task.id, [key]).get(key)
        log.error("broadcast_contended", extra={"task_id": task.id})

    def _judge(self, task: Task, known: Broadcast | None, seen: Sighting | None) -> Verdict:
        reminders = self._settings.reminders
        if seen is not None:
            return compare(task, known, seen, self._now, reminders)
        return Verdict(None, ()) if known is None else miss(task, known, self._now, reminders)


def remember(broadcast: Broadcast) -> Sighting:
    """Give what we know of a broadcast as a reason to look at it."""
    return Sighting(
        source_id=broadcast.source_id,
        state=BroadcastState.UNKNOWN,
        title=broadcast.title,
        url=f"https://www.youtube.com/watch?v={broadcast.source_id}",
        witness=Witness.VIDEOS,
    )


def _complete(found: Sighting, seen: Sighting) -> Sighting:
    """Put together what the Data API knows, and what only who made us look does."""
    marks = found.marks.model_copy(update={"short": seen.marks.short})
    return found._replace(
        witness=seen.witness,
        updated_at=seen.updated_at,
        marks=Marks.model_validate(marks),
        url=seen.url if seen.marks.short else found.url,
    )
