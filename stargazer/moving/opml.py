"""OPML, in which programs that read feeds tell one another of them.

A folder is a Group, also one within another; the feeds of one name in one folder are an Entity's.
A feed that is a channel's on YouTube becomes that channel, which is watched better than by a feed.

Source: http://opml.org/spec2.opml
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from pydantic import ValidationError

from stargazer.models import Group, Meta, Task
from stargazer.moving.contents import (
    Contents,
    FileError,
    MovedEntity,
    MovedTask,
    Remark,
    make_name,
    name_thing,
)
from stargazer.platforms.feed import FEED, normalise
from stargazer.platforms.registry import PLATFORMS, Account

_YOUTUBE_FEED = "https://www.youtube.com/feeds/videos.xml?channel_id="
_DEEPEST = 50
_BETWEEN = " / "


def recognise(head: bytes) -> bool:
    """Tell whether a file that begins so is OPML."""
    return b"<opml" in head.lower()


def read(stream: BinaryIO, now: datetime) -> Contents:
    """Read a file.

    :raises FileError: when it is no OPML, or declares a document type: none needs one, and
        without one there is no entity to expand.
    """
    reading = _Reading(now)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.StartDoctypeDeclHandler = _refuse
    reading.parser = parser
    try:
        parser.ParseFile(stream)
    except expat.ExpatError as exc:
        reason = expat.errors.messages[exc.code]
        raise FileError(f"line {exc.lineno}: this is no XML: {reason}") from None
    if not reading.is_opml:
        raise FileError("line 1: this is no OPML")
    return reading.finish()


def write(pages: Iterable[Contents]) -> Iterator[str]:
    """Write all that has a feed, line by line."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<opml version="2.0">'
    yield "  <head><title>Stargazer</title></head>"
    yield "  <body>"
    names: dict[UUID | None, str] = {None: ""}
    lines: dict[UUID | None, list[str]] = {None: []}
    for page in pages:
        for group in page.groups:
            names[group.id] = group.name.name[group.name.default_language]
        for entity in page.entities:
            group_id = entity.meta.group if entity.meta.group in names else None
            lines.setdefault(group_id, []).extend(_write_entity(entity))
    for key, name in sorted(names.items(), key=lambda pair: (pair[0] is None, str(pair[0]))):
        found = lines.get(key, [])
        if key is None:
            yield from (f"    {line}" for line in found)
        elif found:
            yield f"    <outline text={_quote(name)} title={_quote(name)}>"
            yield from (f"      {line}" for line in found)
            yield "    </outline>"
    yield "  </body>"
    yield "</opml>"


def find_account(address: str) -> Account | None:
    """Tell what account a feed's address is of; None where it is no address."""
    named = FEED.recognise(address)
    url = normalise(named) if named else None
    if url is None:
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    ids = parse_qs(parts.query).get("channel_id", [])
    if host == "youtube.com" and parts.path == "/feeds/videos.xml" and ids:
        account = Account("youtube", {"channel_id": ids[0]})
    else:
        account = Account("feed", {"url": url})
    try:
        PLATFORMS[account.kind].params.model_validate(account.params)
    except ValidationError:
        return None
    return account


def _refuse(*_: object) -> None:
    raise FileError("it declares a document type, which is not read")


class _Reading:
    """What was read until now.

    :ivar path: the names of the folders that we are in; None for an outline that is none.
    """

    parser: expat.XMLParserType

    def __init__(self, now: datetime) -> None:
        self.is_opml = False
        self._now = now
        self._path: list[str | None] = []
        self._groups: dict[UUID, Group] = {}
        self._entities: dict[UUID, MovedEntity] = {}
        self._accounts: set[tuple[str, str]] = set()
        self._remarks: list[Remark] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take in what an element says."""
        tag = tag.lower()
        if tag == "opml":
            self.is_opml = True
        if tag != "outline":
            return
        found = {name.lower(): value.strip() for name, value in attributes.items()}
        name = found.get("title") or found.get("text") or ""
        address = found.get("xmlurl")
        self._path.append(None if address else name or None)
        if len(self._path) > _DEEPEST:
            raise FileError(f"line {self._line}: folders are nested more than {_DEEPEST} deep")
        if address:
            self._add(name, address)

    def end(self, tag: str) -> None:
        """Leave an element."""
        if tag.lower() == "outline":
            self._path.pop()

    def finish(self) -> Contents:
        """Give all of it."""
        used = {each.meta.group for each in self._entities.values()}
        return Contents(
            groups=tuple(group for key, group in self._groups.items() if key in used),
            entities=tuple(self._entities.values()),
            remarks=tuple(self._remarks),
            is_foreign=True,
        )

    @property
    def _line(self) -> int:
        return self.parser.CurrentLineNumber

    def _add(self, name: str, address: str) -> None:
        account = find_account(address)
        if account is None:
            reason = "no feed has this address: it is neither http nor https, or no channel's id"
            self._remarks.append(Remark(place=f"line {self._line}, {name!r}", reason=reason))
            return
        (value,) = account.params.values()
        if (account.kind, value) in self._accounts:
            reason = "the same feed as one before"
            self._remarks.append(Remark(place=f"line {self._line}, {name!r}", reason=reason))
            return
        self._accounts.add((account.kind, value))
        name = name or urlsplit(address).hostname or account.kind
        folder = _BETWEEN.join(filter(None, self._path))
        key = name_thing("opml", folder, name)
        entity = self._entities.get(key)
        if entity is None:
            meta = Meta(name=make_name(name), group=self._find_group(folder))
            entity = MovedEntity(id=key, meta=meta)
        task = Task(
            id=name_thing(str(key), account.kind, value),
            entity=key,
            kind=account.kind,
            params=account.params,
            created_at=self._now,
        )
        tasks = (*entity.tasks, MovedTask(task=task))
        self._entities[key] = entity.model_copy(update={"tasks": tasks})

    def _find_group(self, folder: str) -> UUID | None:
        if not folder:
            return None
        key = name_thing("opml", folder)
        self._groups.setdefault(key, Group(id=key, name=make_name(folder)))
        return key


def _write_entity(entity: MovedEntity) -> Iterator[str]:
    name = entity.meta.name.name[entity.meta.name.default_language]
    for moved in sorted(entity.tasks, key=lambda moved: moved.task.id):
        params = moved.task.params
        if moved.task.kind == "youtube":
            url = _YOUTUBE_FEED + params.get("channel_id", "")
        elif moved.task.kind == "feed":
            url = params.get("url", "")
        else:
            continue
        yield (
            f'<outline type="rss" text={_quote(name)} title={_quote(name)} xmlUrl={_quote(url)}/>'
        )


def _quote(text: str) -> str:
    # What XML cannot have, whoever wrote it.
    return quoteattr("".join(each for each in text if each >= " " and each != "\ufffe"))
