"""What becomes of a Delivery in hand: finished, dropped, or put off until later."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from stargazer import metrics
from stargazer.context import Context
from stargazer.errors import (
    GoneError,
    MovedError,
    PlatformError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.ledger import Recorder
from stargazer.lines import Lines, Place
from stargazer.models import ASIDE, Attempt, Delivery, DeliveryState, Reason, StoredEvent, User
from stargazer.retries import LONGEST_HOLD, plan_retry
from stargazer.store.deliveries import Change, remember
from stargazer.tallies import tallies

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PutOff:
    """Deliveries to try again.

    :ivar seconds: from now.
    """

    event: UUID
    users: tuple[UUID, ...]
    seconds: float


class Pause(NamedTuple):
    """A Delivery that has to wait.

    :ivar fields: what else there is to write about it.
    """

    delivery: Delivery
    seconds: float
    code: Reason
    fields: dict[str, Any]


class Drop(NamedTuple):
    """A Delivery that will not be sent, and why."""

    delivery: Delivery
    code: Reason
    reason: str


class Outcomes:
    """Writes down what became of Deliveries, for all threads of a Sender."""

    def __init__(self, context: Context) -> None:
        self._settings = context.settings
        self._store = context.store
        self._recorder = Recorder(context.store.deliveries)

    def note_sent(
        self, event: StoredEvent, delivery: Delivery, message_ids: tuple[str, ...]
    ) -> None:
        """Write down that it was sent."""
        now = datetime.now(UTC)
        sent: dict[str, Any] = {"message_ids": message_ids}
        if delivery.code is not None:
            sent |= {"code": None, "reason": None}
        self._finish(delivery, DeliveryState.SENT, now, sent)
        metrics.delay.labels(delivery.im).observe((now - event.created_at).total_seconds())
        age = (now - event.happened_at).total_seconds()
        metrics.age.labels(delivery.im, event.kind).observe(max(age, 0.0))
        # Whoever wanted it later, or again, does not make us late.
        if delivery.code is not Reason.QUIET_HOURS and not delivery.resends:
            tallies.observe_age(age)

    def note_error(
        self, event: StoredEvent, delivery: Delivery, user: User, error: PlatformError
    ) -> Pause | None:
        """Write down what an error makes of it; how long it waits, or None when it is finished."""
        now = datetime.now(UTC)
        fields = {"user": user.id, "im": user.im, "error": error.reason}
        most, attempts = self._settings.delivery_attempts, delivery.attempts + 1
        match error:
            case ThrottledError():
                log.info("delivery_throttled", extra={**fields, "for": error.retry_after})
                return _pause(delivery, error, error.retry_after, Reason.THROTTLED, now)
            case MovedError() if attempts < most:
                log.info("chat_moved", extra=fields)
                self._store.users.move(user.id, error.address)
                # Two chats that each claim to have become the other must not go on for ever.
                return _pause(delivery, error, 0.0, Reason.MOVED, now)
            case TransientError():
                plan = self._plan(event, delivery, now)
                if isinstance(plan, timedelta):
                    log.info("delivery_failed_for_now", extra=fields)
                    code = Reason.RETRY if plan <= LONGEST_HOLD else Reason.ASIDE
                    return _pause(delivery, error, plan.total_seconds(), code, now)
                state, code = DeliveryState.FAILED, plan
            case MovedError():
                state, code = DeliveryState.FAILED, Reason.ATTEMPTS
            case GoneError():
                self._store.users.pause(user.id, error.reason, now)
                state, code = DeliveryState.FAILED, Reason.GONE
            case UnknownOutcomeError():
                state, code = DeliveryState.UNKNOWN, Reason.NO_ANSWER
            case _:
                state, code = DeliveryState.FAILED, Reason.REFUSED
        log.warning("delivery_given_up", extra={**fields, "state": state.value, "code": code.value})
        attempt = Attempt(at=now, code=code, detail=error.reason)
        why = {"code": code, "reason": error.reason, "history": remember(delivery, attempt)}
        self._finish(delivery, state, now, why)
        return None

    def drop(self, drops: Sequence[Drop]) -> None:
        """Write down that these will not be sent."""
        now = datetime.now(UTC)
        self._store.deliveries.record(
            Change(
                *drop.delivery.key,
                {
                    "state": DeliveryState.DROPPED,
                    "code": drop.code,
                    "reason": drop.reason,
                    "finished_at": now,
                },
            )
            for drop in drops
        )
        for delivery, code, reason in drops:
            log.info("delivery_dropped", extra={"user": delivery.user, "reason": reason})
            _count(delivery.im, DeliveryState.DROPPED, code)

    def put_off(self, pauses: Sequence[Pause], lines: Lines | None) -> list[PutOff]:
        """Give Deliveries back; those returned want a message, the sweeper brings the others.

        :param lines: where those that step aside get a later place; None: no Redis to tell.
        """
        if not pauses:
            return []
        longest = self._settings.longest_countdown.total_seconds()
        now = datetime.now(UTC)
        changes, later = [], []
        for delivery, seconds, code, fields in pauses:
            next_at = now + timedelta(seconds=seconds)
            due_at = next_at + (self._settings.sweep_after if seconds <= longest else timedelta())
            waits = {"claim": None, "code": code, "next_at": next_at, "due_at": due_at}
            changes.append(Change(*delivery.key, {**waits, **fields}))
            if code in ASIDE:
                later.append(Place(*delivery.key, next_at))
        self._store.deliveries.record(changes)
        if lines is not None:
            lines.step_back(later)
        return _group([pause for pause in pauses if pause.seconds <= longest])

    def _plan(self, event: StoredEvent, delivery: Delivery, now: datetime) -> timedelta | Reason:
        settings = self._settings
        # Who asked for it to be sent again knows how old it is.
        if delivery.resends:
            event = event.model_copy(update={"happened_at": now, "fields": {}})
        jitter = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
        attempts, most = delivery.attempts + 1, settings.delivery_attempts
        return plan_retry(event, attempts, most, now, settings.stale_after, jitter)

    def _finish(
        self, delivery: Delivery, state: DeliveryState, now: datetime, fields: dict[str, Any]
    ) -> None:
        finished = {"state": state, "finished_at": now, "attempts": delivery.attempts + 1}
        self._recorder.record(Change(*delivery.key, {**finished, **fields}))
        _count(delivery.im, state, fields.get("code"))


def _count(im: str, state: DeliveryState, code: Reason | None) -> None:
    metrics.deliveries.labels(im, state.value).inc()
    tallies.count_delivery(im, state)
    if code is not None:
        metrics.undelivered.labels(im, code.value).inc()


def _pause(
    delivery: Delivery, error: PlatformError, seconds: float, code: Reason, now: datetime
) -> Pause:
    fields: dict[str, Any] = {
        "reason": error.reason,
        "history": remember(delivery, Attempt(at=now, code=code, detail=error.reason)),
    }
    if code is not Reason.THROTTLED:
        fields["attempts"] = delivery.attempts + 1
    return Pause(delivery, seconds, code, fields)


def _group(pauses: Sequence[Pause]) -> list[PutOff]:
    """Gather those that wait about equally long, so that few messages carry them."""
    together: dict[tuple[int, UUID], list[Pause]] = {}
    for pause in pauses:
        together.setdefault((int(pause.seconds), pause.delivery.event), []).append(pause)
    return [
        PutOff(
            event,
            tuple(pause.delivery.user for pause in group),
            max(pause.seconds for pause in group),
        )
        for (_, event), group in sorted(together.items())
    ]
