"""The collection ``deliveries``: the ledger, one row per Event and User."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from pymongo import UpdateOne
from pymongo.collection import Collection

from stargazer.models import ASIDE, Attempt, Delivery, DeliveryState, Reason
from stargazer.store.delivery_pages import Query, read_page
from stargazer.store.documents import (
    Document,
    as_time,
    count_up_to,
    from_document,
    insert_new,
    to_value,
)
from stargazer.store.newest import Position

Key = tuple[UUID, UUID]


def _key(event: UUID, user: UUID) -> str:
    return f"{event}:{user}"


#: So many attempts are remembered.
_REMEMBERED = 10


def _get_place(document: Document) -> tuple[datetime, str]:
    """Give what orders the Deliveries of one User, as :attr:`Delivery.place_at` does."""
    aside = document.get("next_at") if document.get("code") in ASIDE else None
    return as_time(aside or document["created_at"]), document["event"]


def remember(delivery: Delivery, attempt: Attempt) -> tuple[Attempt, ...]:
    """Give the history of a Delivery with one more attempt, without the oldest of too many."""
    return (*delivery.history, attempt)[-_REMEMBERED:]


class Change(NamedTuple):
    """What becomes of a pending Delivery: the fields to set."""

    event: UUID
    user: UUID
    fields: dict[str, Any]


def is_left_behind(delivery: Delivery, now: datetime) -> bool:
    """Tell whether whoever has a Delivery in hand has had it for too long."""
    is_held = delivery.state is DeliveryState.PENDING and delivery.claim is not None
    return is_held and delivery.due_at < now


class Claim(NamedTuple):
    """What came of reaching for Deliveries.

    :ivar taken: those that are in this hand now, in the order asked for.
    :ivar over: those that are finished, or do not exist.
    """

    taken: list[Delivery]
    over: list[Key]


class Deliveries:
    """Deliveries by Event and User, and those that are overdue."""

    indexed: ClassVar = ("state", "event", "user", "created_at")

    def __init__(self, collection: Collection[Document]) -> None:
        self.collection = collection

    def add(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Write those that are new.

        :returns: the new ones, in the order given.
        """
        # What follows from leaving it out is left out: the document of most is never read again.
        documents = [
            {
                "_id": _key(*delivery.key),
                **{name: to_value(getattr(delivery, name)) for name in delivery.model_fields_set},
                "state": delivery.state.value,
                "claim": delivery.claim,
            }
            for delivery in deliveries
        ]
        return [deliveries[position] for position in insert_new(self.collection, documents)]

    def find(self, event: UUID, user: UUID) -> Delivery | None:
        """Read one, or None."""
        document = self.collection.find_one({"_id": _key(event, user)})
        return None if document is None else from_document(Delivery, document)

    def list_by_keys(self, keys: Sequence[Key]) -> list[Delivery]:
        """Read those that exist, in no order."""
        wanted = [_key(event, user) for event, user in keys]
        found = self.collection.find({"_id": {"$in": wanted}})
        return [from_document(Delivery, each) for each in found]

    def claim(self, keys: Sequence[Key], token: str, until: datetime, now: datetime) -> Claim:
        """Take those that are pending and in nobody's hand, or in one whose time is over.

        One that is named twice is taken once.

        :param token: unique to this attempt.
        :param until: when others may take them back.
        """
        keys = list(dict.fromkeys(keys))
        wanted = [_key(event, user) for event, user in keys]
        self.collection.update_many(
            {"_id": {"$in": wanted}, "claim": None, "state": DeliveryState.PENDING.value},
            {"$set": {"claim": token, "due_at": to_value(until)}},
        )
        found = {each.key: each for each in self.list_by_keys(keys)}
        for key, each in found.items():
            if each.claim != token and is_left_behind(each, now):
                held = {"_id": _key(*key), "state": each.state.value, "claim": each.claim}
                change = {"$set": {"claim": token, "due_at": to_value(until)}}
                if self.collection.update_one(held, change).matched_count:
                    found[key] = each.model_copy(update={"claim": token, "due_at": until})
        return Claim(
            [found[key] for key in keys if key in found and found[key].claim == token],
            [
                key
                for key in keys
                if key not in found or found[key].state is not DeliveryState.PENDING
            ],
        )

    def record(self, changes: Iterable[Change]) -> None:
        """Write what became of pending Deliveries; one that is finished stays as it is."""
        writes = [
            UpdateOne(
                {"_id": _key(event, user), "state": DeliveryState.PENDING.value},
                {"$set": to_value(fields)},
            )
            for event, user, fields in changes
        ]
        if writes:
            self.collection.bulk_write(writes, ordered=False)

    def take_overdue(
        self,
        due_before: Mapping[str, datetime],
        due_again_at: datetime,
        limit: int,
        *,
        with_unclaimed: bool = False,
    ) -> list[Delivery]:
        """Take back what is pending beyond its time, whoever had it.

        Of each User only the one that is to be sent first, as whoever finishes that goes on with
        the next; and what somebody had in hand, which after a wipe may hold up that one. All that
        is pending is read for this, so once for all chat apps.

        :param due_before: by chat app, the moment before which it must have been due.
        :param due_again_at: when to look after them next.
        :param limit: how many of one chat app at most.
        :param with_unclaimed: whether those are overdue as well that nobody has in hand and that
            wait for no moment of their own.
        :returns: oldest first; the same one is never given to two sweepers.
        """

        def is_overdue(each: Document) -> bool:
            if with_unclaimed and each["claim"] is None and each.get("next_at") is None:
                return True
            return as_time(each["due_at"]) <= due_before[each["im"]]

        found = self._find_first_and_held(due_before)
        overdue = sorted(filter(is_overdue, found), key=lambda each: each["created_at"])
        taken = []
        counts = Counter[str]()
        for each in overdue:
            counts[each["im"]] += 1
            if counts[each["im"]] > limit:
                continue
            unchanged = {name: each[name] for name in ("_id", "state", "due_at", "claim")}
            change = {"$set": {"claim": None, "due_at": to_value(due_again_at)}}
            if self.collection.update_one(unchanged, change).matched_count:
                taken.append(from_document(Delivery, each))
        return taken

    def _find_first_and_held(self, ims: Container[str]) -> Iterable[Document]:
        """Read what is pending; of each User what stands first in its line, or is in a hand."""
        first: dict[str, Document] = {}
        held: list[Document] = []
        for each in self.collection.find({"state": DeliveryState.PENDING.value}, batch_size=2000):
            if each["im"] not in ims:
                continue
            if each["claim"] is not None:
                held.append(each)
            other = first.get(each["user"])
            if other is None or _get_place(each) < _get_place(other):
                first[each["user"]] = each
        return {each["_id"]: each for each in (*first.values(), *held)}.values()

    def reopen(self, delivery: Delivery, by: str, now: datetime) -> bool:
        """Make a Delivery pending again, to be sent once more.

        :param delivery: as it was read.
        :param by: who asks for it.
        :returns: False when it changed meanwhile: somebody else may have asked for the same.
        """
        asked = Attempt(at=now, code=Reason.RESENT, detail=by)
        changes: dict[str, Any] = {
            "state": DeliveryState.PENDING,
            "claim": None,
            "attempts": 0,
            "due_at": now,
            "next_at": None,
            "finished_at": None,
            "code": Reason.RESENT,
            "reason": None,
            "history": remember(delivery, asked),
            "resends": delivery.resends + 1,
            "digest": None,
        }
        unchanged = {
            "_id": _key(*delivery.key),
            "state": delivery.state.value,
            # It is not written before the first time.
            "resends": delivery.resends or {"$in": [None, 0]},
        }
        return bool(
            self.collection.update_one(unchanged, {"$set": to_value(changes)}).matched_count
        )

    def hurry(self, delivery: Delivery, by: str, now: datetime) -> bool:
        """Let a pending Delivery be tried again soon, whatever it waits for.

        :param by: who asks for it; what that somebody wants is not for quiet hours to defer.
        :returns: False when it is in somebody's hand, or finished.
        """
        waiting = {
            "_id": _key(*delivery.key),
            "claim": None,
            "state": DeliveryState.PENDING.value,
        }
        changes: dict[str, Any] = {"due_at": now, "next_at": None}
        if delivery.code is Reason.QUIET_HOURS:
            changes |= {
                "code": Reason.RESENT,
                "history": remember(delivery, Attempt(at=now, code=Reason.RESENT, detail=by)),
                "resends": delivery.resends + 1,
            }
        change = {"$set": to_value(changes)}
        return bool(self.collection.update_one(waiting, change).matched_count)

    def wake(self, user: UUID, now: datetime) -> None:
        """Let the sweeper look at once after what waits for the end of a User's quiet hours."""
        deferred = {
            "user": str(user),
            "state": DeliveryState.PENDING.value,
            "code": Reason.QUIET_HOURS.value,
            "claim": None,
        }
        change = {"$set": {"due_at": to_value(now), "next_at": to_value(now)}}
        self.collection.update_many(deferred, change)

    def drop_of_user(self, user: UUID, code: Reason, reason: str, now: datetime) -> int:
        """Give up what is pending for a User; how many there were."""
        pending = {"user": str(user), "state": DeliveryState.PENDING.value}
        dropped = {
            "state": DeliveryState.DROPPED.value,
            "code": code.value,
            "reason": reason,
            "finished_at": to_value(now),
        }
        return self.collection.update_many(pending, {"$set": dropped}).modified_count

    def list_pending(self) -> Iterator[Delivery]:
        """Read all that are pending, as a stream in no order."""
        pending = {"state": DeliveryState.PENDING.value}
        for each in self.collection.find(pending, batch_size=500):
            yield from_document(Delivery, each)

    def list_waiting(self, user: UUID) -> list[Delivery]:
        """Read what is pending for a User, in the order of its line."""
        found = self.collection.find({"user": str(user), "state": DeliveryState.PENDING.value})
        waiting = [from_document(Delivery, each) for each in found]
        return sorted(waiting, key=lambda each: (each.created_at, each.event))

    def count_missed(self, user: UUID, since: datetime) -> int:
        """Count what a User was not sent since then because its chat could not be reached."""
        found = self.collection.find({"user": str(user)}, {"code": 1, "finished_at": 1})
        codes = (Reason.PAUSED.value, Reason.GONE.value)
        return sum(
            each.get("code") in codes and as_time(each["finished_at"]) >= since for each in found
        )

    def list_page(
        self, query: Query, before: Position | None, limit: int
    ) -> tuple[list[Delivery], Position | None]:
        """Read a page of those that are wanted, newest first.

        :param before: where the page before ended; None: from the newest on.
        :returns: the Deliveries, and where this page ends; None: there is no other.
        """
        return read_page(self.collection, query, before, limit)

    def list_of_event(self, event: UUID) -> list[Delivery]:
        """Read those of one Event."""
        found = self.collection.find({"event": str(event)})
        return [from_document(Delivery, each) for each in found]

    def count_of_event(self, event: UUID) -> int:
        """Count those of one Event."""
        return count_up_to(self.collection, {"event": str(event)})

    def list_latest(self, limit: int) -> list[Delivery]:
        """Read the newest, newest first."""
        newest = self.collection.find().sort("created_at", -1).limit(limit)
        return [from_document(Delivery, each) for each in newest]

    def count_in_state(self, state: DeliveryState, limit: int) -> int:
        """Count those in a state, up to so many: of a few the index tells it at once."""
        return count_up_to(self.collection, {"state": state.value}, limit)

    def count_by_state(self) -> dict[str, int]:
        """Count them, state by state; states without any are left out."""
        # One pass; the embedded database takes seconds to count 50,000 documents of one state.
        groups = self.collection.aggregate([{"$group": {"_id": "$state", "count": {"$sum": 1}}}])
        return {group["_id"]: group["count"] for group in groups}

    def count_of_event_by_state(self, event: UUID) -> dict[str, int]:
        """Count those of one Event, state by state; states without any are left out."""
        # Not by an aggregation, for which the embedded database reads all that there are.
        found = self.collection.find({"event": str(event)}, {"state": 1})
        return dict(Counter(each["state"] for each in found))
