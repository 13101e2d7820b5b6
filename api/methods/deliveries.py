"""What became of each Event for each User."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from api.auth import needs
from api.methods.users import UNKNOWN_USER
from api.paging import MOST, Page, Paged, read_position, write_position
from api.rpc import Call, Done, Params, Result, method
from stargazer.composer import Composer
from stargazer.errors import ForbiddenError
from stargazer.explanations import explain
from stargazer.lines import Key
from stargazer.models import Delivery, DeliveryState, StoredEvent
from stargazer.resending import resend
from stargazer.situations import read_situation, say_situation
from stargazer.store.delivery_pages import Query

State = Literal["pending", "sent", "failed", "dropped", "unknown"]
_Language = Annotated[str, StringConstraints(max_length=20)]
_FOREIGN = {"foreign_user": 403}


class GetDeliveries(Page):
    """Which deliveries; what is left out does not matter.

    :ivar user_id: those to this User; in a session, its own.
    :ivar event_id: those of this Event.
    :ivar state: those in this state.
    :ivar im: those on this chat app.
    :ivar since: those that entered the ledger at this time or later.
    :ivar explain: whether each is told in words, too, as its User reads them.
    :ivar language: of the sentences that say why: ``en``, ``ja``, ``zh``, or what is nearest; left
        out, each User's own.
    """

    user_id: UUID | None = None
    event_id: UUID | None = None
    state: State | None = None
    im: Annotated[str, StringConstraints(max_length=50), Field(examples=["telegram"])] | None = None
    since: AwareDatetime | None = None
    explain: bool = False
    language: _Language | None = None


class DeliveryRef(Params):
    """Which delivery.

    :ivar event_id: its Event.
    :ivar user_id: its User.
    """

    event_id: UUID
    user_id: UUID


class ExplainDelivery(DeliveryRef):
    """An Event, a User, and the language to explain in.

    :ivar language: ``en``, ``ja``, ``zh``, or what is nearest; left out, the User's own.
    """

    language: _Language | None = None


class ResendDelivery(DeliveryRef):
    """Which delivery is to be sent once more.

    :ivar force: also if it was sent, or is pending.
    """

    force: bool = False


class Words(NamedTuple):
    """A delivery, as its User reads it."""

    headline: str
    sentence: str


class AttemptResult(Result):
    """An attempt that did not succeed, or what somebody did.

    :ivar at: when.
    :ivar code: what came of it, of the same vocabulary as the delivery's.
    :ivar detail: what the chat app said, or who did it.
    """

    at: datetime
    code: str
    detail: str


class DeliveryResult(Result):
    """An Event to a User.

    :ivar event_id: the Event.
    :ivar user_id: the User.
    :ivar im: the chat app.
    :ivar state: ``pending``, ``sent``, ``failed``, ``dropped`` or ``unknown``.
    :ivar code: why it is not sent, or not yet; null where there is no more to say.
    :ivar reason: the same for people.
    :ivar kind: the kind of the Event; null where it was removed.
    :ivar entity_id: whom the Event is about; null where it was removed.
    :ivar happened_at: when it happened at the source; null where the Event was removed.
    :ivar known_at: when it became known here; null where the Event was removed.
    :ivar created_at: when it entered the ledger.
    :ivar finished_at: when it was sent or given up.
    :ivar next_at: when it is tried again.
    :ivar attempts: how often it was tried.
    :ivar message_ids: the chat app's ids of it; an album has many.
    :ivar history: the latest attempts that did not succeed, oldest first.
    :ivar resends: how often somebody asked for it to be sent again.
    :ivar headline: the first line of its message; null where that was not asked for.
    :ivar sentence: why it came, or did not, or not yet; null where that was not asked for.
    """

    event_id: UUID
    user_id: UUID
    im: str
    state: str
    code: str | None
    reason: str | None
    kind: str | None
    entity_id: UUID | None
    happened_at: datetime | None
    known_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    next_at: datetime | None
    attempts: int
    message_ids: tuple[str, ...]
    history: tuple[AttemptResult, ...]
    resends: int
    headline: str | None = None
    sentence: str | None = None


class DeliveriesResult(Paged):
    """Deliveries.

    :ivar deliveries: newest first.
    """

    deliveries: tuple[DeliveryResult, ...]


class ExplanationResult(Result):
    """What happened to an Event for a User, or will.

    :ivar code: names the case.
    :ivar sentence: says it.
    :ivar delivery: the delivery; null where there is none, or not yet.
    """

    code: str
    sentence: str
    delivery: DeliveryResult | None


@method("getDeliveries", needs("admin:ro", or_session=True), errors=_FOREIGN)
def get_deliveries(call: Call, params: GetDeliveries) -> DeliveriesResult:
    """List what was, is to be, or was not sent, newest first; in a session its own."""
    own = call.caller.user
    if own is not None:
        _check_own(call, params.user_id or own.id)
    query = Query(
        event=params.event_id,
        user=params.user_id if own is None else own.id,
        state=DeliveryState(params.state) if params.state else None,
        im=params.im,
        since=params.since,
    )
    before = None if params.cursor is None else read_position(params.cursor)
    page, end = call.store.deliveries.list_page(query, before, params.limit or MOST)
    event_ids = list({delivery.event for delivery in page})
    events = {event.id: event for event in call.store.events.list_by_ids(event_ids)}
    words = _explain(call, page, params.language) if params.explain else {}
    return DeliveriesResult(
        deliveries=tuple(
            _show(delivery, events.get(delivery.event), words.get(delivery.key))
            for delivery in page
        ),
        next_cursor=write_position(end) if end else None,
    )


@method("explainDelivery", needs("admin:ro", or_session=True), errors=_FOREIGN)
def explain_delivery(call: Call, params: ExplainDelivery) -> ExplanationResult:
    """Say in one sentence what became of an event for a user, or will; in a session its own."""
    _check_own(call, params.user_id)
    situation = read_situation(call.store, params.event_id, params.user_id)
    explanation = explain(situation)
    delivery = situation.delivery
    return ExplanationResult(
        code=explanation.code,
        sentence=say_situation(situation, explanation, params.language),
        delivery=None if delivery is None else _show(delivery, situation.event),
    )


@method(
    "resendDelivery",
    needs("admin:rw"),
    errors={
        **UNKNOWN_USER,
        "delivery_not_found": 404,
        "event_not_found": 404,
        "delivery_sent": 409,
        "delivery_pending": 409,
        "delivery_changed": 409,
        "user_paused": 409,
    },
)
def resend_delivery(call: Call, params: ResendDelivery) -> Done:
    """Send once more what failed, was dropped, or may have arrived."""
    account = call.caller.account
    by = account.username if account else "somebody"
    event, user = params.event_id, params.user_id
    delivery = resend(call.store, event, user, by, call.now, force=params.force)
    # The sweeper makes up for it, but takes a few seconds.
    call.state.broker.try_send(f"{delivery.im}.deliver", str(event), [str(user)])
    return Done()


def _check_own(call: Call, user: UUID) -> None:
    own = call.caller.user
    if own is not None and user != own.id:
        raise ForbiddenError("foreign_user", "A session is good for its own user alone")


def _explain(call: Call, page: Sequence[Delivery], language: str | None) -> dict[Key, Words]:
    """Say of each what its message says first, and why it came."""
    composer = Composer(call.state.context)
    words = {}
    for delivery in page:
        situation = read_situation(call.store, *delivery.key)
        event, user = situation.event, situation.user
        message = composer.compose(event, user.settings) if event and user else None
        words[delivery.key] = Words(
            headline=message.headline if message else "",
            sentence=say_situation(situation, explain(situation), language),
        )
    return words


def _show(
    delivery: Delivery, event: StoredEvent | None, words: Words | None = None
) -> DeliveryResult:
    return DeliveryResult(
        event_id=delivery.event,
        user_id=delivery.user,
        kind=event.kind if event else None,
        entity_id=event.entity if event else None,
        happened_at=event.happened_at if event else None,
        headline=words.headline if words else None,
        sentence=words.sentence if words else None,
        known_at=event.created_at if event else None,
        **delivery.model_dump(
            include={
                *("im", "state", "code", "reason", "created_at", "finished_at", "next_at"),
                *("attempts", "message_ids", "history", "resends"),
            }
        ),
    )
