"""Who is watched."""

from collections import defaultdict
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.auth import ANY_CALLER, needs
from api.methods.groups import UNKNOWN_GROUP, get_group
from api.methods.tasks import (
    UNKNOWN_ENTITY,
    UNRESOLVED,
    TaskResult,
    get_entity,
    show_task,
    stop_watching,
)
from api.paging import Page, Paged, take_page
from api.rpc import Call, Done, Params, Result, method
from api.snapshots import Snapshot
from stargazer.context import Context
from stargazer.errors import InvalidError
from stargazer.models import Entity, Meta, Task
from stargazer.platforms.registry import Account
from stargazer.store import WATCHED, Store
from stargazer.watching import NewTask, watch_account


class NewEntity(Params):
    """Who is to be watched.

    :ivar meta: names, and a Group if there is one.
    :ivar tasks: the accounts.
    """

    meta: Meta
    tasks: Annotated[tuple[NewTask, ...], Field(max_length=50)] = ()


class EntityRef(Params):
    """Which Entity.

    :ivar entity_id: its id.
    """

    entity_id: UUID


class UpdateEntity(EntityRef):
    """Which Entity, and what is told of it from now on.

    :ivar meta: names, and a Group if there is one; all of it, what is left out is forgotten.
    """

    meta: Meta


class EntityResult(Result):
    """An Entity.

    :ivar id: its id.
    :ivar meta: its names, and its Group if there is one.
    :ivar tasks: its accounts, oldest first.
    """

    id: UUID
    meta: Meta
    tasks: tuple[TaskResult, ...]


class EntitiesResult(Paged):
    """Entities, in the order of their ids.

    :ivar entities: those of this page.
    """

    entities: tuple[EntityResult, ...]


@method("getEntities", ANY_CALLER)
def get_entities(call: Call, params: Page) -> EntitiesResult | Snapshot[EntitiesResult]:
    """List who is watched, with their accounts; without a limit, everybody."""
    store = call.store
    if params.limit is None and params.cursor is None:
        return call.state.snapshots.get(
            "getEntities", WATCHED, call.now, lambda: _list(store, params)
        )
    return _list(store, params)


@method("getEntity", ANY_CALLER, errors=UNKNOWN_ENTITY)
def get_one_entity(call: Call, params: EntityRef) -> EntityResult:
    """Look up who is watched."""
    entity = get_entity(call.store, params.entity_id)
    return _show(entity, call.store.tasks.list_by_entity(entity.id))


@method(
    "newEntity",
    needs("admin:rw"),
    "addEntity",
    errors={**UNKNOWN_GROUP, **UNRESOLVED},
    asks=True,
)
def new_entity(call: Call, params: NewEntity) -> EntityResult:
    """Add a VTuber, and watch its accounts at once."""
    context = call.state.context
    _check_group(call.store, params.meta)
    accounts = [_resolve(context, task, at) for at, task in enumerate(params.tasks)]
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
    added = [watch_account(context, entity, account, call.now) for account in accounts]
    return _show(entity, added)


@method("updateEntity", needs("admin:rw"), errors={**UNKNOWN_ENTITY, **UNKNOWN_GROUP})
def update_entity(call: Call, params: UpdateEntity) -> EntityResult:
    """Change the names or the group of a VTuber."""
    entity = get_entity(call.store, params.entity_id)
    _check_group(call.store, params.meta)
    entity = entity.model_copy(update={"meta": params.meta})
    call.store.entities.save_meta(entity)
    return _show(entity, call.store.tasks.list_by_entity(entity.id))


@method("delEntity", needs("admin:rw"), errors=UNKNOWN_ENTITY)
def delete_entity(call: Call, params: EntityRef) -> Done:
    """Forget a VTuber, its accounts, and that anybody wanted to hear of it."""
    store = call.store
    entity = get_entity(store, params.entity_id)
    for task in store.tasks.list_by_entity(entity.id):
        stop_watching(call, task)
    store.entities.delete(entity.id)
    subscribers = store.users.list_by_ids(store.subscriptions.delete_about(entity.id))
    for user in subscribers:
        left = user.event_filter.without(entity.id)
        store.users.save_choices(user.model_copy(update={"event_filter": left}))
    return Done()


def _list(store: Store, page: Page) -> EntitiesResult:
    entities, cursor = take_page(
        store.entities.list_all(), lambda entity: str(entity.id), page, default=None
    )
    by_entity = defaultdict(list)
    for task in store.tasks.list_all():
        by_entity[task.entity].append(task)
    return EntitiesResult(
        entities=tuple(_show(entity, by_entity[entity.id]) for entity in entities),
        next_cursor=cursor,
    )


def _resolve(context: Context, task: NewTask, position: int) -> Account:
    try:
        return task.resolve(context)
    except InvalidError as exc:
        # Of several accounts, which one it is.
        placed = (each.replace("`", f"`tasks.{position}.", 1) for each in exc.explanations)
        raise InvalidError(exc.code, *placed) from None


def _check_group(store: Store, meta: Meta) -> None:
    if meta.group is not None:
        get_group(store, meta.group)


def _show(entity: Entity, watched: list[Task]) -> EntityResult:
    shown = sorted(watched, key=lambda task: task.created_at)
    return EntityResult(id=entity.id, meta=entity.meta, tasks=tuple(map(show_task, shown)))
