"""The accounts to watch."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from api.auth import needs
from api.paging import Page, Paged, take_page
from api.rpc import Call, Done, Params, Result, method
from stargazer.errors import NotFoundError
from stargazer.models import Entity, Task
from stargazer.platforms.youtube import YOUTUBE
from stargazer.store import Store
from stargazer.watching import (
    NewTask,
    change_account,
    pause_account,
    release_leases,
    resolve_params,
    unwatch_account,
    watch_account,
)

UNKNOWN_ENTITY = {"entity_not_found": 404}
UNKNOWN_TASK = {"task_not_found": 404}
TASK_EXISTS = {"task_exists": 409}
UNRESOLVED = {"unknown_account": 400, "platform_unavailable": 503}


class AddTask(NewTask, Params):
    """An account, and whose it is.

    :ivar entity_id: the Entity whose account it is.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entity_id": "0b51a0c2-6e4d-4a4f-9b0e-6f6a8f1f2a11",
                    "kind": YOUTUBE.kind,
                    "params": dict(YOUTUBE.example),
                }
            ]
        }
    )

    entity_id: UUID


class TaskRef(Params):
    """Which Task.

    :ivar task_id: its id.
    """

    task_id: UUID


class UpdateTask(TaskRef):
    """What is to change; what is left out stays.

    :ivar params: what names the account that is watched instead.
    :ivar paused: whether to look at it no more for now.
    """

    params: Annotated[dict[str, Any], Field(examples=[YOUTUBE.example])] | None = None
    paused: bool | None = None


class GetTasks(Page):
    """All Tasks, or those of one Entity or kind.

    :ivar entity_id: the Entity.
    :ivar kind: the platform, such as ``youtube``.
    """

    entity_id: UUID | None = None
    kind: str | None = None


class TaskResult(Result):
    """A Task: an account that is watched.

    :ivar id: its id.
    :ivar kind: the platform, such as ``youtube``.
    :ivar params: what names the account there.
    """

    id: UUID
    kind: str
    params: dict[str, str]


class WatchedTask(TaskResult):
    """A Task, and how watching it goes.

    :ivar entity_id: whose account it is.
    :ivar created_at: since when it is watched.
    :ivar paused: whether an operator wants it not to be looked at for now.
    :ivar looked_at: when its platform was last read with success.
    :ivar failures: how often in a row it was not.
    :ivar failed_at: when that was last.
    :ivar last_error: the reason.
    :ivar paused_until: when it is tried again after that.
    :ivar gone: whether the platform says that there is no such account.
    """

    entity_id: UUID
    created_at: datetime
    paused: bool
    looked_at: datetime | None
    failures: int
    failed_at: datetime | None
    last_error: str | None
    paused_until: datetime | None
    gone: bool


class TasksResult(Paged):
    """Tasks, in the order of their ids.

    :ivar tasks: those of this page.
    """

    tasks: tuple[WatchedTask, ...]


@method("getTasks", needs("admin:ro"), errors=UNKNOWN_ENTITY)
def get_tasks(call: Call, params: GetTasks) -> TasksResult:
    """List the accounts to watch, and how watching them goes."""
    tasks = call.store.tasks
    if params.entity_id is None:
        found = tasks.list_all()
    else:
        found = iter(tasks.list_by_entity(get_entity(call.store, params.entity_id).id))
    wanted = (task for task in found if params.kind in (None, task.kind))
    page, cursor = take_page(wanted, lambda task: str(task.id), params)
    return TasksResult(tasks=tuple(map(show_watched, page)), next_cursor=cursor)


@method(
    "addTask",
    needs("admin:rw"),
    "newTask",
    errors={**UNKNOWN_ENTITY, **TASK_EXISTS, **UNRESOLVED},
    asks=True,
)
def add_task(call: Call, params: AddTask) -> WatchedTask:
    """Watch one more account of an entity, at once."""
    entity = get_entity(call.store, params.entity_id)
    account = params.resolve(call.state.context)
    return show_watched(watch_account(call.state.context, entity, account, call.now))


@method(
    "updateTask",
    needs("admin:rw"),
    errors={**UNKNOWN_TASK, **TASK_EXISTS, **UNRESOLVED},
    asks=True,
)
def update_task(call: Call, params: UpdateTask) -> WatchedTask:
    """Watch another account instead, pause it, or go on; what is there by then is not told."""
    context = call.state.context
    task = get_task(call.store, params.task_id)
    if params.params is not None:
        account = resolve_params(context, task.kind, params.params)
        before = task
        task = change_account(context, task, account.params, call.now)
        _let_go(call, before)
    if params.paused is not None:
        task = pause_account(context, task, call.now, paused=params.paused)
    return show_watched(task)


@method("delTask", needs("admin:rw"), errors=UNKNOWN_TASK)
def delete_task(call: Call, params: TaskRef) -> Done:
    """Watch an account no more."""
    stop_watching(call, get_task(call.store, params.task_id))
    return Done()


def stop_watching(call: Call, task: Task) -> None:
    """Forget a Task, and the subscription at a hub if no other Task needs it."""
    unwatch_account(call.state.context, task)
    _let_go(call, task)


def show_task(task: Task) -> TaskResult:
    """Give a Task as it is answered with its Entity."""
    return TaskResult(id=task.id, kind=task.kind, params=task.params)


def get_entity(store: Store, key: UUID) -> Entity:
    """Read an Entity.

    :raises NotFoundError: when there is none.
    """
    entity = store.entities.find(key)
    if entity is None:
        raise NotFoundError("entity_not_found", f"Cannot find entity with ID `{key}`")
    return entity


def _let_go(call: Call, task: Task) -> None:
    # If the broker does not take it, the hub hears at its next push that we are gone.
    for lease in release_leases(call.store, task, call.now):
        call.state.broker.try_send("websub.ask", lease.token)


def get_task(store: Store, key: UUID) -> Task:
    """Read a Task.

    :raises NotFoundError: when there is none.
    """
    task = store.tasks.find(key)
    if task is None:
        raise NotFoundError("task_not_found", f"Cannot find task with ID `{key}`")
    return task


def show_watched(task: Task) -> WatchedTask:
    """Give a Task with how watching it goes."""
    watch = task.watch
    return WatchedTask(
        id=task.id,
        kind=task.kind,
        params=task.params,
        entity_id=task.entity,
        created_at=task.created_at,
        paused=task.paused,
        looked_at=watch.looked_at,
        failures=watch.failures,
        failed_at=watch.failed_at,
        last_error=watch.last_error,
        paused_until=watch.paused_until,
        gone=watch.gone,
    )
