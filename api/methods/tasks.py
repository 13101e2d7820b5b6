"""The accounts to watch."""

from uuid import UUID

from api.rpc import Call, Params, Result, method
from stargazer.accounts import Permission
from stargazer.errors import NotFoundError
from stargazer.models import Task
from stargazer.watching import NewTask, watch_account


class AddTask(NewTask, Params):
    """An account, and whose it is."""

    entity_id: UUID


class TaskResult(Result):
    """A Task."""

    id: UUID
    kind: str
    params: dict[str, str]


@method("addTask", Permission("admin", "rw"), "newTask")
def add_task(call: Call, params: AddTask) -> TaskResult:
    """Watch one more account of an Entity, at once."""
    context = call.state.context
    entity = context.store.entities.find(params.entity_id)
    if entity is None:
        raise NotFoundError("entity_not_found", f"Cannot find entity with ID `{params.entity_id}`")
    return show_task(watch_account(context, entity, params, call.now))


def show_task(task: Task) -> TaskResult:
    """Give a Task as it is answered."""
    return TaskResult(id=task.id, kind=task.kind, params=task.params)
