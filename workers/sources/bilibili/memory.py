"""What is remembered and seen of an account on bilibili."""

from datetime import datetime
from typing import NamedTuple

from stargazer.models import Model, Time
from stargazer.windows import Window
from workers.sources.bilibili.posts import Post

KIND = "bilibili"


class Validators(Model):
    """What a feed's server said of its answer, for the next conditional request."""

    etag: str | None = None
    last_modified: str | None = None


class BilibiliMemory(Model):
    """What is remembered of an account.

    :ivar account: its number.
    :ivar checked_at: when it was last known to be followed by the operator's account.
    """

    account: str
    window: Window
    checked_at: Time | None = None
    validators: Validators = Validators()


class Sight(NamedTuple):
    """The posts of an account that are in view, in any order."""

    posts: tuple[Post, ...]
    checked_at: datetime | None = None
    validators: Validators = Validators()
