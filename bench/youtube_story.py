"""Days of many channels in minutes: a story of broadcasts, told to the source as time goes by.

Everything is real but the clock and the network: the source's own functions are called with the
story's moments, and YouTube is the simulator, in the same process. What was told, when, and who
saw it first is compared with the story afterwards.
"""

import heapq
import itertools
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import celery
from flask import Flask

from bench.inprocess import mount
from stargazer.context import Context
from stargazer.models import Task
from stargazer.simulator.atom import render_push
from stargazer.simulator.faults import Fault
from stargazer.simulator.nouns import Channel, Video
from stargazer.simulator.simulation import Simulation
from stargazer.youtube import list_budgets
from workers.sources.youtube.feed import parse_feed
from workers.sources.youtube.follow import follow
from workers.sources.youtube.watch import YouTubeWatch

URL = "http://youtube.invalid"
START = datetime(2026, 11, 23, 8, tzinfo=UTC)  # Midnight in California.
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BATCH = 200
PER_WEEK = 3


@dataclass(frozen=True)
class Choices:
    """What happens, and what goes wrong.

    :ivar push: how often a change is pushed: 0 never, 2 every one twice.
    :ivar push_delay: the longest that a push takes; they come in any order.
    :ivar hub_down: from when to when nothing is pushed.
    :ivar feeds_fail: from when to when all feeds answer 404.
    :ivar quota_gone_at: when all but the last tenth of the day's units is spent.
    """

    channels: int = 40
    span: timedelta = DAY
    push: int = 1
    push_delay: timedelta = timedelta(seconds=5)
    hub_down: tuple[timedelta, timedelta] | None = None
    feeds_fail: tuple[timedelta, timedelta] | None = None
    quota_gone_at: timedelta | None = None
    poll: timedelta = timedelta(minutes=5)
    seed: int = 1


class Stream(NamedTuple):
    """A broadcast of the story."""

    video_id: str
    channel_id: str
    announced_at: datetime
    scheduled_at: datetime
    started_at: datetime
    ended_at: datetime


@dataclass
class Outcome:
    """What came of it.

    :ivar missed: streams whose start was never told, though it was long enough ago.
    :ivar doubled: Events that were told more than once.
    :ivar delays: from start to Event, in seconds, by who saw it first.
    :ivar sightings: from the announcement to the first sight of each witness, in seconds.
    :ivar ends: from the end to its Event, in seconds.
    """

    choices: Choices
    streams: int = 0
    missed: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    delays: dict[str, list[float]] = field(default_factory=dict)
    sightings: dict[str, list[float]] = field(default_factory=dict)
    ends: list[float] = field(default_factory=list)
    units: int = 0
    feeds: int = 0
    naive: int = 0

    @property
    def all_delays(self) -> list[float]:
        """Of all starts."""
        return sorted(itertools.chain.from_iterable(self.delays.values()))


def write_story(choices: Choices) -> list[Stream]:
    """Make up the broadcasts: three a week each, announced hours before, most a little late."""
    chance = random.Random(choices.seed)
    streams = []
    for number in range(choices.channels):
        channel_id = f"UC{number:022d}"
        count = PER_WEEK * (choices.span / (7 * DAY)) + chance.random()
        for turn in range(int(count)):
            at = START + choices.span * chance.uniform(0.2, 0.9)
            scheduled = at.replace(minute=chance.choice((0, 0, 0, 30)), second=0, microsecond=0)
            late = timedelta(seconds=chance.choice((-90, 5, 20, 40, 90, 200, 600)))
            started = (scheduled + late).replace(microsecond=0)
            announced = scheduled - timedelta(hours=chance.uniform(1, 30))
            ended = started + timedelta(minutes=chance.uniform(45, 180))
            streams.append(
                Stream(
                    f"s{number}-{turn}",
                    channel_id,
                    max(announced, START + MINUTE).replace(microsecond=0),
                    scheduled,
                    started,
                    ended.replace(microsecond=0),
                )
            )
    return streams


