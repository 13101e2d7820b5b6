"""What an import changes: decided here, from what is there and what the file wants. All pure."""

from uuid import UUID

from stargazer.models import Entity, Group, Task, User
from stargazer.moving.contents import Contents, MovedEntity, MovedTask, Waiting
from stargazer.moving.filters import leave_out, list_named, rename, unite
from stargazer.moving.plans import Here, Outcome, Plan, Rules, show_task, show_user
from stargazer.platforms.registry import PLATFORMS

_LANGUAGE = "en"


def plan(page: Contents, here: Here, rules: Rules) -> Plan:
    """Decide what a page changes.

    What is the same already is not written; what is another one here stays as it is, unless the
    file is to be right; what only the file has is added, also to what a User hears.
    """
    made = Plan()
    for remark in page.remarks:
        outcome = Outcome.SKIPPED if remark.is_lost else Outcome.DIFFERS
        made.note(outcome, "line", remark.place, detail=remark.reason)
    for group in page.groups:
        _plan_group(made, page, group, here, rules)
    for entity in page.entities:
        _plan_entity(made, page, entity, here, rules)
    for user in page.users:
        _plan_user(made, page, user, here, rules)
    for waiting in page.waiting:
        _plan_waiting(made, waiting, here)
    return made


def _plan_group(made: Plan, page: Contents, group: Group, here: Here, rules: Rules) -> None:
    group = group.model_copy(update={"id": rules.names.get(group.id, group.id)})
    known, name = here.groups.get(group.id), group.name.get_in(_LANGUAGE)
    if known is None:
        made.groups.append(group)
        made.note(Outcome.ADDED, "group", name, group.id)
    elif page.is_foreign or known.name == group.name:
        made.note(Outcome.SAME, "group", name, group.id)
    elif rules.overwrite:
        made.renamed_groups.append(group)
        made.note(Outcome.CHANGED, "group", name, group.id, "its names")
    else:
        made.note(Outcome.KEPT, "group", name, group.id, "its names are others here")


def _plan_entity(made: Plan, page: Contents, moved: MovedEntity, here: Here, rules: Rules) -> None:
    key = rules.names.get(moved.id, moved.id)
    known, name = here.entities.get(key), moved.meta.name.get_in(_LANGUAGE)
    meta = moved.meta
    if meta.group is not None:
        group = rules.names.get(meta.group, meta.group)
        if group in here.absent:
            made.note(Outcome.DIFFERS, "entity", name, key, "without its group, which is nowhere")
        meta = meta.model_copy(update={"group": None if group in here.absent else group})
    if known is None:
        tasks = [_own(each, key) for each in moved.tasks]
        new = [each for each in tasks if _is_free(made, each.task, here)]
        # In the order in which they are given, whoever is named twice once.
        made.entities.append(
            Entity(id=key, meta=meta, tasks=tuple(dict.fromkeys(each.task.id for each in new)))
        )
        made.note(Outcome.ADDED, "entity", name, key, _say_number(len(new), "account"))
        for each in new:
            _add_task(made, each)
        return
    if page.is_foreign or known.meta == meta:
        made.note(Outcome.SAME, "entity", name, key)
    elif rules.overwrite:
        made.renamed_entities.append(known.model_copy(update={"meta": meta}))
        made.note(Outcome.CHANGED, "entity", name, key, "its names or its group")
    else:
        made.note(Outcome.KEPT, "entity", name, key, "its names or its group are others here")
    for task in moved.tasks:
        _plan_task(made, page, _own(task, key), known, here, rules)


def _own(moved: MovedTask, entity: UUID) -> MovedTask:
    if moved.task.entity == entity:
        return moved
    task = moved.task.model_copy(update={"entity": entity})
    return moved.model_copy(update={"task": task})


def _is_free(made: Plan, task: Task, here: Here) -> bool:
    if task.kind not in PLATFORMS:
        reason = f"nobody here watches {task.kind}"
    elif task.id in here.tasks:
        reason = "another entity has a task of this id"
    else:
        return True
    made.note(Outcome.SKIPPED, "task", show_task(task), detail=reason)
    return False


def _add_task(made: Plan, moved: MovedTask) -> None:
    made.tasks.append(moved)
    made.note(Outcome.ADDED, "task", show_task(moved.task), moved.task.id)


