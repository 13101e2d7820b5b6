"""A message that is too long for a chat app becomes shorter, before it gets its markup.

What is cut is the text, from the end: quotes first, originals of translations, then the texts
themselves. Headline, times and the link stay as long as they fit at all.
"""

import unicodedata
from collections.abc import Callable, Sequence

from stargazer.rendering.message import Message, Part, Quote, Times, Translation

ELLIPSIS = "…"
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
#: So many characters at most are taken for one; more of them are no letter that anybody reads.
_LONGEST_CHARACTER = 16
#: How much a chat app takes a part for. It grows with the text, by 1 at least for a character.
Measure = Callable[[Part], int]


def fit(message: Message, limit: int, measure: Measure) -> Message:
    """Give a message whose lines, joined by line ends, are no longer than ``limit``."""
    if _sum(message.headline, message.body, message.url, measure) <= limit:
        return message
    url = message.url if measure(message.url) <= limit // 2 else ""
    left = limit - (measure(url) + 1 if url else 0)
    headline = cut_text(message.headline, left, measure) or ""
    body: list[Part] = list(message.body)
    for spared in (Times, ()):
        for index in reversed(range(len(body))):
            over = _sum(headline, body, url, measure) - limit
            if over <= 0:
                break
            if not isinstance(body[index], spared):
                shorter = cut(body[index], measure(body[index]) - over, measure)
                body[index : index + 1] = [shorter] if shorter is not None else []
    return message._replace(headline=headline, body=tuple(body), url=url)


def cut(part: Part, limit: int, measure: Measure) -> Part | None:
    """Give the beginning of a part; None when nothing of it is short enough.

    A time is never cut: half of one says something else.
    """
    if measure(part) <= limit:
        return part
    match part:
        case str():
            return cut_text(part, limit, measure)
        case Translation(text, original):
            shorter = _cut_field(original, limit, lambda cut: measure(Translation(text, cut)))
            return Translation(text, shorter) if shorter else cut_text(text, limit, measure)
        case Quote(author, text, original):
            if original and (
                shorter := _cut_field(original, limit, lambda x: measure(Quote(author, text, x)))
            ):
                return Quote(author, text, shorter)
            shorter = _cut_field(text, limit, lambda cut: measure(Quote(author, cut)))
            return Quote(author, shorter) if shorter else None
    return None


def cut_text(text: str, limit: int, measure: Callable[[str], int]) -> str | None:
    """Cut a text as :func:`cut` does."""
    return text if measure(text) <= limit else _cut_field(text, limit, measure)


def count_units(text: str) -> int:
    """Count UTF-16 units, of which most emoji have two; no chat app counts more than these."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _sum(headline: str, body: Sequence[Part], url: str, measure: Measure) -> int:
    parts = [part for part in (headline, *body, url) if part != ""]
    return sum(map(measure, parts)) + max(len(parts) - 1, 0)


def _cut_field(text: str, limit: int, measure: Callable[[str], int]) -> str | None:
    """Give the longest beginning, with an ellipsis, that is short enough."""
    fits, too_long = 0, min(len(text), max(limit, 0)) + 1
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if measure(_shorten(text, middle)) <= limit:
            fits = middle
        else:
            too_long = middle
    return _shorten(text, fits) if fits else None


def _shorten(text: str, length: int) -> str:
    """Cut between two characters as people count them."""
    for end in range(length, max(length - _LONGEST_CHARACTER, 0), -1):
        if end >= len(text) or not _is_inside(text, end):
            return f"{text[:end].rstrip()}{ELLIPSIS}"
    return f"{text[:length].rstrip()}{ELLIPSIS}"


def _is_inside(text: str, at: int) -> bool:
    """Whether what stands before and after belong to one character."""
    after = text[at]
    return (
        text[at - 1] == _JOINER
        or after == _JOINER
        or unicodedata.category(after) in ("Mn", "Me")
        or ord(after) in _SKIN_TONES
    )
