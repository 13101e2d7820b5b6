"""What a chat is told, before any chat app gives it a form of its own."""

from datetime import datetime
from typing import NamedTuple


class Moment(NamedTuple):
    """A time within a line.

    :ivar text: as the reader reads it, such as ``21:00 JST (in 30 minutes)``.
    :ivar is_relative: whether the text says how far away it is, too.
    """

    at: datetime
    text: str
    is_relative: bool


class Times(NamedTuple):
    """A line with times in it; a chat app that knows times itself may write them its own way.

    :ivar pieces: what stands in the line, from left to right.
    """

    pieces: tuple[str | Moment, ...]


class Translation(NamedTuple):
    """A text in the reader's language, with what it was made of."""

    text: str
    original: str


class Quote(NamedTuple):
    """What somebody else wrote.

    :ivar author: their name; empty when it is not known.
    :ivar original: what ``text`` was translated from; empty when it was not.
    """

    author: str
    text: str
    original: str = ""


#: A plain ``str`` is a text of one or more lines.
Part = str | Translation | Quote | Times


class Message(NamedTuple):
    """One message, all of it plain text; :mod:`stargazer.rendering.forms` adds the markup.

    :ivar headline: who and what, in one line.
    :ivar body: the rest, from top to bottom.
    :ivar url: where it leads to; empty when nowhere.
    :ivar pictures: URLs, the most telling first.
    :ivar video_preview: URL of a picture of a video that the message is about, or None.
    :ivar author: what its author is called on the platform; empty when the Entity's name says it.
    :ivar kind: of the Event.
    :ivar colour: of the platform, as ``0xRRGGBB``.
    :ivar at: when it happened; None when that is not known.
    :ivar is_silent: a hint that it need not make a sound.
    :ivar may_mention: a hint that it is worth waking people for.
    :ivar is_sensitive: whether the pictures should be hidden until somebody wants to see them.
    """

    headline: str
    body: tuple[Part, ...] = ()
    url: str = ""
    pictures: tuple[str, ...] = ()
    video_preview: str | None = None
    author: str = ""
    kind: str = ""
    colour: int = 0
    at: datetime | None = None
    is_silent: bool = False
    may_mention: bool = False
    is_sensitive: bool = False

    @property
    def picture(self) -> str | None:
        """The one picture of a chat app that shows one; a video's when there is no other."""
        return self.pictures[0] if self.pictures else self.video_preview
