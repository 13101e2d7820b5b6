"""The accounts to watch."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

import redis
from pydantic import AfterValidator, ValidationInfo, field_validator
from pydantic.types import StringConstraints

from api.rpc import Call, Params, Result, method
from stargazer.accounts import Permission
from stargazer.context import Context
from stargazer.coordinator import schedule_now
from stargazer.errors import ConflictError, NotFoundError
from stargazer.models import Entity, Task

log = logging.getLogger(__name__)


class YouTubeAccount(Params):
    """A channel."""

    channel_id: Annotated[str, StringConstraints(pattern=r"^UC[A-Za-z0-9_-]{22}$")]


#: What names an account, by the kind of Task that watches it.
ACCOUNTS: Mapping[str, type[Params]] = {"youtube": YouTubeAccount}


def _check_kind(kind: str) -> str:
    if kind not in ACCOUNTS:
        raise ValueError(f"there is no kind {kind!r}, only {', '.join(ACCOUNTS)}")
    return kind


class NewTask(Params):
    """An account: where it is, and what it is called there."""

    kind: Annotated[str, AfterValidator(_check_kind)]
    params: dict[str, Any]

    @field_validator("params")
    @classmethod
    def _check_params(cls, params: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        # Where the kind is wrong, its own problem is named and nothing is known of its params.
        account = ACCOUNTS.get(info.data.get("kind", ""))
        return account.model_validate(params, strict=True).model_dump() if account else params


class AddTask(NewTask):
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


def watch_account(context: Context, entity: Entity, account: NewTask, now: datetime) -> Task:
    """Watch an account from now on.

    :raises ConflictError: when the Entity has this account already.
    """
    store = context.store
    # Who is answered with 503 has changed nothing, and may try again.
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
    try:
        schedule_now(context.redis, task.kind, task.id, now)
    except redis.RedisError:
        # It is in the database, from which the next reconciliation schedules it.
        log.warning("schedule_failed", extra={"task_id": task.id})
    log.info("task_added", extra={"task_id": task.id, "kind": task.kind, "entity": entity.id})
    return task


def show_task(task: Task) -> TaskResult:
    """Give a Task as it is answered."""
    return TaskResult(id=task.id, kind=task.kind, params=task.params)
