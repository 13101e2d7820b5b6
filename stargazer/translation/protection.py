"""What a translator must not touch: addresses, @names, #tags, emoji, and names of the glossary.

A text becomes a template, in which these are tokens; a translator's dialect writes them as it
keeps them best, and puts them back afterwards.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

# Japanese follows an address without a space, so an address ends where ASCII does, and what ends
# a sentence is not its end.
_REST = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*(?<![.,!?;:'\")\]])"
_PATTERNS = (
    r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    r"(?i:https?)://" + _REST,
    r"(?<![A-Za-z0-9.-])(?:www\.|(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}/)" + _REST,
    # A name in ASCII ends where ASCII does: `@sora_tokinoさん`.
    r"[@\uff20](?:[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*|\w+)",
    r"[0-9#*]\ufe0f?\u20e3",
    # With a second # behind, as on Weibo and bilibili, or without, as elsewhere.
    r"[#\uff03](?:[^\s#\uff03]{1,50}[#\uff03](?!\w)|\w+)",
    # Pictures and signs with all that may follow: variants, joiners, skin, flags, tags.
    (
        r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf"
        r"\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
        r"[\ufe0e\ufe0f\u200d\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    ),
    # What no XML may hold, what may be taken for the end of a line, and our own marks.
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufffe\uffff\u27e6\u27e7]",
    r"\r(?!\n)",
)
_UNTOUCHABLE = re.compile("|".join(_PATTERNS))
_GAP = re.compile(r"[ \t\u3000]*")


class Token(NamedTuple):
    """A part that is not translated.

    :ivar text: what it is in the translation.
    :ivar is_name: whether a translator understands the sentence better for seeing it.
    """

    text: str
    is_name: bool = False


@dataclass(frozen=True)
class Template:
    """A text with what must not be touched taken out.

    :ivar lead: white space before it, which translators do not keep; ``tail`` is what is behind.
    """

    lead: str
    parts: tuple[str | Token, ...]
    tail: str

    @property
    def tokens(self) -> list[Token]:
        """The tokens, in order; the number of each is its place here."""
        return [part for part in self.parts if isinstance(part, Token)]

    @property
    def has_words(self) -> bool:
        """Whether anything is left to translate."""
        return any(isinstance(part, str) and has_letters(part) for part in self.parts)

    def fill(self, text: str) -> str:
        """Give back what translators do not keep around a text."""
        return f"{self.lead}{text.strip()}{self.tail}" if self.parts else self.lead

    def to_text(self) -> str:
        """Give the text as it is when nothing but names is to change."""
        words = (part.text if isinstance(part, Token) else part for part in self.parts)
        return f"{self.lead}{''.join(words)}{self.tail}"


class Names:
    """Names to look for in a text.

    :param forms: each form to what is to stand in its place.
    """

    def __init__(self, forms: Mapping[str, str]) -> None:
        self._forms = forms
        # The longest first, so that a full name is not taken for its first half.
        ordered = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_to_pattern, ordered))) if forms else None

    def split(self, text: str) -> Iterable[str | Token]:
        """Take the names out of a text."""
        at = 0
        for match in self._pattern.finditer(text) if self._pattern else ():
            yield text[at : match.start()]
            yield Token(self._forms[match.group()], is_name=True)
            at = match.end()
        yield text[at:]


NO_NAMES = Names({})


def protect(text: str, names: Names = NO_NAMES) -> Template:
    """Take out of a text what must not be touched."""
    core = text.strip()
    if not core:
        return Template(text, (), "")
    start = text.index(core)
    parts: list[str | Token] = []
    at = 0
    for match in _UNTOUCHABLE.finditer(core):
        gap = core[at : match.start()]
        if parts and isinstance(parts[-1], Token) and _GAP.fullmatch(gap):
            # Side by side they are one token: the fewer there are, the fewer get lost.
            parts[-1] = Token(f"{parts[-1].text}{gap}{match.group()}")
        else:
            parts += [*names.split(gap), Token(match.group())]
        at = match.end()
    parts += names.split(core[at:])
    kept = tuple(part for part in parts if part)
    return Template(text[:start], kept, text[start + len(core) :])


def has_letters(text: str) -> bool:
    """Whether there is a letter of any script."""
    return any(map(str.isalpha, text))


def _to_pattern(form: str) -> str:
    # A Latin name is not looked for inside of words.
    before = r"(?<![A-Za-z0-9])" if re.match("[A-Za-z0-9]", form) else ""
    after = r"(?![A-Za-z0-9])" if re.search("[A-Za-z0-9]$", form) else ""
    return f"{before}{re.escape(form)}{after}"
