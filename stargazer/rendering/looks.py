"""How a kind of Event looks: its platform's colour, whether it may make a sound or wake people."""

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
    is_silent: bool
    may_mention: bool


def get_look(kind: str) -> Look:
    """Give the hints of a kind, grey for a platform that is not ours."""
    platform, _, what = kind.partition("/")
    return Look(_COLOURS.get(platform, _GREY), what in _SILENT, what in _WAKING)
