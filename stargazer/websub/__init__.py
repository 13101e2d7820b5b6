"""The subscriber's side of WebSub (and of PubSubHubbub, which YouTube's hub still speaks).

All is pure but :func:`~stargazer.websub.asking.ask`, which talks to a hub. A Lease is stored
before it is asked for, because a hub may verify before it has answered.

Source: https://www.w3.org/TR/websub/
"""

from stargazer.websub.asking import ask, is_safe
from stargazer.websub.discovery import Discovery, discover
from stargazer.websub.leases import (
    RENEW_SPAN,
    VERIFY_WITHIN,
    Answer,
    asked,
    confirm,
    give_up,
    hold_back,
    is_over,
    lapse,
    new_lease,
    put_off,
    refused,
)
from stargazer.websub.signatures import is_signed

__all__ = [
    "RENEW_SPAN",
    "VERIFY_WITHIN",
    "Answer",
    "Discovery",
    "ask",
    "asked",
    "confirm",
    "discover",
    "give_up",
    "hold_back",
    "is_over",
    "is_safe",
    "is_signed",
    "lapse",
    "new_lease",
    "put_off",
    "refused",
]
