"""What a file of any format is read into."""

from collections.abc import Iterator
from uuid import UUID, uuid5

from stargazer.errors import StargazerError
from stargazer.models import (
    Broadcast,
    Fields,
    Group,
    Meta,
    Model,
    Name,
    StoredEvent,
    Task,
    Time,
    User,
)
from stargazer.translation.languages import guess_language

#: So many things are planned and written at once.
PAGE = 500
_LONGEST_NAME = 200
_NAMESPACE = UUID("0d3c5b0e-3c1f-5f0a-9f57-6c1e7f6a4b21")


class FileError(StargazerError):
    """A file cannot be imported; the message says where it is wrong."""


class Remark(Model):
    """What of a file cannot be taken over as it is.

    :ivar place: where it stands there.
    :ivar is_lost: whether it is left out; else it is taken over with this difference.
    """

    place: str
    reason: str
    is_lost: bool = True


class MovedTask(Model):
    """An account to watch, and what has been seen there.

    :ivar memory: as its source keeps it; None: there is none.
    :ivar broadcasts: what is known of its streams and videos.
    """

    task: Task
    memory: Fields | None = None
    broadcasts: tuple[Broadcast, ...] = ()


class MovedEntity(Model):
    """A VTuber, with its accounts."""

    id: UUID
    meta: Meta
    tasks: tuple[MovedTask, ...] = ()


class Waiting(Model):
    """An Event that waits for its time, such as a reminder.

    :ivar key: what it is replaced and cancelled by.
    """

    key: str
    due_at: Time
    event: StoredEvent


class Contents(Model):
    """A page of what a file has, or all of it.

    :ivar is_foreign: whether the ids are of our making: a Group is then known by its name, an
        Entity by its accounts and a User by its address.
    :ivar user_fields: what the format tells of a User.
    :ivar tells_pauses: whether it tells which accounts an operator has paused.
    """

    groups: tuple[Group, ...] = ()
    entities: tuple[MovedEntity, ...] = ()
    users: tuple[User, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    remarks: tuple[Remark, ...] = ()
    is_foreign: bool = False
    user_fields: tuple[str, ...] = ("event_filter",)
    tells_pauses: bool = False

    def split(self) -> Iterator["Contents"]:
        """Give it page by page: who is named before who names it."""
        yield self.model_copy(update={"entities": (), "users": (), "waiting": ()})
        rest = self.model_copy(update={"groups": (), "remarks": ()})
        for name in ("entities", "users", "waiting"):
            things = getattr(self, name)
            empty = dict.fromkeys(("entities", "users", "waiting"), ())
            for start in range(0, len(things), PAGE):
                yield rest.model_copy(update={**empty, name: things[start : start + PAGE]})


def name_thing(*words: str) -> UUID:
    """Give the id of what has none in its file: it follows from what names it there."""
    return uuid5(_NAMESPACE, "\n".join(words))


def make_name(text: str) -> Name:
    """Give the name of what is called so in a file that does not tell the language."""
    language = guess_language(text) or "en"
    return Name(name={language: text[:_LONGEST_NAME]}, default_language=language)
