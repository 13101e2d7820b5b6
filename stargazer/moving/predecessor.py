"""The predecessor's MongoDB documents, as ``mongodump`` and ``mongoexport`` write them.

It kept four collections that matter: ``entities``, ``groups``, ``tasks`` and ``users``, each with
its id as a BSON UUID in the field ``id``. What a document is, its fields tell. Ids are kept.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

import bson
from bson import json_util
from bson.binary import Binary, UuidRepresentation
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from pydantic import ValidationError

from stargazer.errors import PayloadError
from stargazer.kinds import KINDS
from stargazer.models import EventFilter, Group, Meta, Task, User
from stargazer.moving.checking import find_problems, find_task_problem
from stargazer.moving.contents import Contents, FileError, MovedEntity, MovedTask, Remark
from stargazer.platforms.registry import PLATFORMS
from stargazer.store.documents import Document, as_uuid, from_document

USER_FIELDS = ("name", "avatar", "event_filter")
_CODEC: CodecOptions[Document] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.UNSPECIFIED
)
_JSON = json_util.JSONOptions(tz_aware=True, uuid_representation=UuidRepresentation.UNSPECIFIED)
_LENGTH = 4
_LONGEST = 16 * 1024 * 1024
#: What it called what we call otherwise.
_IMS = {"tg": "telegram"}
_KINDS = {
    "bilibili/live_start": "bililive/live_start",
    "youtube/30_min_before_broadcast": "youtube/broadcast_reminder",
}
#: By the fields that only documents of this collection have.
_SHAPES = (
    ("entity", {"id", "meta"}),
    ("task", {"id", "entity", "kind", "params"}),
    ("user", {"id", "im", "im_payload"}),
    ("group", {"id", "name"}),
)
#: What its bots and operators sign in with is made anew.
_ACCOUNT = {"username", "hash"}


def recognise(head: bytes) -> bool:
    """Tell whether a file that begins so may hold documents of MongoDB."""
    return _is_bson(head) or any(mark in head for mark in (b'"$oid"', b'"$binary"', b'"$uuid"'))


def read(streams: Iterable[tuple[str, BinaryIO]], _now: datetime) -> Contents:
    """Read all documents, of one file or of several.

    :param streams: each with its name, for people.
    :raises FileError: when one of them is neither BSON nor JSON.
    """
    reading = _Reading()
    for name, stream in streams:
        for position, document in enumerate(_list_documents(name, stream), 1):
            reading.add(f"{name}, document {position}", document)
    return reading.finish()


def _list_documents(name: str, stream: BinaryIO) -> Iterator[Document]:
    head = stream.read(_LENGTH + 1)
    stream.seek(0)
    return _list_bson(name, stream) if _is_bson(head) else _list_json(name, stream)


def _is_bson(head: bytes) -> bool:
    # The length of a document comes first, which no text has there; then the type of a field.
    if len(head) <= _LENGTH:
        return False
    length = int.from_bytes(head[:_LENGTH], "little")
    return 5 <= length <= _LONGEST and head[_LENGTH] <= 0x13  # noqa: PLR2004 - BSON's own numbers


def _list_bson(name: str, stream: BinaryIO) -> Iterator[Document]:
    try:
        yield from bson.decode_file_iter(stream, _CODEC)
    except BSONError as exc:
        raise FileError(f"{name}: it is no BSON, or was cut off: {exc}") from None


def _list_json(name: str, stream: BinaryIO) -> Iterator[Document]:
    """Read an array, an object of arrays by collection, or one document after another."""
    try:
        text = stream.read().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise FileError(f"{name}: it is neither BSON nor text: {exc}") from None
    decoder, position = json.JSONDecoder(), 0
    while (position := _skip_space(text, position)) < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as exc:
            line = text.count("\n", 0, exc.pos) + 1
            raise FileError(f"{name}, line {line}: this is no JSON: {exc.msg}") from None
        yield from _flatten(name, value)


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _flatten(name: str, value: Any) -> Iterator[Document]:
    by_collection = isinstance(value, dict) and all(isinstance(e, list) for e in value.values())
    values = [each for part in value.values() for each in part] if by_collection else value
    for each in values if isinstance(values, list) else [values]:
        if not isinstance(each, dict):
            raise FileError(f"{name}: expected documents, and found {type(each).__name__}")
        try:
            yield _convert(each)
        except (BSONError, ValueError, TypeError) as exc:
            raise FileError(f"{name}: a value is no extended JSON: {exc}") from None


def _convert(value: Any) -> Any:
    match value:
        case dict():
            return json_util.object_hook({k: _convert(each) for k, each in value.items()}, _JSON)
        case list():
            return [_convert(each) for each in value]
    return value


class _Reading:
    """What was read until now."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.entities: dict[UUID, Meta] = {}
        self.tasks: list[Task] = []
        self.users: list[User] = []
        self.remarks: list[Remark] = []

    def add(self, place: str, document: Document) -> None:
        """Read a document of whatever collection it is."""
        fields = set(document)
        what = next((what for what, needed in _SHAPES if needed <= fields), None)
        if what is None:
            reason = "no entity, group, task or user"
            if fields >= _ACCOUNT:
                reason = "accounts are not taken over; add them by `stargazer auth add`"
            self.remarks.append(Remark(place=place, reason=reason))
            return
        values = {name: _read_ids(value) for name, value in document.items()}
        try:
            readers: dict[str, Callable[[str, Document], None]] = {
                "group": self._add_group,
                "entity": self._add_entity,
                "task": self._add_task,
                "user": self._add_user,
            }
            readers[what](place, values)
        except (PayloadError, ValidationError, ValueError) as exc:
            self.remarks.append(Remark(place=f"{place} ({what})", reason=_say(exc)))

    def finish(self) -> Contents:
        """Give all of it."""
        by_entity: dict[UUID, list[MovedTask]] = {key: [] for key in self.entities}
        for task in self.tasks:
            if task.entity in by_entity:
                by_entity[task.entity].append(MovedTask(task=task))
            else:
                place = f"task {task.id}"
                self.remarks.append(Remark(place=place, reason="its entity is nowhere"))
        return Contents(
            groups=tuple(self.groups),
            entities=tuple(
                MovedEntity(id=key, meta=meta, tasks=tuple(by_entity[key]))
                for key, meta in self.entities.items()
            ),
            users=tuple(self.users),
            remarks=tuple(self.remarks),
            user_fields=USER_FIELDS,
        )

    def _add_group(self, _place: str, document: Document) -> None:
        self.groups.append(from_document(Group, document))

    def _add_entity(self, _place: str, document: Document) -> None:
        key = as_uuid(document["id"])
        if key is None:
            raise ValueError("its id is no UUID")
        self.entities[key] = Meta.model_validate(document["meta"])

    def _add_task(self, _place: str, document: Document) -> None:
        kind = document["kind"]
        # Numbers are texts here, and names on X are in lower case.
        params = {str(name): str(value) for name, value in dict(document["params"]).items()}
        if kind == "twitter":
            params = {name: value.lower().removeprefix("@") for name, value in params.items()}
        platform = PLATFORMS.get(kind)
        if platform is not None:
            params = {name: value for name, value in params.items() if name == platform.field}
        task = from_document(Task, {**document, "params": params, "watch": {}})
        if problem := find_task_problem(task):
            raise ValueError(problem)
        self.tasks.append(task)

    def _add_user(self, place: str, document: Document) -> None:
        im = _IMS.get(document["im"], document["im"])
        avatar = document.get("avatar")
        # An avatar of its first versions was the picture itself.
        avatar = avatar if isinstance(avatar, str) else ""
        wish, unknown = _read_filter(document.get("event_filter") or {})
        user = from_document(
            User,
            {
                **{name: document[name] for name in ("_id", "id", "name") if name in document},
                "im": im,
                "im_payload": str(document["im_payload"]),
                "avatar": avatar,
                "event_filter": wish,
            },
        )
        if problems := list(find_problems(user)):
            raise ValueError("; ".join(problems))
        self.users.append(user)
        if unknown:
            reason = f"without {', '.join(unknown)}, which there is not here"
            remark = Remark(place=f"{place} (user)", reason=reason, is_lost=False)
            self.remarks.append(remark)


def _read_filter(document: Mapping[str, Any]) -> tuple[EventFilter, list[str]]:
    named = {_KINDS.get(kind, kind) for kind in document.get("kinds") or ()}
    wish = EventFilter(
        entities=frozenset(document.get("entities") or ()), kinds=frozenset(named & KINDS.keys())
    )
    return wish, sorted(named - KINDS.keys())


def _read_ids(value: Any) -> Any:
    """Read UUIDs wherever they are, in the new and in the old representation."""
    match value:
        case Binary(subtype=4):
            return value.as_uuid(UuidRepresentation.STANDARD)
        case Binary(subtype=3):
            return value.as_uuid(UuidRepresentation.PYTHON_LEGACY)
        case bytes() if as_uuid(value):
            return as_uuid(value)
        case dict():
            return {name: _read_ids(each) for name, each in value.items()}
        case list():
            return [_read_ids(each) for each in value]
    return value


def _say(error: Exception) -> str:
    if isinstance(error, ValidationError):
        paths = (".".join(map(str, each["loc"])) for each in error.errors())
        return f"wrong: {', '.join(paths)}"
    return str(error)
