"""The limits that the platforms set, and the windows that measure them."""

import math
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# A sender that paces itself exactly is seen a little unevenly, through no fault of its own.
TOLERANCE = 0.05

PositiveRate = Annotated[float, Field(gt=0)]


class Limits(BaseModel):
    """Limits as documented by the platforms; ``None`` is no limit.

    :ivar global_per_second: messages of one bot to all chats.
    :ivar chat_per_second: messages of one bot to one chat.
    :ivar group_per_minute: messages of one bot to one group.
    :ivar burst: how many messages to one chat may come at once.
    :ivar quota_units: Data API units per key and day.
    :ivar lease_seconds: the longest lease that the hub grants.
    :ivar deepl_characters: what all keys of DeepL together may have translated.
    :ivar discord_per_second: messages to all webhooks of Discord together.
    :ivar discord_invalid: so many requests that Discord had to refuse within ten minutes shut out
        whoever made them.
    :ivar qq_per_minute: messages of the account on QQ. Nobody documents it, and nothing is refused;
        those who lost no account keep to one every second or two.
    :ivar qq_burst: how many of them may come at once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    global_per_second: PositiveRate | None = 30
    chat_per_second: PositiveRate | None = 1
    group_per_minute: PositiveRate | None = 20
    burst: int = Field(default=1, ge=1)
    quota_units: int | None = Field(default=10_000, ge=0)
    lease_seconds: int | None = Field(default=864_000, ge=1)
    deepl_characters: int | None = Field(default=500_000, ge=0)
    discord_per_second: PositiveRate | None = 50
    discord_invalid: int | None = Field(default=10_000, ge=1)
    qq_per_minute: PositiveRate | None = 40
    qq_burst: int = Field(default=1, ge=1)


class Window:
    """At most so many in any span of so many seconds. Not thread-safe: its owner holds a lock."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: list[float] = []

    def wait(self, now: float, rate: float, per: float, burst: int | None = None) -> float:
        """Tell how long one more has to wait.

        :param now: seconds of a clock that never goes back.
        :param rate: how many per ``per`` seconds.
        :param burst: how many may come at once; all that ``rate`` allows, when not given.
        :returns: seconds; 0.0 when it may come now.
        """
        count = burst or max(1, math.floor(rate))
        span = per * count / rate * (1 - TOLERANCE)
        expired = 0
        for time in self._times:
            if time > now - span:
                break
            expired += 1
        del self._times[:expired]
        if len(self._times) < count:
            return 0.0
        return self._times[-count] + span - now

    def add(self, now: float, amount: int = 1) -> None:
        """Count ``amount`` more at ``now``."""
        self._times.extend([now] * amount)
