"""Addresses that are secrets: whoever knows a webhook's URL may write to its chat.

Of such a one ``im_payload`` holds only a name, by which it is found again and which may be shown;
the address itself is kept beside it, encrypted with the operator's key::

    given, once ─▶ parse ─▶ name, secret ─▶ seal ─▶ im_payload, sealed ─▶ read, to send
"""

import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

from stargazer.addresses import apprise, discord, qq, telegram, webhook
from stargazer.errors import ThrottledError, TransientError
from stargazer.keyring import Keyring
from stargazer.models import User

log = logging.getLogger(__name__)

#: The chat apps that Users may be on.
CHAT_APPS = ("telegram", "discord", "webhook", "apprise", "qq", "web")


class Address(NamedTuple):
    """An address as it is stored.

    :ivar name: for ``im_payload``; the address itself, where that is no secret.
    :ivar sealed: the address encrypted; None where it is no secret.
    """

    name: str
    sealed: str | None


class NoKeyError(ValueError):
    """There is no key to encrypt an address with."""


#: By chat app: what makes an address and the stem of its name of what was given, or raises a
#: ValueError that says what would be right.
_PARSERS: Mapping[str, Callable[[str], tuple[str, str]]] = {
    "discord": discord.parse,
    "webhook": webhook.parse,
    "apprise": apprise.parse,
}
#: By chat app whose addresses are no secrets: what raises a ValueError of what is none.
_CHECKS: Mapping[str, Callable[[str], object]] = {"qq": qq.parse, "telegram": telegram.check}
#: Its id is a name already: nobody can write to a webhook by that alone.
_NAMED = {"discord"}
#: Seconds, after which it is looked again whether there is a key.
_KEY_PAUSE = 60.0


def is_secret(im: str) -> bool:
    """Tell whether the addresses of a chat app are secrets."""
    return im in _PARSERS


def seal(keyring: Keyring, im: str, given: str) -> Address:
    """Make of an address what is stored of it.

    :raises NoKeyError: when it is a secret, and the operator has given no key.
    :raises ValueError: when it is none of that chat app; without the address.
    """
    if not is_secret(im):
        if im in _CHECKS:
            _CHECKS[im](given)
        return Address(given, None)
    stem, secret = _PARSERS[im](given)
    if not keyring:
        raise NoKeyError(
            f"an address of {im} is a secret, and STARGAZER_SECRET_KEY is not set to keep it with"
        )
    return Address(_list_names(keyring, im, stem, secret)[0], keyring.encrypt(secret))


def list_names(keyring: Keyring, im: str, given: str) -> list[str]:
    """Give what ``im_payload`` may hold of an address, which may be such a name itself."""
    if not is_secret(im):
        return [given]
    try:
        stem, secret = _PARSERS[im](given)
    except ValueError:
        return [given]
    return _list_names(keyring, im, stem, secret)


def read(keyring: Keyring, user: User) -> str:
    """Give the address to send to.

    :raises ThrottledError: without any key: nothing is given up until the operator mends that.
    :raises TransientError: when no key fits: the others' messages are not to wait for this one's.
    """
    if not keyring:
        raise ThrottledError("STARGAZER_SECRET_KEY is not set to read addresses with", _KEY_PAUSE)
    secret = keyring.decrypt(user.sealed) if user.sealed is not None else None
    if secret is None:
        log.error("address_unreadable", extra={"user": user.id})
        raise TransientError("no key in STARGAZER_SECRET_KEY decrypts the address of this chat")
    return secret


def _list_names(keyring: Keyring, im: str, stem: str, secret: str) -> list[str]:
    if im in _NAMED:
        return [stem]
    # What is told apart is what the address is, not who signs: a fragment never leaves us.
    return [f"{stem}-{mark}" for mark in keyring.list_marks(secret.partition("#")[0])]
