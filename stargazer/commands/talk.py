"""Who says something to us, and what we say back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Asker:
    """Who says something, and where.

    :ivar im: the chat app.
    :ivar address: the ``im_payload`` of the chat where it was said.
    :ivar name: what that chat is called.
    :ivar private_address: the ``im_payload`` of the private chat with this person; None where
        there can be none. In a private chat, the same as ``address``.
    :ivar is_group: whether others hear it, too.
    :ivar is_admin: whether this person may change what that chat hears; in a private chat, always.
        It costs a question to the chat app, so ask :func:`stargazer.commands.needs_admin` first.
    :ivar is_addressed: whether it was certainly said to us, and not only to the group.
    :ivar language: what the person's own device speaks, such as ``zh-hans``; empty: unknown.
    :ivar start_url: where a person opens the private chat with us; None: there is no such address.
    """

    im: str
    address: str
    name: str = ""
    private_address: str | None = None
    is_group: bool = False
    is_admin: bool = True
    is_addressed: bool = True
    language: str = ""
    start_url: str | None = None


class Button(NamedTuple):
    """What may be pressed instead of typed.

    :ivar label: what stands on it.
    :ivar command: what pressing it says to us, at most 64 bytes; empty where there is a ``url``.
    :ivar url: what pressing it opens; it may hold the token of a session, and is never logged.
    """

    label: str
    command: str = ""
    url: str = ""


class Reply(NamedTuple):
    """What we say.

    :ivar text: plain text without markup.
    :ivar buttons: one row each; a chat app without buttons shows the links of those that have one,
        see :meth:`to_plain`. What the commands of the others do, the text says how to type.
    :ivar is_private: to be sent to ``private_address``, and never into a group.
    :ivar beside: what to say in the group when the private one was sent.
    :ivar otherwise: what to say in the group when it could not be sent privately.
    :ivar is_refusal: whether nothing was done. After the button of somebody else, only who pressed
        it needs to know.
    """

    text: str
    buttons: Sequence[Button] = ()
    is_private: bool = False
    beside: "Reply | None" = None
    otherwise: "Reply | None" = None
    is_refusal: bool = False

    def to_plain(self) -> str:
        """Give the text with the links of its buttons, for a chat app that has no buttons."""
        links = [f"{button.label}: {button.url}" for button in self.buttons if button.url]
        return "\n".join([self.text, *links])
