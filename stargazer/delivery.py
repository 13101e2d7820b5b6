"""Sending: a batch of Deliveries of one Event, to one chat app, at its pace.

::

    claim ─▶ render ─▶ reserve a slot ─▶ send ─▶ record
                            │              │
                            └── too far ───┴─ try again ──▶ put off: released, and due later
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for_all
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from stargazer import metrics, ratelimit
from stargazer.chat_apps import ChatApp
from stargazer.context import OUTAGES, Context
from stargazer.errors import (
    GoneError,
    MovedError,
    PlatformError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.ledger import Recorder, is_stale
from stargazer.models import Delivery, DeliveryState, StoredEvent, User, UserSettings
from stargazer.rendering import Message, render
from stargazer.store.deliveries import Change

log = logging.getLogger(__name__)

#: A slot further away than this is not waited for with the Delivery in hand.
HORIZON = 15.0
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 600.0
#: So many refused chats within seconds mean that not they are throttled but all of us.
_MANY_THROTTLED = 3


@dataclass(frozen=True)
class PutOff:
    """Deliveries to try again.

    :ivar seconds: from now.
    """

    users: tuple[UUID, ...]
    seconds: float


class _Pause(NamedTuple):
    user: UUID
    seconds: float


class Sender:
    """Sends for one chat app, with a pool of threads that the whole process shares.

    :param send_threads: how many messages are under way at once.
    """

    def __init__(self, context: Context, chat_app: ChatApp, send_threads: int) -> None:
        self._context = context
        self._store = context.store
        self._app = chat_app
        self._pool = ThreadPoolExecutor(send_threads, thread_name_prefix=chat_app.im)
        self._recorder = Recorder(context.store.deliveries)

    def deliver(self, event_id: UUID, users: Sequence[UUID]) -> list[PutOff]:
        """Send one Event to those of these Users whose Delivery is pending and in nobody's hand.

        :returns: what must be tried again, soonest first.
        """
        now = datetime.now(UTC)
        settings = self._context.settings
        until = now + settings.delivery_lease
        claimed = self._store.deliveries.claim(event_id, users, uuid4().hex, until)
        if not claimed:
            return []
        # Half of the lease is for work, the rest for the last answer to come in.
        deadline = time.monotonic() + settings.delivery_lease.total_seconds() / 2
        event = self._store.events.find(event_id)
        chats = {user.id: user for user in self._store.users.list_by_ids([d.user for d in claimed])}
        if event is None:
            self._drop(claimed, "the event is not known any more")
            return []
        if is_stale(event, now, settings.stale_after):
            self._drop(claimed, "stale")
            return []
        sendable = []
        for delivery in claimed:
            user = chats.get(delivery.user)
            if user is None:
                self._drop([delivery], "the user was removed")
            elif user.paused is not None:
                self._drop([delivery], f"the chat is paused: {user.paused}")
            else:
                sendable.append(delivery)
        return self._send_all(event, sendable, chats, deadline)

    def _send_all(
        self,
        event: StoredEvent,
        deliveries: Sequence[Delivery],
        chats: dict[UUID, User],
        deadline: float,
    ) -> list[PutOff]:
        compose = self._compose(event)
        put_off: list[_Pause] = []
        futures: list[tuple[UUID, Future[float | None]]] = []
        for at, delivery in self._reserve(event, deliveries, chats):
            ahead = at - time.monotonic()
            if ahead > HORIZON or max(at, time.monotonic()) > deadline:
                put_off.append(_Pause(delivery.user, max(ahead, 0.0)))
                continue
            if ahead > 0:
                # Waiting happens here, so that the pool's threads are free for other batches.
                time.sleep(ahead)
            user = chats[delivery.user]
            futures.append(
                (user.id, self._pool.submit(self._send_one, event, delivery, user, compose(user)))
            )
        wait_for_all([future for _, future in futures])
        for user_id, future in futures:
            # What failed for want of a database stays claimed: nobody knows whether it was sent.
            if not future.exception() and (pause := future.result()) is not None:
                put_off.append(_Pause(user_id, pause))
        soon = self._release(event.id, put_off)
        for _, future in futures:
            future.result()
        return soon

    def _reserve(
        self, event: StoredEvent, deliveries: Sequence[Delivery], chats: dict[UUID, User]
    ) -> list[tuple[float, Delivery]]:
        """Give the moment of each, soonest first."""
        start = time.monotonic()
        limits = [self._app.get_limits(chats[delivery.user]) for delivery in deliveries]
        try:
            waits = ratelimit.reserve(self._context.redis, limits, HORIZON)
        except OUTAGES:
            self._release(event.id, [_Pause(delivery.user, 0.0) for delivery in deliveries])
            raise
        slots = zip((start + wait for wait in waits), deliveries, strict=True)
        return sorted(slots, key=lambda slot: slot[0])

    def _compose(self, event: StoredEvent) -> Callable[[User], Message]:
        entity = self._store.entities.find(event.entity)
        messages: dict[UserSettings, Message] = {}

        def compose(user: User) -> Message:
            reader = user.settings
            if reader not in messages:
                messages[reader] = render(
                    event, entity, reader, directory=self._context.settings.templates
                )
            return messages[reader]

        return compose

    def _send_one(
        self, event: StoredEvent, delivery: Delivery, user: User, message: Message
    ) -> float | None:
        """Send one; seconds until it should be tried again, or None when it is finished."""
        try:
            message_id = self._app.send(user, message, f"{event.id}:{user.id}")
        except PlatformError as exc:
            return self._react(exc, delivery, user)
        finished_at = self._finish(delivery, DeliveryState.SENT, message_id=message_id)
        metrics.delay.labels(self._app.im).observe((finished_at - event.created_at).total_seconds())
        return None

    def _react(self, error: PlatformError, delivery: Delivery, user: User) -> float | None:
        fields = {"user": user.id, "im": user.im, "error": error.reason}
        match error:
            case ThrottledError():
                self._slow_down(user, error.retry_after)
                log.info("delivery_throttled", extra={**fields, "for": error.retry_after})
                return error.retry_after
            case MovedError() if delivery.attempts + 1 < self._context.settings.delivery_attempts:
                log.info("chat_moved", extra=fields)
                self._store.users.move(user.id, error.address)
                # Two chats that each claim to have become the other must not go on for ever.
                self._count_attempt(delivery, error.reason)
                return 0.0
            case TransientError() if (
                delivery.attempts + 1 < self._context.settings.delivery_attempts
            ):
                log.info("delivery_failed_for_now", extra=fields)
                self._count_attempt(delivery, error.reason)
                pause = min(_FIRST_PAUSE * 2.0**delivery.attempts, _LONGEST_PAUSE)
                return pause * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
            case GoneError():
                log.warning("chat_paused", extra=fields)
                self._store.users.pause(user.id, error.reason)
                self._finish(delivery, DeliveryState.FAILED, reason=error.reason)
            case UnknownOutcomeError():
                log.warning("delivery_unknown", extra=fields)
                self._finish(delivery, DeliveryState.UNKNOWN, reason=error.reason)
            case _:
                log.warning("delivery_failed", extra=fields)
                self._finish(delivery, DeliveryState.FAILED, reason=error.reason)
        return None

    def _slow_down(self, user: User, seconds: float) -> None:
        client = self._context.redis
        limits = self._app.get_limits(user)
        throttled = f"stargazer:throttled:{self._app.im}"
        count = client.incr(throttled)
        client.pexpire(throttled, 5000)
        # The widest limit comes first.
        blocked = limits[:1] if count >= _MANY_THROTTLED else limits[-1:]
        for limit in blocked:
            ratelimit.block(client, limit.key, seconds)

    def _count_attempt(self, delivery: Delivery, reason: str) -> None:
        attempt = {"attempts": delivery.attempts + 1, "reason": reason}
        self._recorder.record(Change(delivery.event, delivery.user, attempt))

    def _finish(
        self,
        delivery: Delivery,
        state: DeliveryState,
        *,
        message_id: str | None = None,
        reason: str | None = None,
    ) -> datetime:
        now = datetime.now(UTC)
        fields = {
            "state": state,
            "message_id": message_id,
            "reason": reason,
            "finished_at": now,
            "attempts": delivery.attempts + (state != DeliveryState.DROPPED),
        }
        self._recorder.record(Change(delivery.event, delivery.user, fields))
        metrics.deliveries.labels(self._app.im, state.value).inc()
        return now

    def _drop(self, deliveries: Sequence[Delivery], reason: str) -> None:
        for delivery in deliveries:
            log.info("delivery_dropped", extra={"user": delivery.user, "reason": reason})
            self._finish(delivery, DeliveryState.DROPPED, reason=reason)

    def _release(self, event: UUID, put_off: Sequence[_Pause]) -> list[PutOff]:
        """Give Deliveries back; those returned want a message, the sweeper brings the others."""
        if not put_off:
            return []
        settings = self._context.settings
        longest = settings.longest_countdown.total_seconds()
        now = datetime.now(UTC)
        self._store.deliveries.record(
            Change(
                event,
                pause.user,
                {
                    "claim": None,
                    "due_at": now
                    + timedelta(seconds=pause.seconds)
                    + (settings.sweep_after if pause.seconds <= longest else timedelta()),
                },
            )
            for pause in put_off
        )
        return _group([pause for pause in put_off if pause.seconds <= longest])


def _group(put_off: Sequence[_Pause]) -> list[PutOff]:
    """Gather those that wait about equally long, so that few messages carry them."""
    by_second: dict[int, list[_Pause]] = {}
    for pause in put_off:
        by_second.setdefault(int(pause.seconds), []).append(pause)
    return [
        PutOff(tuple(pause.user for pause in group), max(pause.seconds for pause in group))
        for _, group in sorted(by_second.items())
    ]
