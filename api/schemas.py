"""The JSON schemas of what the methods take and answer, from their models and docstrings."""

import inspect
import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import (
    GenerateJsonSchema,
    JsonSchemaMode,
    JsonSchemaValue,
    models_json_schema,
)
from pydantic_core import core_schema

Schema = dict[str, Any]

PLACE = "#/components/schemas/"
_FIELD = re.compile(r"^:ivar (\w+): (.+?)(?=^:|\Z)", re.MULTILINE | re.DOTALL)


def make_schemas(
    taken: Iterable[type[BaseModel]], answered: Iterable[type[BaseModel]]
) -> dict[str, Schema]:
    """Describe what is taken and what is answered, with all that is inside, by name.

    What is taken may leave out what has a default; an answer has everything.
    """
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in dict.fromkeys(taken)),
        *((model, "serialization") for model in dict.fromkeys(answered)),
    ]
    _, made = models_json_schema(
        models, ref_template=PLACE + "{model}", schema_generator=_Generator
    )
    schemas: dict[str, Schema] = made["$defs"]
    return dict(sorted(schemas.items()))


def read_meanings(model: type[BaseModel]) -> dict[str, str]:
    """Give what the docstrings of a model, and of those it is made from, say of its fields."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel):
            for name, text in _FIELD.findall(inspect.cleandoc(each.__doc__ or "") + "\n"):
                found[name] = text[0].upper() + _to_markdown(text)[1:]
    return found


def _to_markdown(text: str) -> str:
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(paragraphs).strip().replace("``", "`")


class _Generator(GenerateJsonSchema):
    """Pydantic's, with the meaning of each field, and as strict as a call is."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - never
        """Leave out the titles, which only repeat the names."""
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001 - Pydantic's
        """Require of an answer what it has: everything."""
        return self.mode == "serialization" or super().field_is_required(field, total)

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe a model by its docstring."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        made.pop("title", None)
        text, _, _ = inspect.cleandoc(model.__doc__ or "").partition(":ivar")
        made["description"] = _to_markdown(text)
        if "properties" in made:
            meanings = read_meanings(model)
            for name, field in made["properties"].items():
                if name in meanings:
                    field["description"] = meanings[name]
                if self.mode == "serialization":
                    field.pop("default", None)
            if self.mode == "validation":
                # Nothing unknown is taken, nor in what is inside.
                made["additionalProperties"] = False
        return made

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002 - it stays
        """Leave all in the order in which it is written."""
        return value

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Say of a mapping that no other keys are taken than those of the pattern."""
        made = super().dict_schema(schema)
        for pattern, values in made.pop("patternProperties", {}).items():
            made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
        return made

    def frozenset_schema(self, schema: core_schema.FrozenSetSchema) -> JsonSchemaValue:
        """Let what is taken be there twice, as it does no harm."""
        made = super().frozenset_schema(schema)
        if self.mode == "validation":
            del made["uniqueItems"]
        return made
