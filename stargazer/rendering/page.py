"""What a template sees of an Event, and the message that is read off what it wrote.

A template writes plain lines. What is more than a line (a quote, a translation with its original,
a time) is put down in the page's list, and a mark with its number in the text; no text of others
can hold such a mark, as it is made of a character that cleaning takes away.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from jinja2 import UndefinedError

from stargazer.models import Event, Fields, UserSettings
from stargazer.rendering.cleaning import clean, clean_line, clean_url, clean_value
from stargazer.rendering.fitting import cut_text
from stargazer.rendering.forms.plain import write_part
from stargazer.rendering.message import Moment, Part, Quote, Times, Translation
from stargazer.rendering.times import Clock
from stargazer.translation.languages import is_same

_MARK = re.compile("\0(\\d+)\0")
_TRANSLATIONS = "translations"
#: What each template may name, whether the Event has it or not.
_ABSENT: Mapping[str, Any] = {
    "title": "",
    "text": "",
    "url": "",
    "author": "",
    "category": "",
    "title_before": "",
    "category_before": "",
    "picture": "",
    "pictures": [],
    "video_previews": [],
    "scheduled_at": None,
    "scheduled_before": None,
    "started_at": None,
    "ended_at": None,
    "published_at": None,
    "premiere": False,
    "short": False,
    "members_only": False,
    "sensitive": False,
}


class Post(NamedTuple):
    """What somebody else wrote, as a template sees it.

    :ivar deleted: whether it is not there any more.
    """

    author: str
    text: str
    url: str
    pictures: tuple[str, ...]
    deleted: bool


class Facts:
    """An Event's fields, made fit to be shown; the same for all readers.

    :ivar fields: cleaned, without what is absent.
    """

    def __init__(self, event: Event) -> None:
        self.fields: Fields = {
            name: clean_value(value)
            for name, value in event.fields.items()
            if value is not None and name != _TRANSLATIONS
        }
        self._translations = event.fields.get(_TRANSLATIONS)
        self.quoted = _read_post(self.fields.get("quoted"))
        self.original = _read_post(self.fields.get("original"))

    @cached_property
    def url(self) -> str:
        """Where it leads to; empty when nowhere."""
        return clean_url(self.fields.get("url"))

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """Its pictures, else those of what it is about."""
        own = _list_urls(self.fields.get("pictures")) or _list_urls([self.fields.get("picture")])
        if own or self.video_preview:
            return own
        others = (other.pictures for other in (self.original, self.quoted) if other)
        return next(filter(None, others), ())

    @cached_property
    def video_preview(self) -> str | None:
        """A picture of its video, or None."""
        return next(iter(_list_urls(self.fields.get("video_previews"))), None)

    def find_translation(self, name: str, language: str) -> str:
        """Give what was made of a field in a language, or in one that reads the same."""
        made = self._translations if isinstance(self._translations, dict) else {}
        alike = (each for each in made if isinstance(each, str) and is_same(each, language))
        known = language if language in made else next(alike, "")
        texts = made.get(known)
        text = texts.get(f"/{name}") if isinstance(texts, dict) else None
        return clean(text) if isinstance(text, str) else ""


class Page:
    """What one template writes for one reader.

    :param what: what the kind is called, for templates that are for all kinds.
    """

    def __init__(
        self, facts: Facts, name: str, what: str, reader: UserSettings, clock: Clock
    ) -> None:
        self._facts = facts
        self._reader = reader
        self._clock = clock
        self._noted: list[Part | Moment] = []
        functions: dict[str, Callable[..., Any]] = {
            "tell": self.tell,
            "quote": self.quote,
            "when": self.when,
            "clock": self.clock,
            "span": self.span,
            "minutes_since": self.minutes_since,
        }
        self.variables: dict[str, Any] = {
            **_ABSENT,
            **facts.fields,
            "fields": facts.fields,
            "quoted": facts.quoted,
            "original": facts.original,
            "name": name,
            "what": what,
            "language": reader.language,
            **functions,
        }

    def tell(self, name: str, most: int | None = None) -> str:
        """Write the text of a field, with its translation in front where the reader wants one.

        :param most: how many characters of each; None: all.
        """
        if name not in self.variables:
            raise UndefinedError(f"there is no field {name!r}")
        text = str(self.variables[name] or "")
        if not text:
            return ""
        made = self._translate(name)
        if most is not None:
            text, made = (cut_text(each, most, len) or "" for each in (text, made))
        return self._note(Translation(made, text) if made and made != text else text)

    def quote(self, name: str) -> str:
        """Write what somebody else wrote: ``quoted`` or ``original``."""
        other = self.variables.get(name)
        if name not in ("quoted", "original"):
            raise UndefinedError(f"there is nothing to quote in {name!r}")
        if not isinstance(other, Post) or not other.text:
            return ""
        made = self._translate(f"{name}/text")
        if not made and other.text == self.variables["text"]:
            # Of what is passed on without a word, the text is the Event's own as well.
            made = self._translate("text")
        if made and made != other.text:
            return self._note(Quote(other.author, made, other.text))
        return self._note(Quote(other.author, other.text))

    def when(self, value: object) -> str:
        """Write a time and how far away it is; nothing for what is no time."""
        at = self._clock.read_time(value)
        return self._note(self._clock.tell(at)) if at else ""

    def clock(self, value: object) -> str:
        """Write a time alone; nothing for what is no time."""
        at = self._clock.read_time(value)
        return self._note(self._clock.tell(at, is_relative=False)) if at else ""

    def span(self, start: object, end: object) -> str:
        """Write how long something took; nothing when that is not known."""
        first, last = self._clock.read_time(start), self._clock.read_time(end)
        return self._clock.measure(first, last) if first and last else ""

    def minutes_since(self, value: object) -> int:
        """Give the minutes since a time, at least 0; 0 for what is no time."""
        at = self._clock.read_time(value)
        return self._clock.count_minutes_since(at) if at else 0

    def read(self, written: str) -> tuple[str, tuple[Part, ...]]:
        """Read headline and body off what a template wrote.

        :raises UndefinedError: when it wrote nothing.
        """
        lines = [stripped for line in written.split("\n") if (stripped := line.strip())]
        if not lines:
            raise UndefinedError("a template must write a line at least")
        headline, *body = (self._read_line(line) for line in lines)
        return clean_line(write_part(headline)), tuple(body)

    def _translate(self, name: str) -> str:
        if not self._reader.translate:
            return ""
        return self._facts.find_translation(name, self._reader.language)

    def _note(self, noted: Part | Moment) -> str:
        self._noted.append(noted)
        return f"\0{len(self._noted) - 1}\0"

    def _read_line(self, line: str) -> Part:
        pieces: list[Part | Moment] = list(_MARK.split(line))
        pieces[1::2] = [self._noted[int(str(number))] for number in pieces[1::2]]
        match [piece for piece in pieces if piece != ""]:
            case [str() | Translation() | Quote() as part]:
                return part
            case found if any(isinstance(piece, Moment) for piece in found):
                return Times(tuple(x if isinstance(x, Moment) else write_part(x) for x in found))
            case found:
                return "".join(
                    write_part(piece) for piece in found if not isinstance(piece, Moment)
                )


def _list_urls(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(dict.fromkeys(filter(None, map(clean_url, values))))


def _read_post(value: object) -> Post | None:
    if not isinstance(value, dict):
        return None
    return Post(
        author=clean_line(str(value.get("author") or "")),
        text=str(value.get("text") or ""),
        url=clean_url(value.get("url")),
        pictures=_list_urls(value.get("pictures")),
        deleted=bool(value.get("deleted")),
    )
