"""A line of our own format: one thing, and how it is written in JSON."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from stargazer.errors import explain
from stargazer.models import (
    Broadcast,
    BroadcastState,
    Fields,
    Group,
    Meta,
    OutboxState,
    StoredEvent,
    Task,
    Time,
    User,
    Watch,
)
from stargazer.moving.checking import find_problems, find_task_problem, leave_unknown
from stargazer.moving.contents import FileError, MovedEntity, MovedTask, Remark, Waiting
from stargazer.store.documents import to_value

#: Of one that is over nothing is asked any more but that it is known.
_OVER = {BroadcastState.VIDEO, BroadcastState.ENDED}
#: How watching goes is another machine's to find out anew; what it has read is not.
_WATCH = ("looked_at", "etag", "last_modified")


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Broadcast(Broadcast):
    task: UUID = UUID(int=0)


class _Task(_Line):
    id: UUID
    kind: str
    params: dict[str, str]
    created_at: Time
    paused: bool = False
    looked_at: Time | None = None
    etag: str | None = None
    last_modified: str | None = None
    memory: Fields | None = None
    broadcasts: tuple[_Broadcast, ...] = ()


class _Entity(_Line):
    id: UUID
    meta: Meta
    tasks: tuple[_Task, ...] = ()


class _Waiting(_Line):
    key: str
    due_at: Time
    event: StoredEvent


class _Item(_Line):
    group: Group | None = None
    entity: _Entity | None = None
    user: User | None = None
    waiting: _Waiting | None = None
    end: dict[str, int] | None = None


def read_line(line: bytes, number: int) -> tuple[str, Any, list[Remark]]:
    """Read a line: what it has, that thing, and what of it cannot be taken over as it is.

    :raises FileError: when it is wrong, with its number.
    """
    try:
        item = _Item.model_validate(from_json(line, allow_inf_nan=False))
    except ValidationError as exc:
        raise FileError("\n".join(f"line {number}: {each}" for each in explain(exc))) from None
    except ValueError as exc:
        raise FileError(f"line {number}: this is no JSON: {exc}") from None
    given = [name for name in _Item.model_fields if getattr(item, name) is not None]
    if len(given) != 1:
        raise FileError(f"line {number}: expected one of {', '.join(_Item.model_fields)}")
    what, remarks = given[0], []
    thing: Any = getattr(item, what)
    problems: list[str] = []
    if isinstance(thing, User):
        thing, unknown = leave_unknown(thing)
        problems = list(find_problems(thing))
        if unknown:
            reason = f"without {', '.join(sorted(unknown))}, which there is not here"
            remarks.append(Remark(place=f"line {number}, user", reason=reason, is_lost=False))
    elif isinstance(thing, _Entity):
        thing = _read_entity(thing)
        found = (find_task_problem(moved.task) for moved in thing.tasks)
        problems = [f"`tasks.{at}`: {problem}" for at, problem in enumerate(found) if problem]
    elif isinstance(thing, _Waiting):
        thing = Waiting(key=thing.key, due_at=thing.due_at, event=thing.event)
        if thing.event.state != OutboxState.HELD:
            problems = ["`event.state`: what waits is held"]
    if problems:
        raise FileError("\n".join(f"line {number}: {what}: {problem}" for problem in problems))
    return what, thing, remarks


def _read_entity(entity: _Entity) -> MovedEntity:
    return MovedEntity(
        id=entity.id,
        meta=entity.meta,
        tasks=tuple(_read_task(entity.id, task) for task in entity.tasks),
    )


def _read_task(entity: UUID, read: _Task) -> MovedTask:
    watch = Watch(looked_at=read.looked_at, etag=read.etag, last_modified=read.last_modified)
    task = Task(
        id=read.id,
        entity=entity,
        kind=read.kind,
        params=read.params,
        created_at=read.created_at,
        paused=read.paused,
        watch=watch,
    )
    broadcasts = tuple(
        Broadcast(**{**dict(each), "task": read.id, "version": 1}) for each in read.broadcasts
    )
    memory = None if read.memory is None else _read_dates(read.memory)
    return MovedTask(task=task, memory=memory, broadcasts=broadcasts)


def show_task(moved: MovedTask) -> Fields:
    """Give what is written of an account."""
    task = moved.task
    shown: Fields = {
        "id": task.id,
        "kind": task.kind,
        "params": task.params,
        "created_at": task.created_at,
        "paused": task.paused,
        **{name: getattr(task.watch, name) for name in _WATCH},
    }
    if moved.memory is not None:
        shown["memory"] = _mark_dates(moved.memory)
    broadcasts = sorted(moved.broadcasts, key=lambda each: each.source_id)
    if broadcasts:
        shown["broadcasts"] = list(map(_show_broadcast, broadcasts))
    return shown


def _show_broadcast(broadcast: Broadcast) -> Fields:
    if broadcast.state in _OVER:
        return {"source_id": broadcast.source_id, "state": broadcast.state}
    return {name: each for name, each in broadcast if name not in ("task", "version")}


def _mark_dates(value: Any) -> Any:
    match value:
        case datetime():
            return {"$date": value}
        case dict():
            return {key: _mark_dates(each) for key, each in value.items()}
        case list():
            return [_mark_dates(each) for each in value]
    return value


def _read_dates(value: Any) -> Any:
    match value:
        case {"$date": str(at), **rest} if not rest:
            try:
                return datetime.fromisoformat(at)
            except ValueError:
                return value
        case dict():
            return {key: _read_dates(each) for key, each in value.items()}
        case list():
            return [_read_dates(each) for each in value]
    return value


def write_line(item: Fields) -> str:
    """Write a line; two things that are the same are the same line, whatever made them."""
    first = {name: to_value(each) for name, each in item.items()}
    return json.dumps(
        first,
        sort_keys="stargazer" not in item,
        ensure_ascii=False,
        default=_write_time,
        separators=(",", ":"),
    )


def _write_time(value: Any) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} is not written")
    at = value if value.tzinfo else value.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
