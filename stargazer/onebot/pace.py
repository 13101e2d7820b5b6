"""How fast the account may write, so that it is not taken for a machine gone mad."""

import random
from collections.abc import Sequence

from stargazer.ratelimit import Limit
from stargazer.settings import Settings

#: What everything that the account sends shares.
ALL = "qq"
#: So much more time than the pace asks for may pass between two messages: what comes like
#: clockwork is a machine.
MOST_JITTER = 0.3


def get_limits(settings: Settings, address: str) -> Sequence[Limit]:
    """Name the limits of the account and of a chat, both a little longer by chance."""
    jitter = 1 + random.uniform(0, MOST_JITTER)  # noqa: S311 - no secret
    return (
        Limit(ALL, 1, 60 / settings.qq_rate * jitter),
        Limit(get_key(address), 1, 60 / settings.qq_chat_rate * jitter),
    )


def get_key(address: str) -> str:
    """Name what a chat's limit and its pauses are kept under."""
    return f"{ALL}:{address}"
