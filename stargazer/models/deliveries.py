"""One Event to one User."""

from enum import StrEnum
from uuid import UUID

from stargazer.models.values import Model, Time


class DeliveryState(StrEnum):
    """What became of a Delivery.

    ``unknown``: the chat app did not answer, and may have taken it; it is never repeated by itself.
    """

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a Delivery is as it is, or what came of an attempt; the closed vocabulary of it.

    Of one that is pending: ``pace`` (of ours), ``throttled`` (by the chat app), ``retry`` (after
    passing trouble), ``aside`` (the same, for so long that those behind it go first), ``moved``
    (the chat has a new address) and ``resent`` (somebody asked for it).

    Of one that failed: ``attempts`` (it was tried as often as it may be), ``stale`` (it is no news
    any more before it could be tried again), ``refused`` and ``gone`` (the chat).

    Of one that was dropped: ``stale``, ``paused``, ``user_removed``, ``event_removed``, ``filter``
    and ``quiet_hours``. Of one that is unknown: ``no_answer``.
    """

    PACE = "pace"
    THROTTLED = "throttled"
    RETRY = "retry"
    ASIDE = "aside"
    MOVED = "moved"
    RESENT = "resent"
    ATTEMPTS = "attempts"
    STALE = "stale"
    REFUSED = "refused"
    GONE = "gone"
    PAUSED = "paused"
    USER_REMOVED = "user_removed"
    EVENT_REMOVED = "event_removed"
    FILTER = "filter"
    QUIET_HOURS = "quiet_hours"
    NO_ANSWER = "no_answer"


class Attempt(Model):
    """An attempt that did not succeed, or what somebody did to a Delivery.

    :ivar detail: what the chat app said, or who did it.
    """

    at: Time
    code: Reason
    detail: str = ""


#: Who waits for one of these does not hold up the others, and has the place of its next attempt.
ASIDE = frozenset({Reason.ASIDE, Reason.QUIET_HOURS})


class Delivery(Model):
    """One Event to one User.

    :ivar created_at: when it entered the ledger; the order within one chat is that of this time.
    :ivar due_at: when the sweeper looks after it, if it is still pending then.
    :ivar next_at: when it is tried again; None: as soon as its turn comes.
    :ivar claim: the worker that has it in its hand; None: nobody.
    :ivar attempts: how often it was tried since it was opened, or sent again by somebody.
    :ivar message_ids: the chat app's, once sent; an album has many.
    :ivar code: why it is not sent, or not yet.
    :ivar reason: the same for people, with what the chat app said.
    :ivar history: the latest attempts that did not succeed, oldest first.
    :ivar resends: how often somebody asked for it to be sent again.
    :ivar digest: the Event that tells of it, and of others, after quiet hours.
    """

    event: UUID
    user: UUID
    im: str
    state: DeliveryState = DeliveryState.PENDING
    created_at: Time
    due_at: Time
    next_at: Time | None = None
    claim: str | None = None
    attempts: int = 0
    message_ids: tuple[str, ...] = ()
    code: Reason | None = None
    reason: str | None = None
    finished_at: Time | None = None
    history: tuple[Attempt, ...] = ()
    resends: int = 0
    digest: UUID | None = None

    @property
    def key(self) -> tuple[UUID, UUID]:
        """Its Event and its User, which are its id."""
        return self.event, self.user

    @property
    def place_at(self) -> Time:
        """The moment that orders those of one User: see :mod:`stargazer.lines`."""
        aside = self.next_at if self.code in ASIDE else None
        return aside or self.created_at

    @property
    def message_id(self) -> str | None:
        """The first of the chat app's ids; None until it is sent."""
        return self.message_ids[0] if self.message_ids else None
