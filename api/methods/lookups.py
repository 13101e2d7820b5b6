"""Whose account an address names, and who watches it already."""

from uuid import UUID

from pydantic import ConfigDict

from api.auth import needs
from api.methods.tasks import UNRESOLVED
from api.rpc import Call, Params, Result, method
from stargazer.models import Meta
from stargazer.watching import NewTask


class ResolveAccount(NewTask, Params):
    """An account, as people have it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"address": "https://www.youtube.com/@TokinoSora"}]}
    )


class Watcher(Result):
    """An Entity that has the account already.

    :ivar entity_id: the Entity.
    :ivar meta: its names, and its Group if there is one; null where the Entity was removed.
    :ivar task_id: the Task by which the account is watched.
    :ivar paused: whether an operator wants it not to be looked at for now.
    """

    entity_id: UUID
    meta: Meta | None
    task_id: UUID
    paused: bool


class ResolvedResult(Result):
    """An account, as a Task names it.

    :ivar kind: the platform.
    :ivar params: what names the account there.
    :ivar watched_by: whose it is already; empty for one that nobody watches.
    """

    kind: str
    params: dict[str, str]
    watched_by: tuple[Watcher, ...]


@method("resolveAccount", needs("admin:rw"), errors=UNRESOLVED, asks=True)
def resolve_account(call: Call, params: ResolveAccount) -> ResolvedResult:
    """Find out whose account an address names, and whether it is watched; nothing is changed.

    It may ask the platform, or read the page at the address, as adding the account would: hence
    the permission. Of a channel of YouTube an index tells who watches it; for other platforms all
    Tasks are looked at.
    """
    account = params.resolve(call.state.context)
    tasks = call.store.tasks.list_by_account(account.kind, account.params)
    entities = call.store.entities.list_by_ids(list({task.entity for task in tasks}))
    metas = {entity.id: entity.meta for entity in entities}
    return ResolvedResult(
        kind=account.kind,
        params=account.params,
        watched_by=tuple(
            Watcher(
                entity_id=task.entity,
                meta=metas.get(task.entity),
                task_id=task.id,
                paused=task.paused,
            )
            for task in sorted(tasks, key=lambda task: task.created_at)
        ),
    )
