"""Chats that cannot be reached: paused, not deleted; told so when they are back."""

import logging
from datetime import datetime

from stargazer.models import Delivery, User
from stargazer.notices import make_notice
from stargazer.store import Store

log = logging.getLogger(__name__)

#: Why a chat is paused that only an operator resumes. One that is paused for any other reason is
#: resumed when somebody there speaks to us.
BY_AN_OPERATOR = "paused by an operator"


def welcome_back(store: Store, user: User, now: datetime) -> None:
    """Resume a chat that has evidently been reached again, unless an operator paused it."""
    if user.paused is not None and user.paused != BY_AN_OPERATOR:
        resume(store, user, now)


def resume(store: Store, user: User, now: datetime) -> int | None:
    """Send to a paused chat again, and tell it how much it missed.

    What was dropped meanwhile stays so. Whoever learns that a chat is back may call it: an
    operator, or the chat app's worker when somebody there speaks to it. Called twice, it tells
    the chat once.

    :param user: as it was read.
    :returns: how many messages it missed; None when it was not paused.
    """
    if user.paused is None:
        return None
    since = user.paused_at or user.created_at
    missed = store.deliveries.count_missed(user.id, since)
    if missed:
        # Before it is resumed: who dies in between has not lost it.
        notice = make_notice(user, missed, since, now)
        store.events.insert(notice)
        told = Delivery(event=notice.id, user=user.id, im=user.im, created_at=now, due_at=now)
        store.deliveries.add([told])
    if not store.users.resume(user):
        return None
    log.info("chat_resumed", extra={"user": user.id, "im": user.im, "missed": missed})
    return missed
