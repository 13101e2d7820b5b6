"""The address of a chat on QQ: ``private:NUMBER`` or ``group:NUMBER``.

A bare number is refused: people and groups have numbers of the same length, and a message that
goes to a stranger by mistake is what costs an account on QQ.
"""

import re
from typing import NamedTuple

_ADDRESS = re.compile(r"(private|group):([1-9]\d{4,11})", re.ASCII)


class Chat(NamedTuple):
    """A chat on QQ.

    :ivar number: of the person or of the group.
    """

    is_group: bool
    number: int

    def __str__(self) -> str:
        return f"{'group' if self.is_group else 'private'}:{self.number}"


def parse(given: str) -> Chat:
    """Read an address.

    :raises ValueError: when it is none.
    """
    match = _ADDRESS.fullmatch(given)
    if match is None:
        raise ValueError("expected private:NUMBER for a person on QQ, or group:NUMBER for a group")
    return Chat(match[1] == "group", int(match[2]))
