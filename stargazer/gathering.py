"""The end of quiet hours: what was deferred is told together."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from stargazer import digests
from stargazer.context import Context
from stargazer.ledger import is_stale
from stargazer.lines import Lines, get_place
from stargazer.models import Reason, User
from stargazer.outcomes import Drop, Pause
from stargazer.quiet import find_quiet_end
from stargazer.sendings import Job

_REASON = "it is told of in one message with others, after quiet hours"


class Hold(NamedTuple):
    """The claim of a round.

    :ivar token: unique to it.
    :ivar until: when another may take over.
    """

    token: str
    until: datetime


class Gathering:
    """Gathers what waited for the end of a chat's quiet hours."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def tell(
        self, gathered: Sequence[Job], hold: Hold, now: datetime
    ) -> Iterator[tuple[list[Job], list[Drop]]]:
        """Let one message tell a chat of all that came in its quiet hours.

        :param gathered: deferred, in this hand, and free to go now.
        :returns: for each chat what is sent by itself after all, and what a digest tells of.
        """
        for user in {job.user.id: job.user for job in gathered}.values():
            own = [job for job in gathered if job.user.id == user.id]
            yield self._tell_user(user, own + self._claim_others(user, hold, now), now)

    def look_again(self, quiet: Sequence[Pause], now: datetime) -> None:
        """Wake what was deferred by settings that somebody has changed meanwhile."""
        if not quiet:
            return
        users = list({pause.delivery.user for pause in quiet})
        for user in self._store.users.list_by_ids(users):
            ends = {pause.seconds for pause in quiet if pause.delivery.user == user.id}
            end = find_quiet_end(user.settings, "", now)
            if end is None or (end - now).total_seconds() not in ends:
                self._store.deliveries.wake(user.id, now)

    def _tell_user(
        self, user: User, jobs: Sequence[Job], now: datetime
    ) -> tuple[list[Job], list[Drop]]:
        named = {job.delivery.digest for job in jobs if job.delivery.digest}
        written = {event.id for event in self._store.events.list_by_ids([*named])}
        told = [job for job in jobs if job.delivery.digest in written]
        left = [job for job in jobs if job.delivery.digest not in written]
        added = [digests.add_delivery(self._store, each, user, now) for each in written]
        spans = self._context.settings.stale_after
        if len(left) > 1 or any(is_stale(job.event, now, spans) for job in left):
            deliveries = [job.delivery for job in left]
            added.append(digests.write_digest(self._store, user, deliveries, now))
            told, left = told + left, []
        # In line before those that it tells of leave it.
        Lines(self._context.redis).enter(map(get_place, added))
        return left, [Drop(job.delivery, Reason.QUIET_HOURS, _REASON) for job in told]

    def _claim_others(self, user: User, hold: Hold, now: datetime) -> list[Job]:
        """Take what else waited for the end of quiet hours, if they are over for it."""
        waiting = filter(digests.is_deferred, self._store.deliveries.list_waiting(user.id))
        free = {each.event: each for each in waiting if each.claim is None}
        events = self._store.events.list_by_ids(list(free))
        over = {e.id: e for e in events if find_quiet_end(user.settings, e.kind, now) is None}
        keys = [free[each].key for each in over]
        taken = self._store.deliveries.claim(keys, hold.token, hold.until, now).taken
        return [Job(each, over[each.event], user) for each in taken]
