"""What is there, what is to be written, and what of it people are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from stargazer.models import Entity, Group, Model, Task, User
from stargazer.moving.contents import MovedTask, Waiting


class Outcome(StrEnum):
    """What becomes of a thing in a file."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    KEPT = "kept"
    DIFFERS = "differs"
    SKIPPED = "skipped"


class Change(Model):
    """A thing in a file, and what becomes of it.

    :ivar outcome: ``added``, ``changed``; ``same``: it is here already; ``kept``: it is another
        one here, and stays so; ``differs``: it is taken over, with the difference that is said;
        ``skipped``: it is left out.
    :ivar what: ``group``, ``entity``, ``task``, ``user``, ``waiting``; ``line`` for what is none.
    :ivar name: what people call it, or where it stands.
    :ivar id: the id that it has here; None for what is not here.
    :ivar detail: what changes, or why not.
    """

    outcome: Outcome
    what: str
    name: str
    id: UUID | None = None
    detail: str = ""


class Here(NamedTuple):
    """What is there already of a page.

    :ivar tasks: by their ids, also those of other Entities.
    :ivar watched: the Tasks of the page's Entities.
    :ivar users: by their ids; ``chats``: by chat app and address.
    :ivar absent: Entities and Groups that are named, and neither here nor in the file.
    :ivar waiting: keys of timers that are there, and ids of Events that wait no more.
    """

    groups: Mapping[UUID, Group]
    entities: Mapping[UUID, Entity]
    tasks: Mapping[UUID, Task]
    watched: Mapping[UUID, list[Task]]
    users: Mapping[UUID, User]
    chats: Mapping[tuple[str, str], User]
    absent: frozenset[UUID] = frozenset()
    waiting: frozenset[str] = frozenset()


class Rules(NamedTuple):
    """How it is decided.

    :ivar overwrite: whether the file is right where it says something else than what is here.
    :ivar get_group: gives the Group of an Entity, as it will be.
    :ivar can_read: tells whether an encrypted address can be read with the keys of this instance.
    :ivar names: the ids here of what the file has under another one.
    """

    overwrite: bool
    get_group: Callable[[UUID], UUID | None]
    can_read: Callable[[str], bool]
    names: Mapping[UUID, UUID]


@dataclass
class Plan:
    """What is to be written, and what of it people are told.

    :ivar owners: the Entities that are there already and get more Tasks.
    :ivar toggled_tasks: what is there, and to be paused, or not paused any more.
    :ivar users_before: what the Users were that change.
    """

    changes: list[Change] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    renamed_groups: list[Group] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    renamed_entities: list[Entity] = field(default_factory=list)
    tasks: list[MovedTask] = field(default_factory=list)
    owners: dict[UUID, Entity] = field(default_factory=dict)
    toggled_tasks: list[Task] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    changed_users: list[User] = field(default_factory=list)
    users_before: dict[UUID, User] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)

    def note(
        self, outcome: Outcome, what: str, name: str, key: UUID | None = None, detail: str = ""
    ) -> None:
        """Write down what becomes of a thing."""
        self.changes.append(Change(outcome=outcome, what=what, name=name, id=key, detail=detail))


def show_task(task: Task) -> str:
    """Name an account for people."""
    return f"{task.kind} {next(iter(task.params.values()), '')}"


def show_user(user: User) -> str:
    """Name a chat for people; never by a secret."""
    return f"{user.im} {user.name or user.im_payload}"
