"""How what people say reaches us: Telegram calls, or we ask. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from stargazer.settings import Settings
from stargazer.telegram.updates import WANTED

#: Where Telegram pushes to, below our public address.
CALLBACK = "/push/telegram"
#: How often it is seen to that Telegram knows where to push, and what our menu is.
LISTEN_SPAN = timedelta(seconds=15)
#: How often somebody begins to ask, where nobody does.
POLL_SPAN = timedelta(seconds=3)
#: How long Telegram may wait for something to be said before it answers.
LONGEST_WAIT = timedelta(seconds=20)
_LOCAL = {"127.0.0.1", "localhost", "::1"}


class Mode(StrEnum):
    """How updates come."""

    WEBHOOK = "webhook"
    POLL = "poll"
    OFF = "off"


def choose_mode(settings: Settings) -> Mode:
    """Choose how updates come: as the operator wishes, where that is possible."""
    if not settings.telegram_token.get_secret_value():
        return Mode.OFF
    can_be_called = _can_be_called(settings.public_url)
    match settings.telegram_updates:
        case "auto":
            return Mode.WEBHOOK if can_be_called else Mode.POLL
        case "webhook":
            return Mode.WEBHOOK if can_be_called else Mode.OFF
    return Mode(settings.telegram_updates)


def list_ticks(settings: Settings) -> dict[str, timedelta]:
    """Give what has to be done again and again, and how often; nothing that nobody needs."""
    mode = choose_mode(settings)
    ticks = {} if mode is Mode.OFF else {"commands.listen": LISTEN_SPAN}
    return ticks | ({"commands.poll": POLL_SPAN} if mode is Mode.POLL else {})


def find_problem(settings: Settings) -> str | None:
    """Say what keeps the operator's wish from being possible; None: nothing does."""
    is_wanted = settings.telegram_updates == "webhook" and choose_mode(settings) is Mode.OFF
    if is_wanted and settings.telegram_token.get_secret_value():
        return (
            "STARGAZER_TELEGRAM_UPDATES is webhook, and STARGAZER_PUBLIC_URL is no https address:"
            " the bot hears nothing"
        )
    return None


def get_secret(settings: Settings) -> str:
    """Give what Telegram proves itself with when it pushes: it follows from the bot's token."""
    key = settings.telegram_token.get_secret_value().encode()
    return hmac.new(key, b"stargazer updates", hashlib.sha256).hexdigest()


def make_webhook(settings: Settings) -> dict[str, Any]:
    """Give the parameters with which Telegram is told where to push."""
    return {
        "url": f"{settings.public_url}{CALLBACK}",
        "secret_token": get_secret(settings),
        "allowed_updates": list(WANTED),
    }


def is_set(info: Mapping[str, Any], webhook: Mapping[str, Any]) -> bool:
    """Tell whether Telegram pushes where we want it, what we want.

    :param info: what it says of its webhook; never its secret.
    """
    return info.get("url") == webhook["url"] and sorted(
        info.get("allowed_updates") or ()
    ) == sorted(webhook["allowed_updates"])


def _can_be_called(url: str) -> bool:
    """Tell whether Telegram can call there; what runs on this machine is a simulated one."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in _LOCAL
