"""The code of the Python client's methods, made from the OpenAPI document."""

import subprocess
import sys
from collections.abc import Mapping
from textwrap import fill, indent

from api.openapi import make_document
from api.rpc import Method, list_methods, to_snake_case
from api.schemas import PLACE, Schema

#: The width of a docstring in a method.
_MARGIN = 92
_HEAD = '''"""The methods of the API, generated from its registry by ``make generate``: do not edit.

What is answered is a dict with the members of the class that is named; times in it are RFC 3339.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from stargazer.client.transport import Transport
'''
_SIMPLE = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}


def write_methods() -> str:
    """Write the module, as the formatter leaves it."""
    methods = list_methods()
    schemas: dict[str, Schema] = make_document()["components"]["schemas"]
    classes = _Classes(schemas)
    body = [_write_method(method, schemas, classes) for method in methods]
    code = "\n\n".join(
        [
            _HEAD,
            *classes.written.values(),
            'class Methods(Transport):\n    """Every method of the API."""\n',
        ]
    )
    code += "\n" + "\n".join(indent(each, "    ") for each in body)
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "methods.py", "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return done.stdout


class _Classes:
    """What is inside of parameters and answers, as classes; each after those that it needs."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self.written: dict[str, str] = {}

    def name(self, schema: Schema, *, taken: bool) -> str:
        """Give the type of a value, having written the classes in it."""
        if "$ref" in schema:
            return self._name_model(schema["$ref"].removeprefix(PLACE), taken=taken)
        if "anyOf" in schema:
            return " | ".join(self.name(each, taken=taken) for each in schema["anyOf"])
        if "enum" in schema:
            return f"Literal[{', '.join(map(repr, schema['enum']))}]"
        if schema["type"] == "array":
            # A tuple is JSON, too.
            kind = "Sequence" if taken else "list"
            return f"{kind}[{self.name(schema['items'], taken=taken)}]"
        if schema["type"] == "object":
            inner = schema.get("additionalProperties")
            of = self.name(inner, taken=taken) if isinstance(inner, dict) else "Any"
            return f"dict[str, {of}]"
        return _SIMPLE[schema["type"]]

    def _name_model(self, place: str, *, taken: bool) -> str:
        side = place.removesuffix("-Input")
        name = place.replace("-Input", "Input").replace("-Output", "")
        if name not in self.written:
            self.written[name] = self._write(name, self._schemas[place], taken=taken)
        if side != place:
            # What was answered may be sent back.
            return f"{name} | {self._name_model(f'{side}-Output', taken=False)}"
        return name

    def _write(self, name: str, schema: Schema, *, taken: bool) -> str:
        if "properties" not in schema:
            return f"#: {_get_about(schema)}\n{name} = {self.name(schema, taken=taken)}\n"
        required = schema.get("required", ())
        members = [
            f"    {member}: {kind if member in required else f'NotRequired[{kind}]'}"
            for member, each in schema["properties"].items()
            for kind in [self.name(each, taken=taken)]
        ]
        fields = _list_fields("ivar", schema["properties"])
        docstring = indent(_write_docstring([_get_about(schema)], fields), "    ")
        return f"class {name}(TypedDict):\n{docstring}\n\n" + "\n".join(members) + "\n"


def _write_method(method: Method, schemas: Mapping[str, Schema], classes: _Classes) -> str:
    params = schemas[method.params.__name__]
    result = schemas[method.result.__name__]
    taken = params["properties"]
    named = {name: _annotate(name, params, classes) for name in taken}
    answer = classes.name({"$ref": PLACE + method.result.__name__}, taken=False)
    name = to_snake_case(method.name)
    about = [method.summary, f"For {method.access}."]
    fields = _list_fields("param", taken)
    if method.errors:
        codes = ", ".join(f"``{code}``" for code in method.errors)
        fields.append((":raises ApiError:", f"with {codes}, or as any method."))
    code = (
        f"def {name}({_write_signature(named)}) -> {answer}:\n"
        f"{indent(_write_docstring(about, fields), '    ')}\n"
        f"    return self._ask({_quote(method.name)}, {answer}, {_write_params(taken)})\n"
    )
    item = _find_item(result)
    if item is not None and "cursor" in taken:
        code += "\n" + _write_iterator(method, item, result, named, classes)
    return code


def _write_iterator(
    method: Method, item: str, result: Schema, named: Mapping[str, str], classes: _Classes
) -> str:
    kind = classes.name(result["properties"][item]["items"], taken=False)
    named = {name: text for name, text in named.items() if name != "cursor"}
    name = to_snake_case(method.name)
    about = f"Give each of the {item} that :meth:`{name}` lists, page by page."
    return (
        f"def {name.replace('get_', 'iterate_', 1)}({_write_signature(named)}) -> "
        f"Iterator[{kind}]:\n"
        f"{indent(_write_docstring([about], []), '    ')}\n"
        f"    return self._iterate({_quote(method.name)}, {_quote(item)}, {kind},"
        f" {_write_params(named)})\n"
    )


def _find_item(result: Schema) -> str | None:
    """Give the member of a page that is the list; None where it is no page."""
    lists = [
        name
        for name, each in result["properties"].items()
        if "$ref" in each.get("items", {}) and "next_cursor" in result["properties"]
    ]
    return lists[0] if lists else None


def _annotate(name: str, params: Schema, classes: _Classes) -> str:
    kind = classes.name(params["properties"][name], taken=True)
    if name in params.get("required", ()):
        return f"{name}: {kind}"
    return f"{name}: {kind if kind.endswith('| None') else f'{kind} | None'} = None"


def _write_signature(named: Mapping[str, str]) -> str:
    # What has to be there comes first, as it is read first.
    sorted_ = sorted(named.values(), key=lambda text: text.endswith("= None"))
    return ", ".join(["self", *(["*", *sorted_] if sorted_ else [])])


def _write_params(names: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{_quote(name)}: {name}" for name in names) + "}"


def _write_docstring(about: list[str], fields: list[tuple[str, str]]) -> str:
    parts = [fill(text, _MARGIN) for text in about]
    if fields:
        wrapped = (
            fill(f"{label} {text}", _MARGIN, subsequent_indent="    ") for label, text in fields
        )
        parts.append("\n".join(wrapped))
    text = "\n\n".join(parts)
    return f'"""{text}\n"""' if "\n" in text else f'"""{text}"""'


def _list_fields(label: str, members: Mapping[str, Schema]) -> list[tuple[str, str]]:
    return [(f":{label} {name}:", _get_about(each)) for name, each in members.items()]


def _get_about(schema: Schema) -> str:
    # Markdown there, reST here.
    return str(schema["description"]).replace("`", "``")


def _quote(text: str) -> str:
    return f'"{text}"'
