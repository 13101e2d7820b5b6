"""Examples of what the methods take, made from their schemas."""

from collections.abc import Mapping
from typing import Any

from api.schemas import PLACE, Schema

_ID = "5e0c6a7e-3f4b-4b52-9a70-2d1f6f0d8a11"
_SIMPLE = {
    "string": "…",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
    "array": [],
    "object": {},
}


def make_example(schema: Schema, schemas: Mapping[str, Schema]) -> Any:
    """Give something that fits; of an object only what it must have, where it says no more."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return make_example(schemas[schema["$ref"].removeprefix(PLACE)], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "uuid":
        return _ID
    if "properties" in schema:
        return {
            name: make_example(schema["properties"][name], schemas)
            for name in schema.get("required", [])
        }
    return _SIMPLE[schema["type"]]
