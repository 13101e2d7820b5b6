"""The story: what happens on YouTube, what must be heard in the chats, and whether it was."""

import statistics
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from stargazer.demo.cast import CHATS, STARS, Chat
from stargazer.demo.stage import Arrival, Stage
from stargazer.models import Entity, Event, Meta, Name, UserSettings
from stargazer.rendering import render

_ARRIVE_WITHIN = 30.0
#: Telegram allows a chat one message a second, and the story is not about waiting for that.
_BETWEEN = 1.3
_AFTERWARDS = 3.0


class Step(NamedTuple):
    """Something that happens to a video.

    :ivar kind: the kind of Event that follows; None when nobody must hear of it.
    """

    says: str
    star: int
    video_id: str
    fields: dict[str, Any]
    kind: str | None


class Result(NamedTuple):
    """How a step was heard.

    :ivar seconds: from the push to each chat's message.
    """

    step: Step
    wanted: int
    seconds: list[float]


def write_story(now: datetime) -> list[Step]:
    """Write down a story that begins now; its videos are new each time."""
    run = f"{int(now.timestamp()):x}"
    stream, video, sudden = f"st{run}", f"vi{run}", f"su{run}"
    soon = (now + timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    scheduled, live = "youtube/broadcast_scheduled", "youtube/live_start"
    return [
        Step(
            "Aoi schedules a stream",
            0,
            stream,
            {
                "title": "【歌枠】星の歌をうたう夜 ☆ singing stream",
                "published_at": now,
                "scheduled_at": soon,
            },
            scheduled,
        ),
        Step(
            "Mikoto uploads a video",
            1,
            video,
            {
                "title": "【MV】千の鳥居 / Thousand Gates",
                "published_at": now,
                "duration": "PT4M13S",
            },
            "youtube/new_video",
        ),
        Step(
            "Aoi moves her stream",
            0,
            stream,
            {
                "scheduled_at": soon + timedelta(minutes=30),
            },
            "youtube/broadcast_rescheduled",
        ),
        Step(
            "Mikoto mends a title",
            1,
            video,
            {
                "title": "【MV】千の鳥居 / Thousand Gates (Official)",
            },
            None,
        ),
        Step(
            "Raven goes live unannounced",
            2,
            sudden,
            {
                "title": "surprise! <chatting> & tea",
                "published_at": now,
                "started_at": now,
            },
            live,
        ),
        Step("Aoi goes live", 0, stream, {"started_at": now}, live),
    ]


def play(stage: Stage) -> bool:
    """Play the story and print the table; whether each message arrived exactly once."""
    steps = write_story(datetime.now(UTC))
    results = []
    for step in steps:
        result = _play_step(stage, step)
        results.append(result)
        stage.say(_describe(result))
        time.sleep(_BETWEEN)
    # What comes twice comes late: a second push, the feed's poll, the sweeper.
    time.sleep(_AFTERWARDS)
    return _report(stage, steps, results)


def _play_step(stage: Stage, step: Step) -> Result:
    before = time.time()
    fields = {
        name: datetime.now(UTC) if name == "started_at" else value
        for name, value in step.fields.items()
    }
    channel_id = STARS[step.star].channel_id
    stage.simulator.set_video(step.video_id, push=True, channel_id=channel_id, **fields)
    wanted = len(_list_chats(step))
    found: list[Arrival] = []

    def have_arrived() -> bool:
        found[:] = [
            each
            for each in stage.list_arrivals()
            if step.video_id in each.text and each.at >= before
        ]
        return len(found) >= wanted

    try:
        stage.wait_for(f"{wanted} messages", have_arrived, _ARRIVE_WITHIN)
    except TimeoutError:
        stage.say(f"only {len(found)} of {wanted} messages arrived")
    pushed_at = stage.find_push(step.video_id, before) or before
    return Result(step, wanted, [each.at - pushed_at for each in found])


def _list_chats(step: Step) -> list[Chat]:
    return [chat for chat in CHATS if step.kind and step.star in chat.follows]


def _describe(result: Result) -> str:
    said = result.step.says.ljust(30)
    if not result.wanted:
        return f"{said} nothing to tell"
    first, last = min(result.seconds, default=0.0), max(result.seconds, default=0.0)
    return (
        f"{said} push to chat {first * 1000:5.0f} ms, "
        f"to the last of {len(result.seconds)} chats {last * 1000:5.0f} ms"
    )


def _report(stage: Stage, steps: Sequence[Step], results: Sequence[Result]) -> bool:
    arrivals = stage.list_arrivals()
    wanted: Counter[tuple[tuple[str, str], str, str]] = Counter(
        ((chat.im, chat.im_payload), step.video_id, _headline(step, chat))
        for step in steps
        for chat in _list_chats(step)
    )
    got = Counter(key for each in arrivals for key in [_recognise(each, steps)] if key is not None)
    strangers = [each for each in arrivals if _recognise(each, steps) is None]
    lost, doubled = wanted - got, got - wanted
    stage.say("")
    stage.say(f"{'chat':<24}{'wanted':>8}{'arrived':>9}{'lost':>6}{'too many':>10}")
    for chat in CHATS:
        address = (chat.im, chat.im_payload)
        counts = [
            sum(count for key, count in counter.items() if key[0] == address)
            for counter in (wanted, got, lost, doubled)
        ]
        stage.say(f"{chat.name[:22]:<24}{counts[0]:>8}{counts[1]:>9}{counts[2]:>6}{counts[3]:>10}")
    seconds = [second for result in results for second in result.seconds]
    if seconds:
        median = statistics.median(seconds)
        stage.say(
            f"push to chat: median {median * 1000:.0f} ms, slowest {max(seconds) * 1000:.0f} ms"
        )
    is_right = not lost and not doubled and not strangers
    stage.say(
        "each message arrived exactly once"
        if is_right
        else f"WRONG: {lost.total()} lost, {doubled.total()} too many, {len(strangers)} strange"
    )
    return is_right


def _headline(step: Step, chat: Chat) -> str:
    """Give the first line of what a chat must hear of a step; empty when it must hear nothing."""
    if step.kind is None:
        return ""
    names = STARS[step.star].names
    star = Entity(meta=Meta(name=Name(name=names, default_language=next(iter(names)))))
    event = Event(kind=step.kind, entity=star.id, fields={})
    return render(event, star, UserSettings(language=chat.language)).headline


def _recognise(arrival: Arrival, steps: Sequence[Step]) -> tuple[tuple[str, str], str, str] | None:
    """Tell which chat, video and kind a message is of; None when it is not of this story."""
    for step in steps:
        for chat in _list_chats(step):
            is_chat = (chat.im, chat.im_payload) == arrival.chat
            if is_chat and step.video_id in arrival.text and _headline(step, chat) in arrival.text:
                return arrival.chat, step.video_id, _headline(step, chat)
    return None