class Run:
    """Tells a story to the source.

    :param app: the simulator.
    """

    def __init__(
        self, context: Context, celery_app: celery.Celery, app: Flask, choices: Choices
    ) -> None:
        self._context = context
        self._celery = celery_app
        self._simulation: Simulation = app.extensions["simulation"]
        self._choices = choices
        self._chance = random.Random(choices.seed + 1)
        self._heap: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._order = itertools.count()
        self._end = START + choices.span
        self._tasks: list[Task] = []
        mount(context.http, URL, app)

    def play(self) -> Outcome:
        """Let the time go by, and see what was told."""
        choices = self._choices
        streams = write_story(choices)
        self._simulation.limits = self._simulation.limits.model_copy(update={"quota_units": None})
        for number in range(choices.channels):
            self._add_channel(number)
        for stream in streams:
            self._tell(stream)
        for start in range(0, choices.channels, BATCH):
            first = START + choices.poll * (start / choices.channels)
            self._at(first, lambda now, start=start: self._poll(now, start))
        self._at(START, self._follow)
        self._break_things()
        while self._heap:
            at, _, act = heapq.heappop(self._heap)
            if at > self._end:
                break
            act(at)
        return self._judge(streams)

    def _at(self, at: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self._heap, (at, next(self._order), act))

    def _add_channel(self, number: int) -> None:
        key = f"UC{number:022d}"
        self._simulation.world.save_channel(Channel(id=key, title=key))
        task = Task(entity=uuid4(), kind="youtube", params={"channel_id": key}, created_at=START)
        self._context.store.tasks.save(task)
        self._tasks.append(task)

    def _tell(self, stream: Stream) -> None:
        fields: dict[str, Any] = {
            "id": stream.video_id,
            "channel_id": stream.channel_id,
            "title": stream.video_id,
            "published_at": stream.announced_at,
            "scheduled_at": stream.scheduled_at,
        }
        for at, more in (
            (stream.announced_at, {}),
            (stream.started_at, {"started_at": stream.started_at}),
            (stream.ended_at, {"ended_at": stream.ended_at}),
        ):
            fields = fields | more
            self._at(at, lambda now, fields=fields: self._change(now, fields))

    def _change(self, now: datetime, fields: dict[str, Any]) -> None:
        video = Video.model_validate(fields)
        self._simulation.world.save_video(video)
        down = self._choices.hub_down
        if down and START + down[0] <= now < START + down[1]:
            return
        if "started_at" in fields:
            # YouTube's hub says nothing of a start or an end.
            return
        for _ in range(self._choices.push):
            delay = self._choices.push_delay * self._chance.random()
            self._at(now + delay, lambda at, video=video: self._push(at, video))

    def _push(self, now: datetime, video: Video) -> None:
        channel = self._simulation.world.get_channel(video.channel_id)
        feed = parse_feed(render_push(channel, video))
        tasks = self._context.store.tasks.list_by_account("youtube", {"channel_id": channel.id})
        YouTubeWatch(self._celery, self._context, now).receive(
            tasks, channel.id, feed, insist=False
        )

    def _poll(self, now: datetime, start: int) -> None:
        keys = [task.id for task in self._tasks[start : start + BATCH]]
        tasks = [
            task
            for task in self._context.store.tasks.list_by_ids(keys)
            if task.watch.paused_until is None or task.watch.paused_until <= now
        ]
        YouTubeWatch(self._celery, self._context, now).poll(tasks)
        self._at(now + self._choices.poll, lambda at: self._poll(at, start))

    def _follow(self, now: datetime) -> None:
        follow(self._celery, self._context, now)
        self._at(now + self._context.settings.youtube_follow_interval, self._follow)

    def _break_things(self) -> None:
        choices, faults = self._choices, self._simulation.faults
        if choices.feeds_fail:
            begin, end = choices.feeds_fail
            self._at(START + begin, lambda _: faults.add(Fault(target="feed", status=404)) and None)
            self._at(START + end, lambda _: faults.clear())
        if choices.quota_gone_at:
            self._at(START + choices.quota_gone_at, self._spend_quota)

    def _spend_quota(self, now: datetime) -> None:
        for budget in list_budgets(self._context, now):
            left = int(0.9 * budget.limit) - budget.spent
            meter = budget.name.replace("youtube key ", "youtube:")
            day = f"{(START + (now - START)).astimezone(UTC) - 8 * HOUR:%Y-%m-%d}"
            self._context.store.meters.spend(meter, day, max(left, 0), 0)

    def _judge(self, streams: Sequence[Stream]) -> Outcome:
        store = self._context.store
        outcome = Outcome(self._choices)
        outcome.streams = len(streams)
        told: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
        for event in store.events.list_all():
            told[event.fields["video_id"], event.kind].append(event)
        outcome.doubled = [
            f"{kind} {video_id}"
            for (video_id, kind), events in told.items()
            if len(events) > 1 and not kind.endswith("reminder")
        ]
        grace = 20 * MINUTE
        for stream in streams:
            starts = told[stream.video_id, "youtube/live_start"]
            if starts:
                delay = (starts[0].created_at - stream.started_at).total_seconds()
                outcome.delays.setdefault(starts[0].fields["witness"], []).append(delay)
            elif stream.started_at + grace < self._end:
                outcome.missed.append(stream.video_id)
            for end in told[stream.video_id, "youtube/live_end"]:
                outcome.ends.append((end.created_at - stream.ended_at).total_seconds())
            self._note_sightings(outcome, stream)
        requests = self._simulation.journal.counters()["requests"]
        outcome.feeds = sum(requests.get("feed", {}).values())
        outcome.units = sum(requests.get("api", {}).values())
        # Who looks at each video by itself, once a minute, from its announcement to its end.
        outcome.naive = sum(
            int((min(stream.ended_at, self._end) - stream.announced_at) / MINUTE)
            for stream in streams
            if stream.announced_at < self._end
        )
        return outcome

    def _note_sightings(self, outcome: Outcome, stream: Stream) -> None:
        number = int(stream.channel_id.removeprefix("UC"))
        known = self._context.store.broadcasts.list_known(
            self._tasks[number].id, [stream.video_id]
        ).get(stream.video_id)
        first: dict[str, datetime] = {}
        for key, at in (known.seen_at if known else {}).items():
            witness = key.partition(":")[0]
            first[witness] = min(at, first.get(witness, at))
        for witness, at in first.items():
            delay = (at - stream.announced_at).total_seconds()
            outcome.sightings.setdefault(witness, []).append(delay)


