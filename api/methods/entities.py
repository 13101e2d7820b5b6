"""Who is watched."""

from collections import defaultdict
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.methods.tasks import TaskResult, show_task
from api.rpc import Call, NoParams, Params, Result, method
from stargazer.accounts import Permission
from stargazer.errors import InvalidError, NotFoundError
from stargazer.models import Entity, Meta, Task
from stargazer.watching import NewTask, watch_account


class AddEntity(Params):
    """Names, a Group if there is one, and the accounts."""

    meta: Meta
    tasks: Annotated[tuple[NewTask, ...], Field(max_length=50)] = ()


class EntityResult(Result):
    """An Entity with its Tasks, oldest first."""

    id: UUID
    meta: Meta
    tasks: tuple[TaskResult, ...]


class EntitiesResult(Result):
    """All Entities, in the order of their ids."""

    entities: tuple[EntityResult, ...]


@method("addEntity", Permission("admin", "rw"), "newEntity")
def add_entity(call: Call, params: AddEntity) -> EntityResult:
    """Add a VTuber, and watch its accounts at once."""
    context = call.state.context
    group = params.meta.group
    if group and context.store.groups.find(group) is None:
        raise NotFoundError("group_not_found", f"Cannot find group with ID `{group}`")
    accounts = [(task.kind, task.params) for task in params.tasks]
    doubled = [
        f"`tasks.{position}`: the same account as one before"
        for position, account in enumerate(accounts)
        if account in accounts[:position]
    ]
    if doubled:
        raise InvalidError("invalid_parameters", *doubled)
    context.redis.ping()
    entity = Entity(meta=params.meta)
    context.store.entities.save(entity)
    added = [watch_account(context, entity, account, call.now) for account in params.tasks]
    return _show(entity, added)


@method("getEntities", Permission("api", "ro"))
def get_entities(call: Call, params: NoParams) -> EntitiesResult:  # noqa: ARG001 - there are none
    """List everybody who is watched, with their accounts."""
    store = call.state.context.store
    by_entity = defaultdict(list)
    for task in store.tasks.list_all():
        by_entity[task.entity].append(task)
    entities = sorted(store.entities.list_all(), key=lambda entity: entity.id)
    return EntitiesResult(
        entities=tuple(_show(entity, by_entity[entity.id]) for entity in entities)
    )


def _show(entity: Entity, watched: list[Task]) -> EntityResult:
    shown = sorted(watched, key=lambda task: task.created_at)
    return EntityResult(id=entity.id, meta=entity.meta, tasks=tuple(map(show_task, shown)))
