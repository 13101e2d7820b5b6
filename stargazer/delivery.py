"""Sending: Deliveries of one chat app, at its pace, in the order of each chat's line.

::

    at the head of its line? ─▶ claim ─▶ render ─▶ reserve a slot ─▶ send ─▶ record ─▶ leave it
         │                                              │              │                  │
         └─ no: whoever is at it brings this one        └── too far ───┴─ try again       ▼
                                                            ▼                   the next one's turn
                                               put off: released, and due later
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for_all
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from stargazer import digests, notices, pacing, ratelimit
from stargazer.chat_apps import ChatApp
from stargazer.composer import Composer
from stargazer.context import OUTAGES, Context
from stargazer.editing import Editor
from stargazer.errors import PlatformError, ThrottledError
from stargazer.gathering import Gathering, Hold
from stargazer.ledger import is_stale
from stargazer.lines import Key, Lines, get_place
from stargazer.models import (
    ASIDE,
    Delivery,
    DeliveryState,
    Reason,
    StoredEvent,
    User,
)
from stargazer.outcomes import Drop, Outcomes, Pause, PutOff
from stargazer.quiet import find_quiet_end
from stargazer.rendering import Message
from stargazer.sendings import Done, Job, Round, Sending, Sorted
from stargazer.store.deliveries import is_left_behind

#: A slot further away than this is not waited for with the Delivery in hand.
HORIZON = 15.0
#: So many refused chats within seconds mean that not they are throttled but all of us.
_MANY_THROTTLED = 3


class Sender:
    """Sends for one chat app, with a pool of threads that the whole process shares.

    :param send_threads: how many messages are under way at once.
    :param longest_send: how long one message may take, where that is longer than half of a lease.
    """

    def __init__(
        self,
        context: Context,
        chat_app: ChatApp,
        send_threads: int,
        longest_send: timedelta = timedelta(),
    ) -> None:
        self._context = context
        self._store = context.store
        self._app = chat_app
        self._pool = ThreadPoolExecutor(send_threads, thread_name_prefix=chat_app.im)
        self._outcomes = Outcomes(context)
        half = context.settings.delivery_lease / 2
        # Half of the lease is for work, the rest for the last answer to come in.
        self._work_span = half
        self._lease = half + max(half, longest_send)
        self._editor = Editor(context.store, chat_app)
        self._gathering = Gathering(context)

    def deliver(self, event_id: UUID, users: Sequence[UUID]) -> list[PutOff]:
        """Send one Event to those of these Users whose Delivery is pending and in nobody's hand.

        Whatever waits in the line of a chat before it, and is free, goes first; what waits behind
        it follows, as long as there is time.

        :returns: what must be tried again, soonest first.
        """
        deadline = time.monotonic() + self._work_span.total_seconds()
        put_off: list[PutOff] = []
        ready = self._find_ready([(event_id, user) for user in users])
        while ready:
            done = self._run_round(ready, deadline)
            put_off += done.put_off
            ready = self._find_free(done.next)
            if time.monotonic() > deadline:
                put_off += _hand_on(ready)
                break
        return sorted(put_off, key=lambda each: each.seconds)

    def _find_ready(self, keys: Sequence[Key]) -> list[Key]:
        heads = self._lines.get_heads([user for _, user in keys])
        others = []
        ready = []
        for (event, user), head in zip(keys, heads, strict=True):
            if head is None or head == event:
                ready.append((event, user))
            else:
                others.append((head, user))
        return ready + self._find_free(others)

    def _find_free(self, heads: Sequence[Key]) -> list[Key]:
        """Find those heads of lines that nobody is at, and whose time has come."""
        free = []
        while heads:
            found = {each.key: each for each in self._store.deliveries.list_by_keys(heads)}
            now = datetime.now(UTC)
            free += [key for key in heads if key in found and _is_free(found[key], now)]
            # What somebody left behind who died holds up nobody.
            over = [
                key
                for key in heads
                if key in found and found[key].state is not DeliveryState.PENDING
            ]
            lost = [key for key in heads if key not in found]
            # By then the outbox has seen to it that its fan-out is done again.
            long_ago = now - self._context.settings.sweep_after
            heads = self._lines.leave(over) + self._lines.leave(lost, until=long_ago)
        return free

    def _run_round(self, keys: Sequence[Key], deadline: float) -> Round:
        now = datetime.now(UTC)
        until = now + self._lease
        token = uuid4().hex
        claim = self._store.deliveries.claim(keys, token, until, now)
        jobs, drops, quiet, gathered = self._sort_out(claim.taken, now)
        for single, told in self._gathering.tell(gathered, Hold(token, until), now):
            jobs += single
            drops += told
        self._outcomes.drop(drops)
        futures, pauses = self._send_all(jobs, deadline)
        pauses += quiet
        wait_for_all([each.future for each in futures])
        # Before anybody goes on with what is behind them.
        pacing.keep_distance(self._context.redis, self._app, futures)
        over = [*claim.over, *(drop.delivery.key for drop in drops)]
        aside = [pause.delivery.user for pause in quiet]
        for job, _, future in futures:
            # What failed for want of a database stays claimed: nobody knows whether it was sent.
            if future.exception():
                continue
            if pause := future.result().pause:
                pauses.append(pause)
                if pause.code in ASIDE:
                    aside.append(job.user.id)
            else:
                over.append(job.delivery.key)
        put_off = self._outcomes.put_off(pauses, self._lines)
        self._gathering.look_again(quiet, now)
        heads = self._lines.leave(over)
        for each in futures:
            each.future.result()
        behind = zip(self._lines.get_heads(aside), aside, strict=True)
        heads += [(head, user) for head, user in behind if head is not None]
        return Round(put_off, heads)

    def _sort_out(self, deliveries: Sequence[Delivery], now: datetime) -> Sorted:
        event_ids = list({each.event for each in deliveries})
        events = {event.id: event for event in self._store.events.list_by_ids(event_ids)}
        chats = {user.id: user for user in self._store.users.list_by_ids(_list_users(deliveries))}
        spans = self._context.settings.stale_after
        done = Sorted([], [], [], [])
        drops = done.drops
        for delivery in deliveries:
            event, user = events.get(delivery.event), chats.get(delivery.user)
            if event is None:
                drops.append(
                    Drop(delivery, Reason.EVENT_REMOVED, "the event is not known any more")
                )
            elif not _may_be_old(delivery) and is_stale(event, now, spans):
                drops.append(Drop(delivery, Reason.STALE, "stale"))
            elif user is None:
                drops.append(Drop(delivery, Reason.USER_REMOVED, "the user was removed"))
            elif user.paused is not None:
                reason = f"the chat is paused: {user.paused}"
                drops.append(Drop(delivery, Reason.PAUSED, reason))
            elif end := _find_quiet_end(delivery, event, user, now):
                seconds = (end - now).total_seconds()
                done.quiet.append(Pause(delivery, seconds, Reason.QUIET_HOURS, {}))
            elif digests.is_deferred(delivery):
                done.gathered.append(Job(delivery, event, user))
            else:
                done.jobs.append(Job(delivery, event, user))
        return done

    def _send_all(self, jobs: Sequence[Job], deadline: float) -> tuple[list[Sending], list[Pause]]:
        composer = Composer(self._context)
        futures: list[Sending] = []
        pauses: list[Pause] = []
        for at, job, is_reserved in self._reserve(jobs, deadline, composer):
            ahead = at - time.monotonic()
            # The moment of one without a slot is when to ask again, however near it has come.
            if not is_reserved or max(at, time.monotonic()) > deadline:
                pauses.append(Pause(job.delivery, max(ahead, 0.0), Reason.PACE, {}))
                continue
            if ahead > 0:
                # Waiting happens here, so that the pool's threads are free for other batches.
                time.sleep(ahead)
            message = composer.compose(job.event, job.user.settings)
            futures.append(Sending(job, at, self._pool.submit(self._send_one, job, message, at)))
        return futures, pauses

    def _reserve(
        self, jobs: Sequence[Job], deadline: float, composer: Composer
    ) -> list[pacing.Slot]:
        if not jobs:
            return []
        # A slot that cannot be used is not taken: the next attempt would find one as far away.
        horizon = min(HORIZON, max(deadline - time.monotonic(), 0.0))
        client = self._context.redis
        try:
            # After a wipe it may stand in no line.
            self._lines.enter([get_place(job.delivery) for job in jobs])
            return pacing.reserve(client, self._app, jobs, horizon, composer)
        except OUTAGES:
            pauses = [Pause(job.delivery, 0.0, Reason.PACE, {}) for job in jobs]
            self._outcomes.put_off(pauses, None)
            raise

    def _send_one(self, job: Job, message: Message, at: float) -> Done:
        wait = pacing.catch_up(self._context.redis, self._app, job, message, at)
        if wait > pacing.MOST_WAITED:
            pause: Pause | None = Pause(job.delivery, wait, Reason.PACE, {})
        else:
            time.sleep(wait)
            pause = self._send_now(job, message)
        return Done(pause, time.monotonic())

    def _send_now(self, job: Job, message: Message) -> Pause | None:
        """Send one; how long it has to wait, or None when it is finished."""
        delivery, event, user = job
        key = f"{event.id}:{user.id}"
        if delivery.resends:
            key += f":{delivery.resends}"
        try:
            message_ids = self._editor.edit(event, delivery, user, message)
            if message_ids is None:
                message_ids = self._app.send(user, message, key)
        except PlatformError as exc:
            if isinstance(exc, ThrottledError):
                self._slow_down(user, exc.retry_after)
            return self._outcomes.note_error(event, delivery, user, exc)
        self._outcomes.note_sent(event, delivery, message_ids)
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

    @property
    def _lines(self) -> Lines:
        return Lines(self._context.redis)


def _may_be_old(delivery: Delivery) -> bool:
    """Tell whether it is sent however old its news are: somebody wants it, or made it wait."""
    return bool(delivery.resends) or digests.is_deferred(delivery)


def _find_quiet_end(
    delivery: Delivery, event: StoredEvent, user: User, now: datetime
) -> datetime | None:
    # Who asked for one now wants it now; what tells of others has waited long enough.
    if delivery.resends or event.kind in (notices.KIND, digests.KIND):
        return None
    return find_quiet_end(user.settings, event.kind, now)


def _is_free(delivery: Delivery, now: datetime) -> bool:
    return (
        delivery.state is DeliveryState.PENDING
        and (delivery.claim is None or is_left_behind(delivery, now))
        and (delivery.next_at is None or delivery.next_at <= now)
    )


def _list_users(deliveries: Sequence[Delivery]) -> list[UUID]:
    return list({delivery.user for delivery in deliveries})


def _hand_on(keys: Sequence[Key]) -> list[PutOff]:
    """Leave the next ones to whoever gets their message."""
    users: Mapping[UUID, list[UUID]] = defaultdict(list)
    for event, user in keys:
        users[event].append(user)
    return [PutOff(event, tuple(waiting), 0.0) for event, waiting in users.items()]
