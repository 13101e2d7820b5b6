"""What a Sender has in hand, and what came of it."""

from concurrent.futures import Future
from typing import NamedTuple

from stargazer.lines import Key
from stargazer.models import Delivery, StoredEvent, User
from stargazer.outcomes import Drop, Pause, PutOff


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
