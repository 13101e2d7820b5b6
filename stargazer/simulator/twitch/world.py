"""The accounts, streams, tokens and subscriptions of the simulated Twitch."""

import secrets
import threading
import time
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from stargazer.simulator.limits import Window
from stargazer.simulator.nouns import current_time

CLIENT_ID = "simulated-client"
CLIENT_SECRET = "simulated-client-secret"  # noqa: S105 - of nobody
POINTS_PER_MINUTE = 800
MOST_COST = 10_000
PENDING = "webhook_callback_verification_pending"


class Account(BaseModel):
    """An account; it may change its login."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    login: str
    name: str = ""
    title: str = ""
    game: str = ""
    language: str = "en"


class Stream(BaseModel):
    """A stream that is on.

    :ivar listed: whether Helix knows of it already, or still.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(default_factory=lambda: str(secrets.randbelow(10**12)))
    type: str = "live"
    started_at: AwareDatetime = Field(default_factory=current_time)
    listed: bool = True


class Subscription(BaseModel):
    """What Twitch knows of a subscription to pushes."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(default_factory=lambda: str(uuid4()))
    type: str
    account: str
    callback: str
    secret: Annotated[str, Field(min_length=10, max_length=100, pattern=r"^[\x20-\x7e]+$")]
    status: str = PENDING
    created_at: AwareDatetime = Field(default_factory=current_time)

    def to_json(self) -> dict[str, Any]:
        """Give it as Twitch shows it, without the secret."""
        return {
            "id": self.id,
            "status": self.status,
            "type": self.type,
            "version": "1",
            "condition": {"broadcaster_user_id": self.account},
            "created_at": f"{self.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "transport": {"method": "webhook", "callback": self.callback},
            "cost": 1,
        }


class TwitchWorld:
    """State that every thread may read and change; what it hands out is frozen."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.streams: dict[str, Stream] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self._tokens: dict[str, float] = {}
        self._points = Window()

    def give_token(self) -> str:
        """Make a token that is good for an hour."""
        token = secrets.token_urlsafe(24)
        with self.lock:
            self._tokens[token] = time.monotonic() + 3600
        return token

    def is_token(self, token: str) -> bool:
        """Whether a token is good."""
        return self._tokens.get(token, 0.0) > time.monotonic()

    def take_tokens_back(self) -> None:
        """Make all tokens bad."""
        with self.lock:
            self._tokens.clear()

    def spend_point(self) -> float:
        """Take one of the points of this minute.

        :returns: 0.0, or the seconds to wait when none is left.
        """
        now = time.monotonic()
        with self.lock:
            wait = self._points.wait(now, POINTS_PER_MINUTE, 60)
            if wait <= 0:
                self._points.add(now)
            return wait

    def find_by_login(self, login: str) -> Account | None:
        """Find the account that has this login now."""
        with self.lock:
            found = (each for each in self.accounts.values() if each.login == login)
            return next(found, None)

    def replace_subscription(self, subscription: Subscription) -> None:
        """Write a subscription that is still there."""
        with self.lock:
            if subscription.id in self.subscriptions:
                self.subscriptions[subscription.id] = subscription

    def list_subscriptions(self, account: str | None = None) -> list[Subscription]:
        """List the subscriptions, about one account or all."""
        with self.lock:
            return [
                each
                for each in self.subscriptions.values()
                if account is None or each.account == account
            ]


def show_time(at: datetime) -> str:
    """Write a time as Twitch does."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
