"""The workers, and who watches what."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from api.auth import needs
from api.paging import Page, Paged, take_page
from api.rpc import Call, Done, NoParams, Params, Result, method
from stargazer.coordinator import members, schedule
from stargazer.coordinator.placement import Placement
from stargazer.coordinator.report import KindReport, WorkerReport, read_placed, read_report
from stargazer.errors import NotFoundError


class WorkerRef(Params):
    """Which worker.

    :ivar worker: its node name.
    """

    worker: Annotated[
        str, StringConstraints(min_length=1, max_length=255), Field(examples=["sources@host"])
    ]


class GetAssignments(Page):
    """All Tasks, or those of one kind or worker.

    :ivar kind: of this kind only.
    :ivar worker: of the worker with this node name only.
    """

    kind: str | None = None
    worker: str | None = None


class WorkerResult(Result):
    """A worker.

    :ivar worker: its node name.
    :ivar there: whether it was heard of within three heartbeats.
    :ivar drained: whether an operator wants it to be given nothing.
    :ivar kinds: the kinds of Tasks that it serves.
    :ivar weight: its share of the Tasks, compared with the others'.
    :ivar version: of Stargazer.
    :ivar host: where it runs.
    :ivar started_at: when it was started.
    :ivar tasks: how many Tasks it watches, by kind.
    :ivar in_hand: how many it is looking at right now.
    """

    worker: str
    there: bool
    drained: bool
    kinds: tuple[str, ...]
    weight: int
    version: str
    host: str
    started_at: datetime
    tasks: dict[str, int]
    in_hand: int


class KindState(Result):
    """How a kind of Tasks is watched.

    :ivar kind: of which the rest speaks.
    :ivar tasks: how many there are.
    :ivar unassigned: how many no worker watches.
    :ivar overdue: how late the latest is, in seconds.
    """

    kind: str
    tasks: int
    unassigned: int
    overdue: float


class WorkersResult(Result):
    """The workers and the kinds.

    :ivar workers: by name, with those that were there until recently.
    :ivar kinds: by name.
    """

    workers: tuple[WorkerResult, ...]
    kinds: tuple[KindState, ...]


class Assignment(Result):
    """Who watches a Task.

    :ivar task_id: which Task.
    :ivar kind: of the Task.
    :ivar worker: the node name of who watches it; null while nobody does.
    :ivar due_in: seconds until it is looked at; negative when it is late, null when it is not on
        the schedule.
    """

    task_id: UUID
    kind: str
    worker: str | None
    due_in: float | None


class AssignmentsResult(Paged):
    """Who watches what.

    :ivar assignments: one for each Task, in the order of their ids.
    """

    assignments: tuple[Assignment, ...]


@method("getWorkers", needs("coordinator:ro"))
def get_workers(call: Call, params: NoParams) -> WorkersResult:  # noqa: ARG001 - there are none
    """List the workers, how many accounts each watches, and whether any is watched by nobody."""
    report = read_report(call.state.context.redis, call.store.drained.list_all())
    return WorkersResult(
        workers=tuple(map(show_worker, report.workers)), kinds=tuple(map(show_kind, report.kinds))
    )


def show_worker(worker: WorkerReport) -> WorkerResult:
    """Show a worker."""
    return WorkerResult(
        worker=worker.member.node,
        there=worker.is_there,
        drained=worker.is_drained,
        kinds=tuple(sorted(worker.member.kinds)),
        weight=worker.member.weight,
        version=worker.member.version,
        host=worker.member.host,
        started_at=worker.member.started_at,
        tasks=worker.tasks,
        in_hand=worker.in_hand,
    )


def show_kind(kind: KindReport) -> KindState:
    """Show how a kind of Tasks is watched."""
    return KindState(**kind._asdict())


@method("getAssignments", needs("coordinator:ro"))
def get_assignments(call: Call, params: GetAssignments) -> AssignmentsResult:
    """List who watches what, and when each account is looked at next."""
    client = call.state.context.redis
    drained = call.store.drained.list_all()
    there = [
        presence.member
        for presence in members.list_members(client)
        if presence.is_there and presence.member.node not in drained
    ]
    kinds = read_placed(client) if params.kind is None else (params.kind,)
    found = []
    for kind in kinds:
        placement = Placement(member for member in there if kind in member.kinds)
        owned = ((task, placement.find_owner(task)) for task in schedule.list_all(client, kind))
        found += [(task, kind, owner) for task, owner in owned if params.worker in (None, owner)]
    page, cursor = take_page(found, lambda each: str(each[0]), params)
    due = {
        kind: dict(zip(tasks, schedule.list_due_times(client, kind, tasks), strict=True))
        for kind in kinds
        if (tasks := [task for task, its_kind, _ in page if its_kind == kind])
    }
    assignments = tuple(
        Assignment(task_id=task, kind=kind, worker=owner, due_in=due[kind][task])
        for task, kind, owner in page
    )
    return AssignmentsResult(assignments=assignments, next_cursor=cursor)


@method("drainWorker", needs("coordinator:rw"), errors={"worker_not_found": 404})
def drain_worker(call: Call, params: WorkerRef) -> Done:
    """Give a worker no more accounts to watch: its own go to the others at the next tick."""
    known = members.list_members(call.state.context.redis)
    if all(presence.member.node != params.worker for presence in known):
        raise NotFoundError("worker_not_found", f"There is no worker `{params.worker}`")
    call.store.drained.add(params.worker)
    return Done()


@method("undrainWorker", needs("coordinator:rw"), errors={"worker_not_drained": 404})
def undrain_worker(call: Call, params: WorkerRef) -> Done:
    """Give a worker that was drained its accounts back."""
    if not call.store.drained.remove(params.worker):
        raise NotFoundError("worker_not_drained", f"The worker `{params.worker}` is not drained")
    return Done()
