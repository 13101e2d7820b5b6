"""The webhooks of the simulated Discord: tokens, buckets, and what is wrong with them."""

import math
import threading
import time
from collections import defaultdict
from itertools import count
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from stargazer.simulator.limits import Limits, Window

INVALID_SPAN = 600.0
#: Discord's ids are times with numbers; this one is of 2026.
_FIRST_ID = 1_440_000_000_000_000_000


class Webhook(BaseModel):
    """A webhook, and what is unusual about it.

    :ivar limit: how many messages it takes in ``per`` seconds.
    :ivar threads: the ids of its channel's threads.
    :ivar refusal: the status and the code with which it answers to everything; None: it does not.
    :ivar links_refused: whether it takes no embed with an address in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str
    limit: int = Field(default=5, ge=1)
    per: float = Field(default=2.0, gt=0)
    threads: frozenset[str] = frozenset()
    refusal: tuple[int, int] | None = None
    links_refused: bool = False


class Bucket(NamedTuple):
    """How full a webhook's bucket is after a request.

    :ivar wait: seconds until it takes one more; above 0, this request was one too many.
    :ivar is_global: whether all requests together are too many.
    """

    limit: int
    remaining: int
    reset_after: float
    wait: float
    is_global: bool


class DiscordWorld:
    """State that every thread may read and change; what it hands out is frozen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._webhooks: dict[str, Webhook] = {}
        self._everything = Window()
        self._invalid: list[float] = []
        self._sent: defaultdict[str, list[float]] = defaultdict(list)
        self._ids = count(_FIRST_ID)

    def find(self, key: str) -> Webhook | None:
        """Find a webhook by its id."""
        return self._webhooks.get(key)

    def save(self, key: str, webhook: Webhook) -> None:
        """Create or change a webhook."""
        with self._lock:
            self._webhooks[key] = webhook

    def remove(self, key: str) -> None:
        """Delete a webhook."""
        with self._lock:
            self._webhooks.pop(key, None)

    def make_id(self) -> str:
        """Give a message its id."""
        return str(next(self._ids))

    def count_invalid(self) -> None:
        """Count a request that was answered with 401, 403 or 429."""
        with self._lock:
            self._invalid.append(time.monotonic())

    def is_banned(self, limits: Limits) -> bool:
        """Whether too many requests were invalid lately."""
        with self._lock:
            expired = time.monotonic() - INVALID_SPAN
            if self._invalid and self._invalid[0] < expired:
                self._invalid = [each for each in self._invalid if each >= expired]
            most = limits.discord_invalid
            return most is not None and len(self._invalid) >= most

    def fill(self, key: str, webhook: Webhook, limits: Limits) -> Bucket:
        """Count a message in its webhook's bucket, which is emptied whole when its time is over."""
        now = time.monotonic()
        with self._lock:
            if limits.discord_per_second is not None:
                wait = self._everything.wait(now, limits.discord_per_second, 1)
                if wait > 0:
                    return Bucket(webhook.limit, 0, wait, wait, is_global=True)
            sent = self._sent[key]
            if sent and now - sent[0] >= webhook.per:
                sent.clear()
            left = webhook.per - (now - sent[0]) if sent else webhook.per
            if len(sent) >= webhook.limit:
                return Bucket(webhook.limit, 0, left, left, is_global=False)
            sent.append(now)
            if limits.discord_per_second is not None:
                self._everything.add(now)
            return Bucket(webhook.limit, webhook.limit - len(sent), left, 0.0, is_global=False)

    @staticmethod
    def round_up(seconds: float) -> float:
        """Write a pause as Discord does, in milliseconds."""
        return math.ceil(seconds * 1000) / 1000
