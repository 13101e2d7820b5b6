"""Which format a file has, and the reading of it."""

import io
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from stargazer.moving import nbesf, opml, own, predecessor
from stargazer.moving.contents import Contents, FileError

_HEAD = 64 * 1024
_DUMPS = (".bson", ".json")
_COMPRESSED = b"\x1f\x8b"


class Format(NamedTuple):
    """A format.

    :ivar name: by which it is asked for.
    :ivar title: what people call it.
    """

    name: str
    title: str
    recognise: Callable[[bytes], bool]


FORMATS = {
    each.name: each
    for each in (
        Format("json", "an export of Stargazer", own.recognise),
        Format("opml", "OPML", opml.recognise),
        Format("nbesf", "NBESF of nonebot-bison", nbesf.recognise),
        Format("mongo", "MongoDB documents of the predecessor", predecessor.recognise),
    )
}


class Opened(NamedTuple):
    """A file whose format is known.

    :ivar read: gives what it has, page by page, each time from the beginning.
    """

    format: Format
    read: Callable[[], Iterator[Contents]]


def open_file(path: Path, name: str | None, now: datetime) -> Opened:
    """Open a file, or a folder of ``mongodump``.

    :param name: the format; None: the one that it looks like.
    :raises FileError: when it is none of them, or cannot be read.
    """
    try:
        if path.is_dir():
            paths = sorted(each for each in path.rglob("*") if each.suffix in _DUMPS)
            paths = [each for each in paths if not each.name.endswith(".metadata.json")]
            if not paths or name not in (None, "mongo"):
                raise FileError(f"{path}: a folder with the documents of MongoDB has .bson files")
            return Opened(FORMATS["mongo"], lambda: _read_dump(paths, now))
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as exc:
        raise FileError(f"{path}: {os.strerror(exc.errno or 0)}") from None
    return _open(path.name, lambda: path.open("rb"), head, name, now)


def open_text(text: str, name: str | None, now: datetime) -> Opened:
    """Open what was sent as a text.

    :raises FileError: as of :func:`open_file`.
    """
    body = text.encode()
    return _open("document", lambda: io.BytesIO(body), body[:_HEAD], name, now)


def _open(
    title: str, reopen: Callable[[], BinaryIO], head: bytes, name: str | None, now: datetime
) -> Opened:
    if head.startswith(_COMPRESSED):
        raise FileError("it is compressed; unpack it first")
    found = FORMATS[name] if name else _find_format(head)
    return Opened(found, lambda: _read(found, title, reopen, now))


def _find_format(head: bytes) -> Format:
    # Some editors put it in front.
    head = head.removeprefix(BOM_UTF8)
    for each in FORMATS.values():
        if each.recognise(head):
            return each
    titles = ", ".join(each.title for each in FORMATS.values())
    raise FileError(f"it looks like none of these: {titles}; say what it is, if it is one")


def _read(
    found: Format, title: str, reopen: Callable[[], BinaryIO], now: datetime
) -> Iterator[Contents]:
    with closing(reopen()) as stream:
        try:
            if found.name == "json":
                yield from own.read(stream, now)
            elif found.name == "opml":
                yield from opml.read(stream, now).split()
            elif found.name == "nbesf":
                yield from nbesf.read(stream, now).split()
            else:
                yield from predecessor.read([(title, stream)], now).split()
        except RecursionError:
            raise FileError("it is nested too deep") from None


def _read_dump(paths: list[Path], now: datetime) -> Iterator[Contents]:
    with ExitStack() as stack:
        streams = [(path.name, stack.enter_context(path.open("rb"))) for path in paths]
        yield from predecessor.read(streams, now).split()