def _plan_task(
    made: Plan, page: Contents, moved: MovedTask, entity: Entity, here: Here, rules: Rules
) -> None:
    task, name = moved.task, show_task(moved.task)
    watched = here.watched.get(entity.id, [])
    known = next((each for each in watched if _get_account(each) == _get_account(task)), None)
    if known is not None:
        if known.paused == task.paused or not page.tells_pauses:
            made.note(Outcome.SAME, "task", name, known.id)
        elif rules.overwrite:
            made.toggled_tasks.append(known)
            made.note(Outcome.CHANGED, "task", name, known.id, _say_paused(task))
        else:
            made.note(Outcome.KEPT, "task", name, known.id, f"here it is {_say_paused(known)}")
        return
    other = here.tasks.get(task.id)
    if other is not None and other.entity == entity.id:
        made.note(Outcome.KEPT, "task", name, task.id, f"here it is {show_task(other)}")
    elif _is_free(made, task, here):
        made.owners[entity.id] = entity
        _add_task(made, moved)


def _get_account(task: Task) -> tuple[str, dict[str, str]]:
    return task.kind, task.params


def _say_paused(task: Task) -> str:
    return "paused" if task.paused else "not paused"


def _plan_user(made: Plan, page: Contents, user: User, here: Here, rules: Rules) -> None:
    wish = rename(user.event_filter, rules.names)
    gone = here.absent & (list_named(wish) | wish.groups)
    user = user.model_copy(update={"event_filter": leave_out(wish, gone, gone)})
    name = show_user(user)
    there = here.chats.get((user.im, user.im_payload))
    known = there or here.users.get(user.id)
    if known is None:
        if user.sealed is not None and not rules.can_read(user.sealed):
            made.note(Outcome.SKIPPED, "user", name, user.id, _ANOTHER_KEY)
            return
        made.users.append(user)
        made.note(Outcome.ADDED, "user", name, user.id, _count(user))
    else:
        if there is None:
            made.note(Outcome.KEPT, "user", name, known.id, f"here it is {known.im_payload}")
        _merge_user(made, page, known, user, rules)
    if gone:
        what = f"without {len(gone)} that it names and that are nowhere"
        made.note(Outcome.DIFFERS, "user", name, known.id if known else user.id, what)


_ANOTHER_KEY = (
    "its address is encrypted with another STARGAZER_SECRET_KEY; put that key behind yours, with a"
    " comma between, and import again"
)


def _merge_user(made: Plan, page: Contents, known: User, user: User, rules: Rules) -> None:
    fields = [each for each in page.user_fields if getattr(user, each) != getattr(known, each)]
    after, name = known, show_user(known)
    kept: list[str] = []
    remarks: tuple[str, ...] = ()
    for each in fields:
        if rules.overwrite and not page.is_foreign:
            after = after.model_copy(update={each: getattr(user, each)})
        elif each == "event_filter":
            wish, remarks = unite(known.event_filter, user.event_filter, rules.get_group)
            after = after.model_copy(update={each: wish})
        elif getattr(known, each) == "":
            after = after.model_copy(update={each: getattr(user, each)})
        else:
            kept.append(each)
    changed = [each for each in fields if getattr(after, each) != getattr(known, each)]
    if changed:
        made.changed_users.append(after)
        made.users_before[known.id] = known
        made.note(Outcome.CHANGED, "user", name, known.id, _show_fields(changed))
    elif not kept:
        made.note(Outcome.SAME, "user", name, known.id)
    if kept:
        detail = f"{_show_fields(kept)}: another one here"
        made.note(Outcome.KEPT, "user", name, known.id, detail)
    for remark in remarks:
        made.note(Outcome.DIFFERS, "user", name, known.id, remark)


def _plan_waiting(made: Plan, waiting: Waiting, here: Here) -> None:
    name = f"{waiting.event.kind} for {waiting.due_at:%Y-%m-%d %H:%M} UTC"
    if waiting.key in here.waiting or str(waiting.event.id) in here.waiting:
        made.note(Outcome.SAME, "waiting", name, waiting.event.id)
    elif waiting.event.entity in here.absent:
        made.note(Outcome.SKIPPED, "waiting", name, detail="its entity is nowhere")
    else:
        made.waiting.append(waiting)
        made.note(Outcome.ADDED, "waiting", name, waiting.event.id)


def _count(user: User) -> str:
    wish = user.event_filter
    named = (len(wish.entities), "VTuber"), (len(wish.groups), "group")
    told = " and ".join(filter(None, (_say_number(number, what) for number, what in named)))
    return f"hears {told}" if told else "hears nothing yet"


def _say_number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def _show_fields(names: list[str]) -> str:
    shown = {"event_filter": "what it hears", "paused_at": ""}
    return ", ".join(filter(None, (shown.get(name, name) for name in names)))
