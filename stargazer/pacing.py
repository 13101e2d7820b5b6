"""When each message may leave, and what follows when it leaves later."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

import redis

from stargazer import ratelimit
from stargazer.chat_apps import AlbumApp, ChatApp
from stargazer.composer import Composer
from stargazer.context import OUTAGES
from stargazer.ratelimit import Use
from stargazer.rendering import Message
from stargazer.sendings import Job, Sending

#: Seconds that a thread waits with a message in hand.
MOST_WAITED = 1.0


class Slot(NamedTuple):
    """When a message may leave.

    :ivar at: by the monotonic clock.
    :ivar is_reserved: whether that moment is its own; else it is when to ask again.
    """

    at: float
    job: Job
    is_reserved: bool


def reserve(
    client: redis.Redis,
    chat_app: ChatApp,
    jobs: Sequence[Job],
    horizon: float,
    composer: Composer,
) -> list[Slot]:
    """Reserve a slot for each message, soonest first.

    :param horizon: seconds; a slot further away is not reserved.
    """
    limits = [chat_app.get_limits(job.user) for job in jobs]
    weights = [
        chat_app.count_messages(job.user, composer.compose(job.event, job.user.settings))
        for job in jobs
        if isinstance(chat_app, AlbumApp)
    ]
    start = time.monotonic()
    waits = ratelimit.reserve(client, limits, horizon, weights)
    # Redis counts from a moment between these two.
    start = (start + time.monotonic()) / 2
    slots = [
        Slot(start + wait, job, wait <= horizon) for wait, job in zip(waits, jobs, strict=True)
    ]
    return sorted(slots, key=lambda slot: slot.at)


def catch_up(
    client: redis.Redis, chat_app: ChatApp, job: Job, message: Message, at: float
) -> float:
    """Take another slot of the limit that all chats share for what comes too late for its own.

    Threads that are busy, or a machine that is, let many messages come late together, and then
    those at once whose slots are now: more than the limit allows.

    :param at: when its slot was, by the monotonic clock.
    :returns: how many seconds it has to wait; more than :data:`MOST_WAITED`: it has no slot.
    """
    limits = chat_app.get_limits(job.user)
    if time.monotonic() - at <= ratelimit.LATE or len(limits) == 1:
        return 0.0
    weight = chat_app.count_messages(job.user, message) if isinstance(chat_app, AlbumApp) else 1
    # Without Redis nobody else sends at the same time, either.
    with suppress(*OUTAGES):
        [wait] = ratelimit.reserve(client, [limits[:1]], MOST_WAITED, [weight])
        return wait
    return 0.0


def keep_distance(client: redis.Redis, chat_app: ChatApp, sent: Sequence[Sending]) -> None:
    """See to it that what came later than its slot has the chat's next one come later, too.

    It may have arrived at any moment until its answer came. The limit that all chats share is not
    meant: that one has to be used well, and :func:`catch_up` has seen to it.

    :param sent: all of it is done; nothing that is behind it has been given a slot yet.
    """
    now = time.monotonic()
    uses: list[Use] = []
    for job, at, future in sent:
        done_at = now if future.exception() else future.result().at
        if done_at - at > ratelimit.JITTER:
            limits = chat_app.get_limits(job.user)
            own = limits[1:] if len(limits) > 1 else limits
            uses += [Use(limit, now - at, now - done_at) for limit in own]
    # Without Redis there is no next one.
    with suppress(*OUTAGES):
        ratelimit.move_up(client, uses)
