"""Whether an account is live, as places say that have one stream an account at a time. All pure.

::

    off ──seen live──▶ live ──not seen──▶ doubted ──not seen again, long enough──▶ off
                         ▲                   │
                         └────seen live──────┘

An answer that leaves a stream out is no proof that it is over: it may come back with the next
one. An end is told when it was missed twice, and has been missing for as long as a flap lasts.
Where an interrupted stream goes on as another one, what comes within that time is the same.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from stargazer.models import Fields, Model, SourceEvent, Task, Time


class Live(Model):
    """A stream.

    :ivar source_id: what tells it from the same account's other streams.
    :ivar category: what it is about, as the platform sorts it; empty when it does not.
    :ivar begun_as: the ``source_id`` with which its start was told, where it was interrupted since
        and goes on under another one.
    """

    source_id: str
    started_at: Time
    title: str = ""
    category: str = ""
    begun_as: str | None = None


class LiveMemory(Model):
    """What is remembered of an account.

    :ivar live: the stream that is on, or is doubted; None: it is off.
    :ivar missing_since: when it was first not seen any more; None: it is seen.
    :ivar misses: how often in a row it was not.
    :ivar last_id: the stream before, which is not to be begun again.
    """

    live: Live | None = None
    missing_since: Time | None = None
    misses: int = 0
    last_id: str | None = None


class Turn(NamedTuple):
    """What follows from a look.

    :ivar started: the stream that has begun.
    :ivar changed: the stream as it was before its title or category was changed.
    :ivar ended: the stream that is over, and when it was first missed.
    """

    memory: LiveMemory
    started: Live | None = None
    changed: Live | None = None
    ended: tuple[Live, datetime] | None = None


def compare_live(
    memory: LiveMemory | None,
    seen: Live | None,
    now: datetime,
    settle: timedelta,
    *,
    resumes: bool = False,
) -> Turn:
    """Tell what has changed.

    :param memory: None at the first look, at which nothing is told.
    :param seen: the stream that is on; None: the platform says there is none.
    :param settle: how long a stream has to be missing before it is over.
    :param resumes: whether another stream that comes while the one before is missing goes on with
        it.
    """
    if memory is None:
        return Turn(LiveMemory(live=seen))
    if seen is None:
        return _miss(memory, now, settle)
    known = memory.live
    back = memory.model_copy(update={"live": seen, "missing_since": None, "misses": 0})
    if known is None:
        if seen.source_id == memory.last_id:
            # It was taken for over too early. It is the same stream, and was told of.
            return Turn(back)
        return Turn(back, started=seen)
    is_resumed = resumes and memory.missing_since is not None
    if known.source_id == seen.source_id or is_resumed:
        is_same = (known.title, known.category) == (seen.title, seen.category)
        begun_as = known.begun_as
        if known.source_id != seen.source_id:
            begun_as = begun_as or known.source_id
        goes_on = seen.model_copy(update={"begun_as": begun_as})
        back = back.model_copy(update={"live": goes_on})
        # A title that nobody knew at the start is no other title.
        return Turn(back, changed=None if is_same or not known.title else known)
    # The one before ended unseen between two looks.
    back = back.model_copy(update={"last_id": known.source_id})
    return Turn(back, started=seen, ended=(known, memory.missing_since or now))


def _miss(memory: LiveMemory, now: datetime, settle: timedelta) -> Turn:
    if memory.live is None:
        return Turn(memory)
    since = memory.missing_since or now
    misses = memory.misses + 1
    if misses > 1 and now - since >= settle:
        over = LiveMemory(last_id=memory.live.source_id)
        was_told = memory.live.source_id == memory.last_id
        return Turn(over, ended=None if was_told else (memory.live, since))
    return Turn(memory.model_copy(update={"missing_since": since, "misses": misses}))


def tell(
    task: Task, turn: Turn, describe: Callable[[Live], Fields], now: datetime
) -> tuple[SourceEvent, ...]:
    """Make the Events of a turn: ``live_end``, ``live_start``, ``live_title`` of the Task's kind.

    :param describe: gives the fields of a stream. What begins with ``x-`` is for a stream that
        goes on; nobody needs the title of one that is over translated.
    """

    def make(source_id: str, what: str, at: datetime, fields: Fields) -> SourceEvent:
        tags = ("translate",) if "x-translate-fields" in fields else ()
        return SourceEvent.from_source(task, source_id, f"{task.kind}/{what}", at, fields, tags)

    events = []
    if turn.ended:
        ended, at = turn.ended
        fields = {
            name: value for name, value in describe(ended).items() if not name.startswith("x-")
        }
        fields["ended_at"] = at.isoformat()
        # Under the same name as its start, so that the two are found together.
        events.append(make(ended.begun_as or ended.source_id, "live_end", at, fields))
    if turn.started:
        started = turn.started
        events.append(make(started.source_id, "live_start", started.started_at, describe(started)))
    if turn.changed and turn.memory.live:
        live, before = turn.memory.live, turn.changed
        fields = describe(live) | {
            "title_before": before.title,
            "category_before": before.category,
        }
        # The time tells a title that comes back from the one that it was before.
        revision = f"{live.source_id}@{now.timestamp():.0f}"
        events.append(make(revision, "live_title", now, fields))
    return tuple(events)
