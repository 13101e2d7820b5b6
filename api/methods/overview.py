"""How all of it goes, at a glance."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from api.auth import needs
from api.methods.sources import BudgetResult, SourceResult, show_budget, show_source
from api.methods.workers import KindState, WorkerResult, show_kind, show_worker
from api.rpc import Call, Params, Result, method
from stargazer.models import DeliveryState, User
from stargazer.overview import Overview
from stargazer.tallies import Minute, find_quantile
from stargazer.troubles import Severity, find_troubles

#: Over so many minutes the time from source to chat is told as one number.
_RECENT = 10


class GetOverview(Params):
    """The version that the caller has.

    :ivar version: the ``version`` of the answer before.
    """

    version: str | None = None


class TroubleResult(Result):
    """Something that is wrong.

    :ivar severity: ``bad`` wants somebody to act; ``wait`` passes by itself, or can wait.
    :ivar what: what is wrong.
    :ivar todo: what to do about it.
    :ivar page: where on the operator's page more is shown, such as ``sources``; empty: nowhere.
    """

    severity: Severity
    what: str
    todo: str
    page: str


class CountsResult(Result):
    """How many there are; what is counted one by one is counted up to a thousand.

    :ivar entities: who is watched.
    :ivar tasks: their accounts.
    :ivar users: the chats that subscribe.
    :ivar paused: chats that are sent nothing; at most 1,000.
    :ivar events: in the outbox.
    :ivar deliveries: in the ledger.
    :ivar pending: deliveries that are still to be sent; at most 1,000.
    :ivar failed: deliveries that were given up; at most 1,000.
    :ivar unknown: deliveries of which nobody knows whether they arrived; at most 1,000.
    :ivar dead_letters: at most 1,000.
    """

    entities: int
    tasks: int
    users: int
    paused: int
    events: int
    deliveries: int
    pending: int
    failed: int
    unknown: int
    dead_letters: int


class MinuteResult(Result):
    """What happened in a minute.

    :ivar at: when it began.
    :ivar events: how many were new.
    :ivar sent: how many deliveries were sent.
    :ivar lost: how many failed, or have an unknown outcome.
    :ivar dropped: how many were not to be sent.
    :ivar p50: half of what was sent was not older than this, in seconds from what happened at the
        source; null: nothing was sent.
    :ivar p99: 99 of 100 were not older than this.
    """

    at: datetime
    events: int
    sent: int
    lost: int
    dropped: int
    p50: float | None
    p99: float | None


class AgeResult(Result):
    """The time from source to chat of what was sent within the last ten minutes, in seconds.

    :ivar p50: half of it was not older.
    :ivar p99: 99 of 100 were not older.
    """

    p50: float | None
    p99: float | None


class OutcomeResult(Result):
    """What became of deliveries within the last hour.

    :ivar im: the chat app.
    :ivar sent: how many were sent.
    :ivar failed: how many were given up.
    :ivar dropped: how many were not to be sent.
    :ivar unknown: how many may have arrived.
    """

    im: str
    sent: int
    failed: int
    dropped: int
    unknown: int


class QueueResult(Result):
    """A queue.

    :ivar queue: its name.
    :ivar waiting: how many messages nobody has taken yet.
    """

    queue: str
    waiting: int


class PausedUser(Result):
    """A chat that is sent nothing.

    :ivar id: the User's id.
    :ivar im: the chat app.
    :ivar name: what it is called.
    :ivar reason: why.
    :ivar since: since when; null for one that the predecessor had paused.
    """

    id: UUID
    im: str
    name: str
    reason: str
    since: datetime | None


class OverviewBody(Result):
    """How it goes, at most some seconds ago. What Redis knows is null while it is away.

    :ivar troubles: what is wrong, the worst first; empty: all is well.
    :ivar counts: how many there are.
    :ivar minutes: the last hour, minute by minute, the one that passes last; null: unknown.
    :ivar age: the time from source to chat of late.
    :ivar events: how many were new within the hour, by kind; null: unknown.
    :ivar outcomes: what became of deliveries within the hour, by chat app; null: unknown.
    :ivar queues: those of the broker; null: it does not answer.
    :ivar workers: as of ``getWorkers``; null: unknown.
    :ivar kinds: as of ``getWorkers``; null: unknown.
    :ivar sources: as of ``getSources``; null: unknown.
    :ivar budgets: what may be used that no platform sets, such as of translators.
    :ivar paused: some of the chats that are sent nothing.
    """

    troubles: tuple[TroubleResult, ...]
    counts: CountsResult
    minutes: tuple[MinuteResult, ...] | None
    age: AgeResult
    events: dict[str, int] | None
    outcomes: tuple[OutcomeResult, ...] | None
    queues: tuple[QueueResult, ...] | None
    workers: tuple[WorkerResult, ...] | None
    kinds: tuple[KindState, ...] | None
    sources: tuple[SourceResult, ...] | None
    budgets: tuple[BudgetResult, ...]
    paused: tuple[PausedUser, ...]


class OverviewResult(Result):
    """The overview and its version.

    :ivar version: changes when anything in it does.
    :ivar at: as of when.
    :ivar overview: how it goes; null where the caller has this version.
    """

    version: str
    at: datetime
    overview: OverviewBody | None = None


@method("getOverview", needs("admin:ro"))
def get_overview(call: Call, params: GetOverview) -> OverviewResult:
    """Tell at a glance whether all is well, and what to do when it is not."""
    overview = call.state.overview.get()
    body = _show(overview)
    version = hashlib.sha256(body.model_dump_json().encode()).hexdigest()[:32]
    known = version == params.version
    return OverviewResult(version=version, at=overview.at, overview=None if known else body)


def _show(overview: Overview) -> OverviewBody:
    minutes, report, platforms = overview.minutes, overview.report, overview.platforms
    recent = (minutes or [])[-_RECENT:]
    return OverviewBody(
        troubles=tuple(TroubleResult(**each._asdict()) for each in find_troubles(overview)),
        counts=CountsResult(**overview.counts._asdict()),
        minutes=None if minutes is None else tuple(map(_show_minute, minutes)),
        age=AgeResult(p50=find_quantile(recent, 0.5), p99=find_quantile(recent, 0.99)),
        events=None if minutes is None else _count_events(minutes),
        outcomes=None if minutes is None else tuple(_count_outcomes(minutes)),
        queues=None if overview.queues is None else _show_queues(overview.queues),
        workers=None if report is None else tuple(map(show_worker, report.workers)),
        kinds=None if report is None else tuple(map(show_kind, report.kinds)),
        sources=None if platforms is None else tuple(map(show_source, platforms)),
        budgets=tuple(map(show_budget, overview.budgets)),
        paused=tuple(map(_show_paused, overview.paused)),
    )


def _show_minute(minute: Minute) -> MinuteResult:
    states = Counter[DeliveryState]()
    for (_, state), count in minute.deliveries.items():
        states[state] += count
    return MinuteResult(
        at=minute.at,
        events=sum(minute.events.values()),
        sent=states[DeliveryState.SENT],
        lost=states[DeliveryState.FAILED] + states[DeliveryState.UNKNOWN],
        dropped=states[DeliveryState.DROPPED],
        p50=find_quantile([minute], 0.5),
        p99=find_quantile([minute], 0.99),
    )


def _count_events(minutes: Sequence[Minute]) -> dict[str, int]:
    kinds = sum((Counter(minute.events) for minute in minutes), Counter[str]())
    return dict(sorted(kinds.items()))


def _count_outcomes(minutes: Sequence[Minute]) -> Iterable[OutcomeResult]:
    done = Counter[tuple[str, DeliveryState]]()
    for minute in minutes:
        done.update(minute.deliveries)
    for im in sorted({im for im, _ in done}):
        yield OutcomeResult(
            im=im,
            sent=done[im, DeliveryState.SENT],
            failed=done[im, DeliveryState.FAILED],
            dropped=done[im, DeliveryState.DROPPED],
            unknown=done[im, DeliveryState.UNKNOWN],
        )


def _show_queues(queues: Mapping[str, int]) -> tuple[QueueResult, ...]:
    return tuple(QueueResult(queue=name, waiting=waiting) for name, waiting in queues.items())


def _show_paused(user: User) -> PausedUser:
    return PausedUser(
        id=user.id, im=user.im, name=user.name, reason=user.paused or "", since=user.paused_at
    )
