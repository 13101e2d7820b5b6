"""The address of a chat on Telegram, which is no secret: its id, and of a topic behind it.

Source: https://core.telegram.org/bots/api#sendmessage
"""

import re
from typing import NamedTuple

_ADDRESS = re.compile(
    r"(?P<chat>-?[1-9]\d{0,18}|@[A-Za-z]\w{3,31})(?:/(?P<topic>[1-9]\d{0,9}))?", re.ASCII
)


class Target(NamedTuple):
    """Where to write to.

    :ivar chat: its id, negative for groups and channels, or ``@name`` of a channel.
    :ivar topic: of a forum; None: the general one.
    """

    chat: str
    topic: int | None


def check(given: str) -> None:
    """See to it that an address is one.

    :raises ValueError: when it is none.
    """
    if _ADDRESS.fullmatch(given) is None:
        raise ValueError(
            "expected the id of a chat, as in -1001234567890, or the @name of a channel,"
            " and for a topic its id behind that, as in -1001234567890/42"
        )


def split(address: str) -> Target:
    """Read an address as it is stored."""
    chat, _, topic = address.partition("/")
    return Target(chat, int(topic) if topic.isdecimal() else None)


def move(address: str, chat: str) -> str:
    """Give what becomes of an address when the chat gets another id."""
    _, slash, topic = address.partition("/")
    return f"{chat}{slash}{topic}"


def join(chat: str, topic: int | None) -> str:
    """Give the address of a topic, or of the chat where there is none."""
    return chat if topic is None else f"{chat}/{topic}"
