"""Reading a whole file before anything is done: who is in it, and whom of them we know already."""

from collections.abc import Iterable
from uuid import UUID

from stargazer.models import Group, Task
from stargazer.moving.contents import Contents, FileError, MovedEntity
from stargazer.search import fold
from stargazer.store import Store


class Survey:
    """Who is in a file.

    :param overwrite: whether the file is right where it says something else than what is here.
    :ivar groups: ids of Groups.
    :ivar members: the Group of each Entity.
    :ivar names: the ids here of what the file has under another one.
    """

    def __init__(self, store: Store, *, overwrite: bool) -> None:
        self._store = store
        self._overwrite = overwrite
        self.groups: set[UUID] = set()
        self.members: dict[UUID, UUID | None] = {}
        self.names: dict[UUID, UUID] = {}
        self._users: set[UUID] = set()
        self._chats: set[tuple[str, str]] = set()
        self._tasks: set[UUID] = set()

    def take(self, pages: Iterable[Contents]) -> None:
        """Read all pages.

        :raises FileError: when somebody is in there twice.
        """
        known = _Known(self._store)
        for page in pages:
            for group in page.groups:
                self._add("group", group.id, self.groups)
                if page.is_foreign:
                    self._rename(group.id, known.find_group(group))
            for entity in page.entities:
                if entity.id in self.members:
                    raise FileError(f"the entity {entity.id} is in it twice")
                self.members[entity.id] = entity.meta.group
                for moved in entity.tasks:
                    self._add("task", moved.task.id, self._tasks)
                if page.is_foreign:
                    self._rename(entity.id, known.find_entity(entity))
            for user in page.users:
                self._add("user", user.id, self._users)
                if (user.im, user.im_payload) in self._chats:
                    raise FileError(f"the {user.im} chat {user.im_payload} is in it twice")
                self._chats.add((user.im, user.im_payload))

    def get_group(self, entity: UUID) -> UUID | None:
        """Give the Group of an Entity, as it will be."""
        is_told = entity in self.members
        if not (is_told and self._overwrite):
            found = self._store.entities.find(entity)
            if found is not None:
                return found.meta.group
        group = self.members.get(entity)
        return None if group is None else self.names.get(group, group)

    def _add(self, what: str, key: UUID, seen: set[UUID]) -> None:
        if key in seen:
            raise FileError(f"the {what} {key} is in it twice")
        seen.add(key)

    def _rename(self, key: UUID, known: UUID | None) -> None:
        if known is not None and known != key:
            self.names[key] = known


class _Known:
    """Whom we know, by names and accounts; read when somebody asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._groups: dict[str, UUID] | None = None
        self._accounts: dict[tuple[str, ...], UUID] | None = None

    def find_group(self, group: Group) -> UUID | None:
        """Find the Group that is called the same in any language."""
        if self._groups is None:
            groups = sorted(self._store.groups.list_all(), key=lambda each: each.id, reverse=True)
            self._groups = {fold(name): g.id for g in groups for name in g.name.name.values()}
        names = map(fold, group.name.name.values())
        return next((self._groups[name] for name in names if name in self._groups), None)

    def find_entity(self, entity: MovedEntity) -> UUID | None:
        """Find the Entity one of whose accounts is one of these."""
        if self._accounts is None:
            tasks = sorted(self._store.tasks.list_all(), key=lambda each: each.id, reverse=True)
            self._accounts = {_name(task): task.entity for task in tasks}
        names = (_name(moved.task) for moved in entity.tasks)
        return next((self._accounts[name] for name in names if name in self._accounts), None)


def _name(task: Task) -> tuple[str, ...]:
    return task.kind, *sorted(map(str, task.params.values()))
