"""Why somebody heard of an Event, will hear of it, or never does: one code, and what it speaks of.

Pure: :mod:`stargazer.situations` collects what there is to know, :mod:`stargazer.sentences` says
the outcome in a language.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from stargazer.models import (
    Delivery,
    DeliveryState,
    OutboxState,
    Reason,
    StoredEvent,
    User,
)

Value = str | int | datetime | timedelta


class Situation(NamedTuple):
    """All that is known of one Event and one User.

    :ivar event: None when there is none.
    :ivar user: None when there is none.
    :ivar delivery: None when there is none, or not yet.
    :ivar ahead: what goes before it in the line of its chat.
    :ivar group: the Group of whom the Event is about.
    :ivar digest: the Delivery of the digest that tells of it instead.
    """

    event: StoredEvent | None
    user: User | None
    delivery: Delivery | None
    ahead: Delivery | None = None
    group: UUID | None = None
    digest: Delivery | None = None


class Explanation(NamedTuple):
    """What happened, or will.

    :ivar code: names the sentence.
    :ivar values: what it speaks of, by name.
    """

    code: str
    values: Mapping[str, Value]


#: What became of Events that nobody is told of.
_ENDS = {
    OutboxState.STALE: "event_stale",
    OutboxState.SWALLOWED: "event_swallowed",
    OutboxState.DEAD: "event_dead",
}
#: Why something is not sent.
_REASONS = {
    DeliveryState.FAILED: {Reason.ATTEMPTS, Reason.STALE, Reason.REFUSED, Reason.GONE},
    DeliveryState.DROPPED: {
        Reason.STALE,
        Reason.PAUSED,
        Reason.USER_REMOVED,
        Reason.EVENT_REMOVED,
        Reason.FILTER,
        Reason.QUIET_HOURS,
    },
}
_WAITS = {
    Reason.PACE: "waits_for_pace",
    Reason.THROTTLED: "waits_throttled",
    Reason.RETRY: "waits_for_retry",
    Reason.ASIDE: "waits_for_retry",
    Reason.MOVED: "waits_for_retry",
    Reason.QUIET_HOURS: "waits_for_quiet_hours",
}


def explain(situation: Situation) -> Explanation:
    """Find out why a User heard of an Event, will hear of it, or never does."""
    event, user, delivery = situation[:3]
    if delivery is not None:
        return _explain_delivery(situation, delivery)
    if event is None:
        return Explanation("no_event", {})
    if user is None:
        return Explanation("no_user", {})
    if event.state in _ENDS:
        return Explanation(_ENDS[event.state], _describe_step(event))
    if not user.event_filter.wants(event.entity, situation.group):
        return Explanation("entity_not_wanted", {})
    if event.kind not in user.event_filter.get_kinds(event.entity, situation.group):
        return Explanation("kind_not_wanted", {"kind": event.kind})
    return _explain_way(event)


def _explain_way(event: StoredEvent) -> Explanation:
    match event.state:
        case OutboxState.HELD:
            return Explanation("event_held", _describe_step(event))
        case OutboxState.AWAY:
            return Explanation("event_away", _describe_step(event))
        case OutboxState.OPEN if event.tags:
            since = event.history[-1].at if event.history else event.created_at
            return Explanation("event_queued", {"by": event.tags[-1], "since": since})
        case OutboxState.OPEN:
            return Explanation("event_ready", {})
    return Explanation("not_wanted_then", {"at": event.created_at})


def _describe_step(event: StoredEvent) -> dict[str, Value]:
    """Give who has an Event, or ended its way; since when, and what it says of it."""
    if not event.history:
        return {"by": "-", "since": event.created_at, "detail": "-"}
    step = event.history[-1]
    return {"by": step.by, "since": step.at, "detail": step.detail or step.what}


def _explain_delivery(situation: Situation, delivery: Delivery) -> Explanation:
    values: dict[str, Value] = {
        "im": delivery.im,
        "attempts": delivery.attempts,
        "at": delivery.finished_at or delivery.created_at,
        "error": _get_error(delivery),
    }
    match delivery.state:
        case DeliveryState.PENDING:
            return _explain_waiting(situation, delivery, values)
        case DeliveryState.SENT:
            return _explain_sent(situation.event, delivery, values)
        case DeliveryState.UNKNOWN:
            return Explanation("unknown", values)
        case DeliveryState.DROPPED if situation.digest is not None:
            return _explain_digest(situation, situation.digest)
    # One of an older version says its reason in words alone.
    is_known = delivery.code in _REASONS[delivery.state]
    code = delivery.code.value if delivery.code and is_known else "other"
    return Explanation(f"{delivery.state.value}_{code}", values)


def _explain_digest(situation: Situation, digest: Delivery) -> Explanation:
    """Say what became of the message that tells of it, and of others."""
    own = explain(situation._replace(event=None, delivery=digest, digest=None))
    code = "in_digest" if own.code == "sent" else f"in_digest_{digest.state.value}"
    return Explanation(code, own.values)


def _explain_sent(
    event: StoredEvent | None, delivery: Delivery, values: dict[str, Value]
) -> Explanation:
    values["messages"] = ", ".join(delivery.message_ids) or "-"
    if event is None or delivery.finished_at is None:
        return Explanation("sent", values)
    values["age"] = max(delivery.finished_at - event.happened_at, timedelta())
    values["took"] = max(delivery.finished_at - event.created_at, timedelta())
    return Explanation("sent_after", values)


def _explain_waiting(
    situation: Situation, delivery: Delivery, values: dict[str, Value]
) -> Explanation:
    user, ahead = situation.user, situation.ahead
    if user is not None and user.paused is not None:
        return Explanation("waits_paused", {**values, "error": user.paused})
    if delivery.claim is not None:
        return Explanation("waits_in_hand", values)
    if delivery.code in _WAITS and delivery.next_at is not None:
        return Explanation(_WAITS[delivery.code], {**values, "at": delivery.next_at})
    if ahead is not None:
        if ahead.next_at is not None:
            behind = {**values, "event": str(ahead.event), "at": ahead.next_at}
            return Explanation("waits_behind_until", behind)
        return Explanation("waits_behind", {**values, "event": str(ahead.event)})
    if delivery.code is Reason.RESENT:
        asked = [each.detail for each in delivery.history if each.code is Reason.RESENT]
        return Explanation("waits_resent", {**values, "by": asked[-1] if asked else "-"})
    return Explanation("waits", values)


def _get_error(delivery: Delivery) -> str:
    if delivery.reason:
        return delivery.reason
    return delivery.history[-1].detail if delivery.history else "-"
