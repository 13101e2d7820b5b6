"""What is remembered of a feed, and what a look at it gives."""

from datetime import timedelta
from typing import NamedTuple

from stargazer.feeds import Feed
from stargazer.models import Model
from stargazer.windows import Window

#: So often in a row a feed has to say that it has moved for good.
ENOUGH_MOVES = 3


class Home(Model):
    """Where a feed says that it has moved for good.

    :ivar times: how often in a row it has said so.
    """

    url: str
    times: int = 1

    @property
    def is_adopted(self) -> bool:
        """Whether it is asked there, and not at its Task's address."""
        return self.times >= ENOUGH_MOVES


class Validators(Model):
    """What makes the next request a conditional one.

    :ivar digest: of the body, for servers that know no conditions.
    """

    etag: str | None = None
    last_modified: str | None = None
    digest: str = ""


class FeedMemory(Model):
    """What is remembered of a feed.

    :ivar account: what hubs call it.
    :ivar seconds: how long it says that it may be kept.
    """

    account: str
    window: Window
    validators: Validators = Validators()
    home: Home | None = None
    seconds: int = 0


class Sight(NamedTuple):
    """What was seen of a feed.

    :ivar feed: None: what it was the last time.
    :ivar validators: None: those of the last time stay.
    :ivar rest: how long it need not be looked at; None: as long as usual.
    :ivar is_whole: whether what is not in it is not there; a push may be what is new alone.
    """

    feed: Feed | None
    validators: Validators | None = None
    home: Home | None = None
    rest: timedelta | None = None
    is_whole: bool = True


def note_home(known: Home | None, asked: str, answered: str, task_url: str) -> Home | None:
    """Give where a feed lives after an answer.

    :param asked: the address that was asked.
    :param answered: where it says that it is to be asked from now on.
    :param task_url: the address that its Task has.
    """
    if answered == asked:
        # At its adopted address it is at home; at its Task's it moves no more.
        return known if known and known.is_adopted and asked == known.url else None
    if answered == task_url:
        return None
    if known and known.url == answered:
        return known.model_copy(update={"times": min(known.times + 1, ENOUGH_MOVES)})
    return Home(url=answered)
