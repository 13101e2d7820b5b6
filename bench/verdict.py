"""What the ledger says of a run under faults, beside what the chat apps got. All pure.

The promise: each Event reaches each chat once, in the order of the ledger. More than once only
what a killed worker had in hand, at most one message for each of its sending threads; less than
once only what is ``unknown``, because the chat app was silent about it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from stargazer.models import Delivery, DeliveryState

#: Of an entry in a chat app's journal: what of its faults leaves open whether it was taken. A code
#: is QQ's 1200.
AMBIGUOUS = frozenset({"drop", "delay", "code"})
#: So our HTTP client calls an answer that is later than it waits.
_LATE = "no answer in time"
_SHOWN = 5


class Attempt(NamedTuple):
    """A request that reached a chat app.

    :ivar number: counts up in the order in which they came.
    :ivar at: UNIX seconds.
    :ivar is_taken: whether the message is in the chat now, by this request.
    :ivar is_open: whether the chat app left that open.
    """

    chat: str
    video: str
    number: int
    at: float
    is_taken: bool
    is_open: bool


class Row(NamedTuple):
    """A Delivery, with its chat and its video by the names that the chat app has for them."""

    chat: str
    video: str
    delivery: Delivery

    @property
    def place(self) -> tuple[int, bytes]:
        """What orders the Deliveries of one chat."""
        return int(self.delivery.created_at.timestamp() * 1000), self.delivery.event.bytes


@dataclass
class Fate:
    """What a chat app knows of one message.

    :ivar taken: how often it is in the chat.
    :ivar first: the number of the first request that brought it there; 0 before that.
    :ivar at: when that came, in UNIX seconds.
    :ivar is_open: whether the chat app was silent about some request.
    """

    taken: int = 0
    first: int = 0
    at: float = 0.0
    is_open: bool = False


class Arrivals:
    """What one chat app got, message by message."""

    def __init__(self) -> None:
        self.chats: defaultdict[str, dict[str, Fate]] = defaultdict(dict)
        self.taken = 0

    def add(self, attempt: Attempt) -> None:
        """Take down a request."""
        fate = self.chats[attempt.chat].setdefault(attempt.video, Fate())
        fate.is_open |= attempt.is_open
        if attempt.is_taken:
            self.taken += 1
            fate.taken += 1
            if fate.taken == 1:
                fate.first, fate.at = attempt.number, attempt.at

    def find(self, chat: str, video: str) -> Fate:
        """Give what became of one message; one that was never seen has an empty fate."""
        return self.chats.get(chat, {}).get(video, Fate())


@dataclass
class Verdict:
    """How it went on one chat app.

    :ivar states: the Deliveries by their states.
    :ivar arrived_unknown: how many of those that are ``unknown`` are in their chats.
    :ivar late: how many are ``unknown`` because the answer, not the chat app, was late.
    :ivar repeated: messages that are in their chats more often than once, counted each time.
    :ivar seconds: from each Event to its chats, sorted.
    :ivar broken: each promise that was not kept, with examples.
    """

    states: Counter[str] = field(default_factory=Counter)
    arrived_unknown: int = 0
    late: int = 0
    repeated: int = 0
    seconds: Sequence[float] = ()
    broken: list[str] = field(default_factory=list)


def judge(
    rows: Iterable[Row],
    arrivals: Arrivals,
    chats: Sequence[str],
    told_at: Mapping[str, float],
    allowed_repeats: int,
) -> Verdict:
    """Compare the ledger with what a chat app got.

    :param chats: the names of all chats that wanted to hear of everything.
    :param told_at: when each video happened, in UNIX seconds.
    :param allowed_repeats: how many messages killed workers may have had in hand.
    """
    verdict = Verdict()
    by_chat: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_chat[row.chat].append(row)
    problems: defaultdict[str, list[str]] = defaultdict(list)
    seconds = []
    for chat in chats:
        found = by_chat.pop(chat, [])
        for video in told_at.keys() - {row.video for row in found}:
            problems["never entered the ledger"].append(f"{video} to {chat}")
        for row in found:
            fate = arrivals.find(chat, row.video)
            for problem in _check(row, fate):
                problems[problem].append(f"{row.video} to {chat} ({row.delivery.state})")
            _count(verdict, row, fate)
            if fate.taken:
                seconds.append(fate.at - told_at[row.video])
        for earlier, later in _find_swapped(found, arrivals):
            problems["overtaken in its chat"].append(f"{earlier} by {later} in {chat}")
    for chat, found in by_chat.items():
        problems["told to nobody who asked"].append(f"{len(found)} to {chat}")
    if verdict.repeated > allowed_repeats:
        most = f"came more than once, where killed threads had {allowed_repeats} in hand"
        problems[most] += [f"{verdict.repeated} times"]
    verdict.seconds = sorted(seconds)
    verdict.broken = [
        f"{len(examples)} {problem}: {', '.join(examples[:_SHOWN])}"
        for problem, examples in problems.items()
    ]
    return verdict


def _check(row: Row, fate: Fate) -> Iterator[str]:
    delivery = row.delivery
    match delivery.state:
        case DeliveryState.SENT:
            if not fate.taken:
                yield "sent, says the ledger, and never came"
        case DeliveryState.UNKNOWN:
            if not (fate.is_open or _is_late(delivery)):
                yield "unknown, though the chat app has answered"
        case DeliveryState.PENDING:
            yield "never finished"
        case _:
            # Nothing that goes wrong here is a reason to give up.
            yield f"given up as {delivery.state} ({delivery.code})"


def _count(verdict: Verdict, row: Row, fate: Fate) -> None:
    verdict.states[row.delivery.state] += 1
    verdict.repeated += max(0, fate.taken - 1)
    if row.delivery.state is DeliveryState.UNKNOWN:
        verdict.arrived_unknown += fate.taken > 0
        verdict.late += not fate.is_open


def _is_late(delivery: Delivery) -> bool:
    return _LATE in (delivery.reason or "")


def _find_swapped(rows: Sequence[Row], arrivals: Arrivals) -> Iterator[tuple[str, str]]:
    """Find what came to a chat after what it should have come before.

    What is unknown may come whenever it does: nobody waits for it any more.
    """
    came = []
    for row in sorted(rows, key=lambda row: row.place):
        fate = arrivals.find(row.chat, row.video)
        if fate.taken and row.delivery.state is DeliveryState.SENT:
            came.append((fate.first, row.video))
    for (first, video), (then, following) in pairwise(came):
        if then < first:
            yield video, following
