"""Which items of a sliding window are new. All pure.

Timelines and feeds show their newest items, in an order that cannot be relied upon. An item may be
put in between others, may go and come again, may be edited, and when a newer one is deleted an
older one that nobody has seen yet comes into view at the end. New is what was never seen and is
no older than the oldest that was in view at the first look.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from pydantic import Field

from stargazer.models import Model, Time

#: So many are remembered, or what is in view; what is older than the others is history.
MOST_REMEMBERED = 400


class Item(Protocol):
    """What a window shows."""

    @property
    def item_id(self) -> str:
        """What the platform calls it, the same after an edit."""

    @property
    def published_at(self) -> datetime | None:
        """When it became visible; None when the platform does not say."""


I = TypeVar("I", bound=Item)  # noqa: E741 - an item


class Window(Model):
    """What is remembered of a window.

    :ivar since: what was published before that is history.
    :ivar seen: the ids that were seen, with when each was published or, if nobody knows, seen.
    """

    since: Time
    seen: dict[str, Time] = Field(default_factory=dict)


class Sight(NamedTuple):
    """What follows from a look at a window.

    :ivar new: the ids that are new, oldest first.
    """

    window: Window
    new: tuple[str, ...]


def compare_window(window: Window | None, items: Sequence[Item], now: datetime) -> Sight:
    """Tell which items are new.

    :param window: None at the first look, at which nothing is new.
    :param items: what is in view, in any order.
    """
    dated = {item.item_id: _date(item, now) for item in items}
    if window is None:
        since = min(dated.values(), default=now)
        return Sight(_forget(Window(since=since, seen=dated), dated), ())
    new = {key: at for key, at in dated.items() if key not in window.seen and at >= window.since}
    # What is old and unknown is not remembered either: it is old at the next look as well.
    seen = {**window.seen, **new}
    after = window if not new else _forget(Window(since=window.since, seen=seen), dated)
    return Sight(after, tuple(sorted(new, key=lambda key: (new[key], key))))


def pick(items: Iterable[I], keys: Sequence[str]) -> list[I]:
    """Give the items of these ids, in the order of the ids."""
    by_id = {item.item_id: item for item in items}
    return [by_id[key] for key in keys]


def _date(item: Item, now: datetime) -> datetime:
    # A date in the future would make history of all that comes until then.
    return min(item.published_at or now, now)


def _forget(window: Window, in_view: Collection[str]) -> Window:
    """Keep what is in view and the newest, and take all up to what is forgotten for history.

    What is in view is seen again at the next look, and must be known then, however old it is.
    """
    surplus = len(window.seen) - MOST_REMEMBERED
    if surplus <= 0:
        return window
    out_of_view = sorted((at, key) for key, at in window.seen.items() if key not in in_view)
    forgotten = out_of_view[:surplus]
    if not forgotten:
        return window
    # The next moment that the database can tell from the last of them.
    since = max(window.since, forgotten[-1][0] + timedelta(milliseconds=1))
    gone = {key for _, key in forgotten}
    kept = {key: at for key, at in window.seen.items() if key not in gone}
    return Window(since=since, seen=kept)
