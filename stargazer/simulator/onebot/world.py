"""The simulated QQ account: its friends, its groups, and what is wrong with them."""

import threading
import time
from itertools import count
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from stargazer.simulator.limits import Window

TOKEN = "token_of_the_adapter"  # noqa: S105 - of nobody
SECRET = "secret_of_the_adapter"  # noqa: S105 - of nobody
Role = Literal["member", "admin", "owner"]


class _State(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Account(_State):
    """The account, and the adapter that is logged in to it.

    :ivar token: what calls have to carry.
    :ivar online: whether it is logged in; if not, what is sent gets no answer from QQ.
    :ivar pictures_refused: whether every message with a picture is refused.
    :ivar counts_calls: whether the adapter knows how often all may still be called.
    :ivar event_url: where events are posted to; empty: nowhere.
    :ivar secret: what they are signed with; empty: they are not.
    """

    number: int = 10_001_000
    token: str = TOKEN
    online: bool = True
    pictures_refused: bool = False
    counts_calls: bool = True
    event_url: str = ""
    secret: str = SECRET


class Group(_State):
    """A group that the account is in.

    :ivar role: the account's.
    :ivar muted: whether the account must not speak.
    :ivar calls: how often all may still be called today.
    :ivar temporary: whether members who are no friends may be written to.
    :ivar members: the numbers of the others.
    """

    role: Role = "member"
    muted: bool = False
    calls: int = Field(default=10, ge=0)
    temporary: bool = True
    members: frozenset[int] = frozenset()


class OneBotWorld:
    """State that every thread may read and change; what it hands out is frozen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._account = Account()
        self._groups: dict[int, Group] = {}
        self._friends: set[int] = set()
        self._pace = Window()
        self._ids = count(1_000_001)

    @property
    def account(self) -> Account:
        """The account as it is now."""
        return self._account

    def save_account(self, account: Account) -> None:
        """Change the account."""
        with self._lock:
            self._account = account

    def find_group(self, number: int) -> Group | None:
        """Find a group that the account is in."""
        return self._groups.get(number)

    def list_groups(self) -> list[int]:
        """Give the numbers of all groups that the account is in."""
        with self._lock:
            return sorted(self._groups)

    def save_group(self, number: int, group: Group | None) -> None:
        """Join or change a group; None: leave it."""
        with self._lock:
            if group is None:
                self._groups.pop(number, None)
            else:
                self._groups[number] = group

    def save_friend(self, number: int, *, is_friend: bool) -> None:
        """Begin or end a friendship."""
        with self._lock:
            if is_friend:
                self._friends.add(number)
            else:
                self._friends.discard(number)

    def is_friend(self, number: int) -> bool:
        """Whether this person is a friend."""
        return number in self._friends

    def make_id(self) -> int:
        """Give a message its number."""
        return next(self._ids)

    def is_too_fast(self, per_minute: float | None, burst: int) -> bool:
        """Count a message; whether it came too soon after the ``burst`` before."""
        if per_minute is None:
            return False
        now = time.monotonic()
        with self._lock:
            wait = self._pace.wait(now, per_minute, 60, burst)
            self._pace.add(now)
            return wait > 0
