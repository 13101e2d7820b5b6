"""How a kind of Event looks: its platform's colour, whether it may make a sound or wake people."""

from collections.abc import Collection
from typing import NamedTuple

_GREY = 0x99AAB5
_COLOURS = {
    "youtube": 0xFF0000,
    "twitter": 0x1D9BF0,
    "bilibili": 0x00AEEC,
    "bililive": 0xFB7299,
    "twitch": 0x9146FF,
    "feed": 0xEE802F,
}
_SILENT = frozenset({"live_title", "live_end"})
_WAKING = frozenset({"live_start"})


class Look(NamedTuple):
    """Hints for chat apps.

    :ivar colour: ``0xRRGGBB``.
    """

    colour: int
    may_mention: bool


def get_look(kind: str) -> Look:
    """Give the hints of a kind, grey for a platform that is not ours."""
    platform, _, what = kind.partition("/")
    return Look(_COLOURS.get(platform, _GREY), what in _WAKING)


def is_silent(kind: str, chosen: Collection[str] | None = None) -> bool:
    """Tell whether a message of a kind need not make a sound.

    :param chosen: the kinds for which its reader wants none; None: the usual ones.
    """
    return kind.partition("/")[2] in _SILENT if chosen is None else kind in chosen
