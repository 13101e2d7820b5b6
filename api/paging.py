"""Lists in pages: so many at once, and where the next page begins."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from typing import Annotated, TypeVar

from pydantic import Field

from api.rpc import Params, Result
from stargazer.errors import InvalidError
from stargazer.store.newest import Position

MOST = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_NUMBER = 15
_MILLISECOND = timedelta(milliseconds=1)

T = TypeVar("T")


class Page(Params):
    """Which part of a list.

    :ivar limit: how many at most.
    :ivar cursor: the ``next_cursor`` of the page before; left out, the list begins.
    """

    limit: Annotated[int, Field(ge=1, le=MOST)] | None = None
    cursor: Annotated[str, Field(max_length=200)] | None = None


class Paged(Result):
    """A part of a list.

    :ivar next_cursor: what to send as ``cursor`` for the next page; without it there is no more.
    """

    next_cursor: str | None = None


def take_page(
    items: Iterable[T], key: Callable[[T], str], page: Page, default: int | None = MOST
) -> tuple[list[T], str | None]:
    """Take one page, in the order of the keys.

    :param items: in any order; a stream will do.
    :param key: what orders them, and tells them apart.
    :param default: how many where the caller does not say; None for all of them.
    :returns: the page, and the cursor of the next one.
    """
    after = page.cursor
    rest = (item for item in items if after is None or key(item) > after)
    limit = page.limit or default
    if limit is None:
        return sorted(rest, key=key), None
    found = nsmallest(limit + 1, rest, key=key)
    taken = found[:limit]
    return taken, key(taken[-1]) if len(found) > limit else None


def write_position(position: Position) -> str:
    """Write down where a page ends, as a cursor."""
    passed = "" if position.passed is None else f".{position.passed}"
    return f"{(position.at - _EPOCH) // _MILLISECOND}.{position.key}{passed}"


def read_position(cursor: str) -> Position:
    """Read where a page ended.

    :raises InvalidError: when it is no such cursor.
    """
    at, _, rest = cursor.partition(".")
    key, _, passed = rest.partition(".")
    try:
        # Nothing was written down before there were computers.
        moment = _EPOCH + int(at if at.isdecimal() else "") * _MILLISECOND
        return Position(moment, key, int(passed[:_LONGEST_NUMBER]) if passed else None)
    except (ValueError, OverflowError):
        raise InvalidError("invalid_parameters", "`cursor`: it is none that a page gave") from None
