"""Names as people type them: in any language, spelling and width. All pure."""

import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple, TypeVar

T = TypeVar("T")

#: From katakana to hiragana, and the marks that repeat a letter.
_TO_HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
#: What stands between the parts of a foreign name as a space does.
_DOTS = dict.fromkeys(map(ord, "・·"))


class Rank(IntEnum):
    """How well a name matches, the best first."""

    EXACT = 0
    PREFIX = 1
    SUBSTRING = 2


class Match(NamedTuple):
    """What was found, with how well the best of its names matches."""

    rank: Rank
    length: int
    name: str


def fold(text: str) -> str:
    """Give what two spellings of the same name have in common.

    Neither case nor width counts, nor which kana a name is written in, nor spaces.
    """
    joined = "".join(unicodedata.normalize("NFKC", text).casefold().translate(_DOTS).split())
    return unicodedata.normalize("NFKC", joined).translate(_TO_HIRAGANA)


def search(query: str, named: Iterable[tuple[T, Iterable[str]]]) -> list[tuple[Rank, T]]:
    """Find what has a name like this.

    :param named: what there is, each with all of its names.
    :returns: the best first: whose name it is, then whose begins so, then who has it somewhere
        within; of those the shorter name first. Empty for a query without letters.
    """
    wanted = fold(query)
    if not wanted:
        return []
    found = [
        (min(matches), each)
        for each, names in named
        if (matches := [match for name in names if (match := _match(wanted, fold(name)))])
    ]
    found.sort(key=lambda pair: pair[0])
    return [(match.rank, each) for match, each in found]


def _match(wanted: str, name: str) -> Match | None:
    if wanted not in name:
        return None
    rank = Rank.SUBSTRING
    if name == wanted:
        rank = Rank.EXACT
    elif name.startswith(wanted):
        rank = Rank.PREFIX
    return Match(rank, len(name), name)
