"""What the page ``/docs`` shows: the OpenAPI document, put into words."""

import json
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import NamedTuple

from api.auth import ANY_SESSION
from api.codes import MEANINGS, SHARED, list_errors
from api.openapi import get_noun, make_document
from api.rpc import Method, list_methods
from api.schemas import PLACE, Schema

#: Of every method that is not for anyone, and so told once.
_DENIED = "permission_denied"


class Word(NamedTuple):
    """A piece of what a type is called.

    :ivar target: the Type that it names; empty: it is plain text.
    """

    text: str
    target: str = ""


class Member(NamedTuple):
    """A parameter, or a member of an answer.

    :ivar default: as JSON; None where there is none worth telling.
    """

    name: str
    type: tuple[Word, ...]
    required: bool
    meaning: str
    default: str | None


class Type(NamedTuple):
    """What is inside of parameters and answers.

    :ivar is_taken: whether it is of parameters, where what is not required may be left out.
    :ivar whole: what it is, where it has no members.
    """

    name: str
    about: str
    is_taken: bool
    members: tuple[Member, ...]
    whole: tuple[Word, ...]


class Problem(NamedTuple):
    """An error with which a method may answer."""

    status: int
    code: str
    meaning: str


class Entry(NamedTuple):
    """A method.

    :ivar curl: the command that calls it, but for the address.
    """

    name: str
    aliases: tuple[str, ...]
    summary: str
    access: str
    params: Type
    result: Type
    problems: tuple[Problem, ...]
    curl: tuple[str, ...]


class Section(NamedTuple):
    """The methods of a noun."""

    noun: str
    about: str
    entries: tuple[Entry, ...]


class Reference(NamedTuple):
    """All of it.

    :ivar problems: the errors that every method has.
    """

    sections: tuple[Section, ...]
    types: tuple[Type, ...]
    problems: tuple[Problem, ...]


@cache
def make_reference() -> Reference:
    """Write it all down, once."""
    document = make_document()
    schemas: dict[str, Schema] = document["components"]["schemas"]
    methods = list_methods()
    sections = tuple(
        Section(
            tag["name"],
            tag["description"],
            tuple(
                _show_method(method, document, schemas)
                for method in methods
                if get_noun(method) == tag["name"]
            ),
        )
        for tag in document["tags"]
    )
    roots = [
        name for method in methods for name in (method.params.__name__, method.result.__name__)
    ]
    inner = {name for root in roots for name in _list_inner(schemas[root], schemas)}
    return Reference(
        sections,
        tuple(_show_type(name, schemas[name]) for name in sorted(inner)),
        tuple(
            Problem(status, code, MEANINGS[code])
            for status, codes in SHARED.items()
            for code in (*codes, *([_DENIED] if status == HTTPStatus.FORBIDDEN else []))
        ),
    )


def _show_method(method: Method, document: Schema, schemas: Mapping[str, Schema]) -> Entry:
    operation = document["paths"][f"/v1/{method.name}"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    if method.access.anyone:
        who = []
    elif method.access == ANY_SESSION:
        who = ["--oauth2-bearer TOKEN"]
    else:
        who = ["--user NAME"]
    body = shlex.quote(json.dumps(example, ensure_ascii=False))
    return Entry(
        method.name,
        method.aliases,
        method.summary,
        str(method.access),
        _show_type(method.params.__name__, schemas[method.params.__name__]),
        _show_type(method.result.__name__, schemas[method.result.__name__]),
        tuple(
            Problem(status, code, MEANINGS[code])
            for status, codes in list_errors(method).items()
            for code in codes
            if code not in SHARED.get(status, ()) and (code != _DENIED or method.access.anyone)
        ),
        (*who, f"--json {body}"),
    )


def _show_type(name: str, schema: Schema) -> Type:
    required = schema.get("required", ())
    members = tuple(
        Member(
            member,
            tuple(_tell_type(each if member in required else _without_null(each))),
            member in required,
            each.get("description", ""),
            _tell_default(each),
        )
        for member, each in schema.get("properties", {}).items()
    )
    whole = () if "properties" in schema else tuple(_tell_type(schema))
    is_taken = schema.get("additionalProperties") is False
    name = name.replace("-Output", "")
    return Type(name, schema.get("description", ""), is_taken, members, whole)


def _without_null(schema: Schema) -> Schema:
    # What may be left out may be null, too, which need not be said each time.
    kinds = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    return {"anyOf": kinds} if kinds else schema


def _tell_default(schema: Schema) -> str | None:
    default = schema.get("default")
    return json.dumps(default) if default not in (None, "", [], {}) else None


def _tell_type(schema: Schema) -> Iterator[Word]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PLACE).replace("-Output", "")
        yield Word(name, name)
    elif "anyOf" in schema:
        for position, each in enumerate(schema["anyOf"]):
            yield from (Word(" or "),) if position else ()
            yield from _tell_type(each)
    elif "enum" in schema:
        yield Word(" or ".join(json.dumps(value) for value in schema["enum"]))
    elif schema["type"] == "array":
        yield Word("list of ")
        yield from _tell_type(schema["items"])
    elif isinstance(schema.get("additionalProperties"), dict):
        yield Word("map to ")
        yield from _tell_type(schema["additionalProperties"])
    else:
        yield Word(_tell_simple(schema))


def _tell_simple(schema: Schema) -> str:
    kind = str(schema.get("format", schema["type"]))
    if "minimum" in schema:
        kind += f" {schema['minimum']} to {schema['maximum']}"
    return {"uuid": "UUID", "date-time": "time (RFC 3339)"}.get(kind, kind)


def _list_inner(schema: Schema, schemas: Mapping[str, Schema]) -> Iterator[str]:
    for value in schema.values():
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            if isinstance(part, dict):
                yield from _list_inner(part, schemas)
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PLACE)
        yield name
        yield from _list_inner(schemas[name], schemas)
