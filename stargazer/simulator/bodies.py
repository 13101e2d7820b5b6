"""What may be sent to the control URLs, where that is not one of the simulator's own nouns."""

import base64
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, model_validator

from stargazer.simulator.nouns import Privacy

Text = Annotated[str, StringConstraints(min_length=1)]
Token = Annotated[str, StringConstraints(pattern=r"^\d{1,15}:[\w-]+$")]


class Body(BaseModel):
    """A JSON object in which an unknown name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ChannelBody(Body):
    """A channel; what is left out keeps its value."""

    title: Text | None = None
    handle: str | None = None
    username: str | None = None


class VideoBody(Body):
    """A video; what is left out keeps its value, and null takes one away.

    :ivar duration: ISO 8601 or seconds; before the start, it makes the broadcast a premiere.
    """

    channel_id: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")] | None = None
    title: Text | None = None
    description: str | None = None
    published_at: AwareDatetime | None = None
    scheduled_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    duration: timedelta | None = None
    privacy: Privacy | None = None


class PushBody(Body):
    """A push of any content.

    :ivar headers: take the place of the hub's own, its signature too; null leaves one out.
    :ivar retry: whether a subscriber that does not take it is asked again.
    """

    channel_id: Text
    body: str
    encoding: Literal["text", "base64"] = "text"
    headers: dict[str, str | None] = {}
    retry: bool = False

    @model_validator(mode="after")
    def _is_decodable(self) -> Self:
        self.to_bytes()
        return self

    def to_bytes(self) -> bytes:
        """Return the body as it goes over the wire."""
        if self.encoding == "base64":
            return base64.b64decode(self.body, validate=True)
        return self.body.encode()


class SeedBody(Body):
    """A seed; null makes chance unpredictable again."""

    seed: int | None


class CredentialsBody(Body):
    """The only right keys of the Data API or DeepL, tokens of bots, or keys by the apps of Baidu.

    What is left out stays.
    """

    api_keys: tuple[Text, ...] | None = None
    bot_tokens: tuple[Token, ...] | None = None
    deepl_keys: tuple[Text, ...] | None = None
    baidu_apps: dict[Text, Text] | None = None
