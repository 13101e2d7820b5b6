"""Our own format: a line of JSON for each thing.

The first line says what it is, the last one how much there was, so that a file that was cut off is
noticed. The same database makes the same bytes each time. What was seen of an account goes with
it, or all that it ever said would be told again; times in it, whose form is each source's own, are
written ``{"$date": …}``.
"""

from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from pydantic_core import from_json

from stargazer.moving.contents import PAGE, Contents, FileError
from stargazer.moving.own_lines import read_line, show_task, write_line

VERSION = 1
USER_FIELDS = ("name", "avatar", "event_filter", "settings", "paused", "paused_at")
_LONGEST_LINE = 32 * 1024 * 1024
_PLACES = {"group": "groups", "entity": "entities", "user": "users", "waiting": "waiting"}


def recognise(head: bytes) -> bool:
    """Tell whether a file that begins so is one of ours."""
    return head.lstrip().startswith(b'{"stargazer":')


def write(pages: Iterable[Contents]) -> Iterator[str]:
    """Write a file, line by line."""
    yield write_line({"stargazer": "export", "version": VERSION})
    counts = Counter(dict.fromkeys(_PLACES, 0))
    for page in pages:
        for group in page.groups:
            yield write_line({"group": group})
        for entity in page.entities:
            tasks = sorted(entity.tasks, key=lambda moved: moved.task.id)
            shown = {"id": entity.id, "meta": entity.meta, "tasks": list(map(show_task, tasks))}
            yield write_line({"entity": shown})
        for user in page.users:
            yield write_line({"user": user})
        for waiting in page.waiting:
            yield write_line({"waiting": waiting})
        counts.update({what: len(getattr(page, name)) for what, name in _PLACES.items()})
    yield write_line({"end": dict(counts)})


def read(stream: BinaryIO, _now: datetime) -> Iterator[Contents]:
    """Read a file, page by page.

    :raises FileError: at the first line that is wrong, with its number.
    """
    lines = enumerate(_read_lines(stream), 1)
    _check_head(next(lines, (1, b""))[1].removeprefix(BOM_UTF8))
    counts = Counter(dict.fromkeys(_PLACES, 0))
    things: dict[str, list[Any]] = {name: [] for name in (*_PLACES.values(), "remarks")}
    end: dict[str, int] | None = None
    for number, line in lines:
        if not line.strip():
            continue
        if end is not None:
            raise FileError(f"line {number}: there is more behind the end")
        what, thing, remarks = read_line(line, number)
        things["remarks"] += remarks
        if what == "end":
            end = thing
            continue
        things[_PLACES[what]].append(thing)
        counts[what] += 1
        if sum(map(len, things.values())) >= PAGE:
            yield _make_page(things)
            things = {name: [] for name in things}
    if end is None:
        raise FileError("the last line is missing: the file was cut off")
    if end != dict(counts):
        raise FileError(f"the file says that it has {_say(end)}, and has {_say(counts)}")
    yield _make_page(things)


def _make_page(things: dict[str, list[Any]]) -> Contents:
    pages = {name: tuple(each) for name, each in things.items()}
    return Contents(**pages, user_fields=USER_FIELDS, tells_pauses=True)


def _read_lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(_LONGEST_LINE):
        yield line


def _check_head(line: bytes) -> None:
    try:
        head = from_json(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("stargazer") != "export":
        raise FileError("line 1: this is no export of Stargazer")
    version = head.get("version")
    if not isinstance(version, int) or version < 1:
        raise FileError("line 1: `version` is missing")
    if version > VERSION:
        raise FileError(
            f"line 1: it was written by a later version of Stargazer (its form is {version}, this"
            f" one reads {VERSION})"
        )


def _say(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} of {what}" for what, number in sorted(counts.items()))
