"""What the watching of one account came to, lately."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from api.auth import needs
from api.methods.events import EventRow, list_events
from api.methods.tasks import UNKNOWN_TASK, WatchedTask, get_task, show_watched
from api.paging import Page, Paged
from api.rpc import Call, Result, method
from stargazer.context import Context
from stargazer.coordinator import members, schedule
from stargazer.coordinator.placement import Placement
from stargazer.models import Broadcast, Task
from stargazer.pausing import is_paused
from stargazer.platforms.registry import PLATFORMS
from stargazer.store import Store
from stargazer.store.events import Query


class GetTaskHistory(Page):
    """Which Task, and which part of its events.

    :ivar task_id: the Task.
    """

    task_id: UUID


class LeaseResult(Result):
    """Our subscription to the account at a hub, which tells us of what is new at once.

    :ivar hub: the hub's host.
    :ivar state: ``pending`` (asked for), ``verified``, ``denied``, ``failed`` or ``lapsed``.
    :ivar asked_at: when the hub was last asked.
    :ivar verified_at: when it last agreed.
    :ivar expires_at: until when.
    :ivar renew_at: when it is asked again.
    :ivar failures: how often in a row it refused or did not answer.
    :ivar last_error: why.
    """

    hub: str
    state: str
    asked_at: datetime | None
    verified_at: datetime | None
    expires_at: datetime | None
    renew_at: datetime
    failures: int
    last_error: str | None


class OpenBroadcast(Result):
    """A broadcast of which more is to be expected.

    :ivar source_id: what the platform calls it.
    :ivar state: ``unknown`` (only its feed has it), ``upcoming`` or ``live``.
    :ivar title: as it was last seen.
    :ivar scheduled_at: when it is to begin.
    :ivar started_at: when it began.
    :ivar seen_at: when it was first seen.
    """

    source_id: str
    state: str
    title: str
    scheduled_at: datetime | None
    started_at: datetime | None
    seen_at: datetime | None


class TaskHistoryResult(Paged):
    """How watching an account goes, and what it told.

    :ivar task: the account, with its last looks and failures.
    :ivar missing: what has to be set before its platform is watched; null: nothing.
    :ivar platform_paused_until: until when nobody asks its platform at all; null: it is not paused.
    :ivar platform_error: why.
    :ivar worker: the node name of who watches it; null while nobody does.
    :ivar due_in: seconds until it is looked at; negative when it is late, null when it is not on
        the schedule.
    :ivar confirmed_at: when the platform last said that the account is there, though it failed.
    :ivar fallback_at: when it was last read in the other way that it has while the first fails.
    :ivar lease: the subscription at a hub; null where there is none.
    :ivar broadcasts: those of which more is to be expected, the next one first.
    :ivar events: what it told, newest first.
    """

    task: WatchedTask
    missing: str | None
    platform_paused_until: datetime | None
    platform_error: str | None
    worker: str | None
    due_in: float | None
    confirmed_at: datetime | None
    fallback_at: datetime | None
    lease: LeaseResult | None
    broadcasts: tuple[OpenBroadcast, ...]
    events: tuple[EventRow, ...]


@method("getTaskHistory", needs("admin:ro"), errors=UNKNOWN_TASK)
def get_task_history(call: Call, params: GetTaskHistory) -> TaskHistoryResult:
    """Tell how watching an account goes, what is expected of it, and what it told lately.

    Its events are looked for among those of its Entity, to which an index leads.
    """
    context, store = call.state.context, call.store
    task = get_task(store, params.task_id)
    platform, state = PLATFORMS.get(task.kind), store.platforms.get(task.kind)
    at_rest = is_paused(state, call.now)
    broadcasts = store.broadcasts.list_open_of_task(task.id)
    events, cursor = list_events(store, Query(entity=task.entity, task=task.id), params)
    return TaskHistoryResult(
        task=show_watched(task),
        missing=platform.find_missing(context.settings) if platform else None,
        platform_paused_until=state.paused_until if at_rest else None,
        platform_error=state.last_error if at_rest else None,
        worker=_find_worker(context, task),
        due_in=schedule.list_due_times(context.redis, task.kind, [task.id])[0],
        confirmed_at=task.watch.confirmed_at,
        fallback_at=task.watch.fallback_at,
        lease=_find_lease(store, task),
        broadcasts=tuple(map(_show_broadcast, sorted(broadcasts, key=_get_start))),
        events=events,
        next_cursor=cursor,
    )


def _find_worker(context: Context, task: Task) -> str | None:
    drained = context.store.drained.list_all()
    there = (
        presence.member
        for presence in members.list_members(context.redis)
        if presence.is_there
        and presence.member.node not in drained
        and task.kind in presence.member.kinds
    )
    return None if task.paused else Placement(there).find_owner(task.id)


def _find_lease(store: Store, task: Task) -> LeaseResult | None:
    platform = PLATFORMS.get(task.kind)
    if platform is None or not platform.has_hubs:
        return None
    lease = store.leases.find_by_account(task.kind, platform.name_account(task.params))
    if lease is None:
        return None
    shown = {"state", "asked_at", "verified_at", "expires_at", "renew_at", "failures", "last_error"}
    # The rest of a hub's address may hold a secret.
    return LeaseResult(hub=urlsplit(lease.hub).hostname or "", **lease.model_dump(include=shown))


def _get_start(broadcast: Broadcast) -> tuple[bool, float, str]:
    at = broadcast.started_at or broadcast.scheduled_at
    return at is None, at.timestamp() if at else 0.0, broadcast.source_id


def _show_broadcast(broadcast: Broadcast) -> OpenBroadcast:
    shown = {"source_id", "state", "title", "scheduled_at", "started_at"}
    first = min(broadcast.seen_at.values(), default=None)
    return OpenBroadcast(seen_at=first, **broadcast.model_dump(include=shown))
