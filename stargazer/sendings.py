"""What a Sender has in hand, and the distance that it keeps to what comes next."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple

import redis

from stargazer import ratelimit
from stargazer.chat_apps import ChatApp
from stargazer.context import OUTAGES
from stargazer.lines import Key
from stargazer.models import Delivery, StoredEvent, User
from stargazer.outcomes import Drop, Pause, PutOff
from stargazer.ratelimit import Use


class Job(NamedTuple):
    """A Delivery in hand, with what is needed to send it."""

    delivery: Delivery
    event: StoredEvent
    user: User


class Sorted(NamedTuple):
    """Deliveries in hand, by what is to be done with them.

    :ivar jobs: to be sent.
    :ivar drops: not to be sent at all.
    :ivar quiet: not to be sent before quiet hours are over.
    :ivar gathered: deferred until quiet hours were over, which they are.
    """

    jobs: list[Job]
    drops: list[Drop]
    quiet: list[Pause]
    gathered: list[Job]


class Done(NamedTuple):
    """What came of sending a message.

    :ivar pause: how long it has to wait; None when it is finished.
    :ivar at: when it was done, by the monotonic clock.
    """

    pause: Pause | None
    at: float


class Sending(NamedTuple):
    """A message that a thread has in hand.

    :ivar at: when its slot is, by the monotonic clock.
    """

    job: Job
    at: float
    future: Future[Done]


class Round(NamedTuple):
    """What came of one message to each of some chats.

    :ivar put_off: what must be tried again.
    :ivar next: what is at the head of those chats' lines now.
    """

    put_off: list[PutOff]
    next: list[Key]


def keep_distance(client: redis.Redis, chat_app: ChatApp, sent: Sequence[Sending]) -> None:
    """See to it that what came later than its slot has the chat's next one come later, too.

    It may have arrived at any moment until its answer came. The limit that all chats share is not
    meant: that one has to be used well.

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
