"""How it goes with each platform, for an operator: read at once, wherever it is kept."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import NamedTuple

from stargazer.budgets import Budget
from stargazer.context import Context
from stargazer.coordinator.members import list_members
from stargazer.coordinator.schedule import get_backlog
from stargazer.models import Alarm, PlatformState
from stargazer.pausing import is_paused
from stargazer.platforms.registry import PLATFORMS
from stargazer.websub.report import PushReport, report_pushes


class PlatformReport(NamedTuple):
    """One platform.

    :ivar missing: what has to be set before it is watched; None: nothing.
    :ivar accounts: how many are to be watched; those that an operator has ``paused`` left out.
    :ivar failing: how many of them could not be read at their last look; ``gone`` are among them.
    :ivar workers: how many are there that watch it.
    :ivar overdue: how late the latest account is, in seconds.
    :ivar alarms: those that last.
    :ivar pushes: subscriptions at hubs; None where there are none to be had.
    """

    kind: str
    missing: str | None
    accounts: int
    paused: int
    failing: int
    gone: int
    workers: int
    overdue: float
    state: PlatformState
    is_paused: bool
    alarms: tuple[Alarm, ...]
    budgets: tuple[Budget, ...]
    pushes: PushReport | None


def report_platforms(context: Context, now: datetime) -> list[PlatformReport]:
    """Read how it goes with all platforms."""
    counts = context.store.tasks.count_by_kind()
    alarms: defaultdict[str | None, list[Alarm]] = defaultdict(list)
    for alarm in context.store.alarms.list_all():
        if alarm.ended_at is None:
            alarms[alarm.kind].append(alarm)
    serving = Counter(
        kind
        for presence in list_members(context.redis)
        if presence.is_there
        for kind in presence.member.kinds
    )
    reports = []
    for kind, platform in PLATFORMS.items():
        state = context.store.platforms.get(kind)
        count = counts[kind]
        reports.append(
            PlatformReport(
                kind=kind,
                missing=platform.find_missing(context.settings),
                accounts=count["watched"],
                paused=count["paused"],
                failing=count["failing"],
                gone=count["gone"],
                workers=serving[kind],
                overdue=get_backlog(context.redis, kind)[1],
                state=state,
                is_paused=is_paused(state, now),
                alarms=tuple(alarms[kind]),
                budgets=tuple(platform.list_budgets(context, now)),
                pushes=(
                    report_pushes(context.store, context.settings, kind)
                    if platform.has_hubs
                    else None
                ),
            )
        )
    return reports
