"""The accounts, tweets and lists of the simulated X."""

import threading
import time
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

TOKEN = "simulated-bearer"  # noqa: S105 - of nobody
#: When ids began to hold the time, in UNIX milliseconds.
_EPOCH = 1_288_834_974_657


def make_id(at: float, number: int = 0) -> str:
    """Make the id of what was posted at that moment, in UNIX seconds."""
    return str(((int(at * 1000) - _EPOCH) << 22) + number)


class Account(BaseModel):
    """An account; it may change its name.

    :ivar problem: why it is not shown, such as ``suspended``; None: it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    username: str
    name: str = ""
    protected: bool = False
    problem: str | None = None


class Tweet(BaseModel):
    """A tweet.

    :ivar extra: its other fields, in the names of the older dialect.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    author_id: str
    text: str
    created_at: float = Field(default_factory=time.time)
    lang: str = "en"
    references: list[dict[str, str]] = Field(default_factory=list)
    history: list[str] = Field(default_factory=list)
    extra: dict[str, Any] = Field(default_factory=dict)


class TwitterWorld:
    """State that every thread may read and change; what it hands out is frozen.

    :ivar dialect: ``legacy`` or ``new``, whatever was asked in.
    :ivar problem: the platform's answer to everything, as a status; None: all is well.
    :ivar remaining: requests that are left until ``reset``; None: any number.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.tweets: dict[str, Tweet] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.members: dict[str, set[str]] = {}
        self.dialect = "legacy"
        self.problem: str | None = None
        self.remaining: int | None = None
        self.reset = 0.0

    def list_tweets(self, authors: set[str]) -> list[Tweet]:
        """List what these posted, the newest first."""
        with self.lock:
            found = [tweet for tweet in self.tweets.values() if tweet.author_id in authors]
        return sorted(found, key=lambda tweet: int(tweet.id), reverse=True)
