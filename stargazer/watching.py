"""Beginning to watch an account: what names one, by kind, and what has to be written for it."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid5

import redis
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from stargazer.context import Context
from stargazer.coordinator import schedule_now
from stargazer.errors import ConflictError
from stargazer.models import Entity, Task

log = logging.getLogger(__name__)


class YouTubeParams(BaseModel):
    """A channel."""

    model_config = ConfigDict(extra="forbid", strict=True)

    channel_id: Annotated[str, StringConstraints(pattern=r"^UC[A-Za-z0-9_-]{22}$")]


#: What names an account, by the kind of Task that watches it.
PARAMS: Mapping[str, type[BaseModel]] = {"youtube": YouTubeParams}


def _check_kind(kind: str) -> str:
    if kind not in PARAMS:
        raise ValueError(f"there is no kind {kind!r}, only {', '.join(PARAMS)}")
    return kind


class NewTask(BaseModel):
    """An account: where it is, and what it is called there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, AfterValidator(_check_kind)]
    params: dict[str, Any]

    @field_validator("params")
    @classmethod
    def _check_params(cls, params: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        # Where the kind is wrong, its own problem is named and nothing is known of its params.
        model = PARAMS.get(info.data.get("kind", ""))
        return model.model_validate(params).model_dump() if model else params


def watch_account(context: Context, entity: Entity, account: NewTask, now: datetime) -> Task:
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
    try:
        schedule_now(context.redis, task.kind, task.id, now)
    except redis.RedisError:
        # It is in the database, from which the next reconciliation schedules it.
        log.warning("schedule_failed", extra={"task_id": task.id})
    log.info("task_added", extra={"task_id": task.id, "kind": task.kind, "entity": entity.id})
    return task
