"""The agencies."""

from uuid import UUID

from api.auth import ANY_CALLER, needs
from api.paging import Page, Paged, take_page
from api.rpc import Call, Done, Params, Result, method
from stargazer.errors import ConflictError, NotFoundError
from stargazer.models import Group, Name
from stargazer.store import Store

UNKNOWN_GROUP = {"group_not_found": 404}


class NewGroup(Params):
    """An agency.

    :ivar name: its names.
    """

    name: Name


class GroupRef(Params):
    """Which Group.

    :ivar group_id: its id.
    """

    group_id: UUID


class UpdateGroup(GroupRef):
    """Which Group, and its new names.

    :ivar name: all its names.
    """

    name: Name


class GroupResult(Result):
    """A Group.

    :ivar id: its id.
    :ivar name: its names.
    """

    id: UUID
    name: Name


class GroupsResult(Paged):
    """Groups, in the order of their ids.

    :ivar groups: those of this page.
    """

    groups: tuple[GroupResult, ...]


@method("getGroups", ANY_CALLER)
def get_groups(call: Call, params: Page) -> GroupsResult:
    """List the agencies."""
    groups, cursor = take_page(call.store.groups.list_all(), lambda group: str(group.id), params)
    return GroupsResult(groups=tuple(map(_show, groups)), next_cursor=cursor)


@method("newGroup", needs("admin:rw"), "addGroup")
def new_group(call: Call, params: NewGroup) -> GroupResult:
    """Add an agency."""
    group = Group(name=params.name)
    call.store.groups.save(group)
    return _show(group)


@method("updateGroup", needs("admin:rw"), errors=UNKNOWN_GROUP)
def update_group(call: Call, params: UpdateGroup) -> GroupResult:
    """Give an agency other names."""
    group = get_group(call.store, params.group_id).model_copy(update={"name": params.name})
    call.store.groups.save(group)
    return _show(group)


@method("delGroup", needs("admin:rw"), errors={**UNKNOWN_GROUP, "group_in_use": 409})
def delete_group(call: Call, params: GroupRef) -> Done:
    """Remove an agency that has nobody left."""
    group = get_group(call.store, params.group_id)
    members = [each for each in call.store.entities.list_all() if each.meta.group == group.id]
    if members:
        raise ConflictError("group_in_use", f"This group has {len(members)} entities")
    call.store.groups.delete(group.id)
    users = call.store.users.list_by_ids(call.store.subscriptions.delete_about(group.id))
    for user in users:
        left = user.event_filter.model_copy(
            update={"groups": user.event_filter.groups - {group.id}}
        )
        call.store.users.save_choices(user.model_copy(update={"event_filter": left}))
    return Done()


def get_group(store: Store, key: UUID) -> Group:
    """Read a Group.

    :raises NotFoundError: when there is none.
    """
    group = store.groups.find(key)
    if group is None:
        raise NotFoundError("group_not_found", f"Cannot find group with ID `{key}`")
    return group


def _show(group: Group) -> GroupResult:
    return GroupResult(id=group.id, name=group.name)
