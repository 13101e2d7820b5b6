"""Beginning and ending to watch an account: what names one, by kind, and what is written for it."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import uuid5

import redis
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from stargazer.context import Context
from stargazer.coordinator.schedule import forget, schedule_now, schedule_soon
from stargazer.errors import ConflictError, InvalidError, explain
from stargazer.models import Entity, Lease, LeaseState, Task, Watch
from stargazer.platforms.registry import (
    LONGEST_PASTE,
    PLATFORMS,
    Account,
    read_pasted,
    resolve_account,
    resolve_address,
)
from stargazer.platforms.youtube import YOUTUBE
from stargazer.store import Store

log = logging.getLogger(__name__)


def _check_kind(kind: str) -> str:
    if kind not in PLATFORMS:
        raise ValueError(f"there is no kind {kind!r}, only {', '.join(PLATFORMS)}")
    return kind


class NewTask(BaseModel):
    """An account: where it is and what it is called there, or the address of its page.

    :ivar kind: the platform, such as ``youtube``.
    :ivar params: what names the account there, as people have it: for ``youtube`` its
        ``channel_id``, which may also be a handle such as ``@name``, or an address.
    :ivar address: of the account's page, in place of ``kind`` and ``params``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, AfterValidator(_check_kind), Field(examples=["youtube"])] | None = None
    params: Annotated[dict[str, Any], Field(examples=[YOUTUBE.example])] | None = None
    address: Annotated[str, Field(min_length=1, max_length=LONGEST_PASTE)] | None = None

    @field_validator("params")
    @classmethod
    def _check_params(
        cls, params: dict[str, Any] | None, info: ValidationInfo
    ) -> dict[str, Any] | None:
        # Where the kind is wrong, its own problem is named and nothing is known of its params.
        kind = info.data.get("kind")
        return params if params is None or kind is None else read_pasted(kind, params)

    @model_validator(mode="after")
    def _check_either(self) -> Self:
        if self.address is not None and (self.kind is not None or self.params is not None):
            raise ValueError("either `address`, or `kind` and `params`")
        if self.address is None and (self.kind is None or self.params is None):
            raise ValueError("`kind` and `params` are needed, or `address`")
        return self

    def resolve(self, context: Context) -> Account:
        """Find the account.

        :raises InvalidError: naming every problem with its path, or what was tried.
        :raises PlatformAwayError: when the platform would know, and cannot be asked.
        """
        if self.address is not None:
            return resolve_address(context, self.address)
        if self.kind is None or self.params is None:
            raise TypeError("the validator lets no such account pass")
        return resolve_account(context, self.kind, self.params)


def resolve_params(context: Context, kind: str, params: dict[str, Any]) -> Account:
    """Find the account that parameters name, as people have them.

    :raises InvalidError: naming every problem with its path, or what was tried.
    :raises PlatformAwayError: when the platform would know, and cannot be asked.
    """
    try:
        account = NewTask(kind=kind, params=params)
    except ValidationError as exc:
        raise InvalidError("invalid_parameters", *explain(exc)) from None
    return account.resolve(context)


def watch_account(context: Context, entity: Entity, account: Account, now: datetime) -> Task:
    """Watch an account from now on.

    :param entity: stored already.
    :raises ConflictError: when the Entity has this account already.
    """
    store = context.store
    # Who is told that Redis is away has changed nothing, and may try again.
    context.redis.ping()
    task = Task(
        # An id that follows from the account keeps two calls at the same time from adding it twice.
        id=uuid5(entity.id, " ".join((account.kind, *map(str, account.params.values())))),
        entity=entity.id,
        kind=account.kind,
        params=account.params,
        created_at=now,
    )
    present = store.tasks.list_by_account(task.kind, task.params)
    if any(each.entity == entity.id for each in present) or not store.tasks.insert(task):
        raise ConflictError(
            "task_exists", f"This account is watched for entity `{entity.id}` already"
        )
    store.entities.add_task(entity, task.id)
    _make_due(context, task)
    log.info("task_added", extra={"task_id": task.id, "kind": task.kind, "entity": entity.id})
    return task


def watch_all(context: Context, tasks: Sequence[Task]) -> None:
    """Watch accounts that were watched elsewhere.

    :param tasks: of Entities that are stored already, and have them on their lists.
    """
    added = context.store.tasks.insert_all(tasks)
    watched = [task for task in added if not task.paused]
    try:
        for kind in {task.kind for task in watched}:
            schedule_soon(context.redis, kind, (task.id for task in watched if task.kind == kind))
    except redis.RedisError:
        log.warning("schedule_failed", extra={"tasks": len(watched)})
    log.info("tasks_added", extra={"count": len(added)})


def change_account(context: Context, task: Task, params: dict[str, str], now: datetime) -> Task:
    """Watch another account in place of a Task's; what is there already is history.

    :param params: resolved.
    :raises ConflictError: when the Entity has that account already.
    """
    store = context.store
    if params == task.params:
        return task
    if any(each.entity == task.entity for each in store.tasks.list_by_account(task.kind, params)):
        raise ConflictError(
            "task_exists", f"This account is watched for entity `{task.entity}` already"
        )
    context.redis.ping()
    changed = task.model_copy(update={"params": params, "created_at": now, "watch": Watch()})
    store.tasks.save(changed)
    store.broadcasts.delete_of_task(task.id)
    store.memories.delete(task.id)
    _make_due(context, changed)
    return changed


def pause_account(context: Context, task: Task, now: datetime, *, paused: bool) -> Task:
    """Look at an account no more, or again; what happened there meanwhile is history."""
    if task.paused == paused:
        return task
    context.redis.ping()
    changed = task.model_copy(update={"paused": paused, "created_at": now})
    context.store.tasks.save(changed)
    if paused:
        forget(context.redis, task.kind, task.id)
    else:
        _make_due(context, changed)
    return changed


def unwatch_account(context: Context, task: Task) -> None:
    """Forget a Task, and all that is known of its broadcasts."""
    context.redis.ping()
    store = context.store
    store.entities.remove_task(task.entity, task.id)
    store.tasks.delete(task.id)
    store.broadcasts.delete_of_task(task.id)
    store.memories.delete(task.id)
    forget(context.redis, task.kind, task.id)
    log.info("task_removed", extra={"task_id": task.id, "kind": task.kind})


def release_leases(store: Store, task: Task, now: datetime) -> list[Lease]:
    """Give up the subscriptions that only this Task needed; whose end the hub is to be told."""
    platform = PLATFORMS.get(task.kind)
    if platform is None or store.tasks.list_by_account(task.kind, task.params):
        return []
    account = platform.name_account(task.params)
    lease = store.leases.find_by_account(task.kind, account)
    if lease is None:
        return []
    store.leases.update(lease.token, state=LeaseState.REMOVED, renew_at=now)
    return [lease]


def _make_due(context: Context, task: Task) -> None:
    try:
        schedule_now(context.redis, task.kind, task.id)
    except redis.RedisError:
        # It is in the database, from which the next reconciliation schedules it.
        log.warning("schedule_failed", extra={"task_id": task.id})
