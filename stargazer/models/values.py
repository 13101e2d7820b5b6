"""What every noun is made of: frozen values, aware times, languages."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
)

Fields = dict[str, Any]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Za-z]{2,4})?$")]

#: Sets that come out in one order, whatever the hash seed.
Names = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str], when_used="json")]
Languages = Annotated[
    frozenset[Language], PlainSerializer(sorted, return_type=list[str], when_used="json")
]
Ids = Annotated[frozenset[UUID], PlainSerializer(sorted, return_type=list[UUID], when_used="json")]


def _to_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Time = Annotated[datetime, AfterValidator(_to_utc)]


class Model(BaseModel):
    """A frozen value; unknown keys are ignored, as other versions of us may have written them."""

    model_config = ConfigDict(frozen=True, extra="ignore")