def report(outcome: Outcome) -> list[str]:
    """Write down what came of it, line by line."""
    days = outcome.choices.span / DAY
    delays = outcome.all_delays
    told = (
        f"{len(delays)} starts told, {len(outcome.missed)} missed, {len(outcome.doubled)} doubled"
    )
    units = f"{outcome.units / days:,.0f} units, {outcome.feeds / days:,.0f} feeds"
    naive = f"one request a video and minute: {outcome.naive / days:,.0f} units"
    lines = [
        f"{outcome.choices.channels} channels, {days:g} days, {outcome.streams} streams: {told}",
        f"a day: {units}; {naive}",
    ]
    if delays:
        lines.append(f"start to event: {_show(delays)}")
    for witness, found in sorted(outcome.delays.items()):
        lines.append(f"  told by {witness:8} {len(found):6}: {_show(found)}")
    for witness, found in sorted(outcome.sightings.items()):
        lines.append(f"announced, seen by {witness:8} {len(found):6}: {_show(found)}")
    if outcome.ends:
        lines.append(f"end to event: {_show(outcome.ends)}")
    return lines


def _show(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"median {statistics.median(ordered):.1f} s, p99 {p99:.1f} s, most {ordered[-1]:.1f} s"


__all__ = ["Choices", "Outcome", "Run", "report", "write_story"]
