"""Who is watched."""

from typing import Annotated, Self
from uuid import UUID, uuid4

from pydantic import Field, StringConstraints, model_validator

from stargazer.models.values import Language, Model


class Name(Model):
    """A name in several languages.

    :ivar name: language (ISO 639-1, such as ``ja`` or ``zh-Hans``) to name.
    :ivar default_language: a key of ``name``.
    """

    name: dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(
        min_length=1, examples=[{"en": "Hoshimachi Suisei", "ja": "星街すいせい"}]
    )
    default_language: Annotated[Language, Field(examples=["ja"])]

    @model_validator(mode="after")
    def _default_is_there(self) -> Self:
        if self.default_language not in self.name:
            raise ValueError(f"no name in the default language {self.default_language!r}")
        return self

    def get_in(self, language: str) -> str:
        """Give the name in ``language``, else in its base language, else in the default one."""
        base = language.partition("-")[0]
        return self.name.get(language) or self.name.get(base) or self.name[self.default_language]


class Meta(Model):
    """What is told of an Entity.

    :ivar name: its names.
    :ivar group: the id of its Group.
    """

    name: Name
    group: UUID | None = None


class Entity(Model):
    """A VTuber, or any creator."""

    id: UUID = Field(default_factory=uuid4)
    meta: Meta
    tasks: tuple[UUID, ...] = ()


class Group(Model):
    """An agency."""

    id: UUID = Field(default_factory=uuid4)
    name: Name
