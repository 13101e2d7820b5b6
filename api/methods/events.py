"""What happened: a timeline, and the whole way of one Event."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from api.auth import needs
from api.methods.tasks import TaskResult, show_task
from api.paging import Page, Paged, read_position, write_position
from api.rpc import Call, Params, Result, method
from stargazer.errors import NotFoundError
from stargazer.models import Broadcast, Fields, OutboxState, StoredEvent
from stargazer.store import Store
from stargazer.store.events import Query
from stargazer.store.newest import Position

_USUAL = 50
_LONGEST_TITLE = 200
State = Literal["open", "held", "away", "done", "stale", "swallowed", "dead"]
Kind = Annotated[str, StringConstraints(max_length=100), Field(examples=["youtube/live_start"])]


class GetEvents(Page):
    """Which Events; what is left out does not matter.

    :ivar kind: those of this kind, also if it is a foreign one.
    :ivar entity_id: those about this Entity.
    :ivar state: those that are this far on their way.
    :ivar since: those that became known here at this time or later.
    :ivar until: those that became known here before this time.
    """

    kind: Kind | None = None
    entity_id: UUID | None = None
    state: State | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class EventRef(Params):
    """Which Event.

    :ivar event_id: its id.
    """

    event_id: UUID


class EventRow(Result):
    """An Event, in short.

    :ivar id: its id.
    :ivar kind: what happened.
    :ivar entity_id: to whom.
    :ivar title: of what it tells, or how its text begins; empty where it has neither.
    :ivar url: where it leads to; null when nowhere.
    :ivar happened_at: when it happened at the source.
    :ivar known_at: when it became known here.
    :ivar state: ``open`` (on its way), ``held`` (by a middleware of ours until later), ``away``
        (with somebody else's middleware), ``done``, ``stale`` (no news any more), ``swallowed``
        (ended by a middleware) or ``dead`` (it could not go on).
    :ivar tags: what must still treat it, the last one first.
    :ivar deliveries: to how many Users it went, once it is ``done``.
    :ivar task_id: the account on which it was seen; null for what came from elsewhere.
    """

    id: UUID
    kind: str
    entity_id: UUID
    title: str
    url: str | None
    happened_at: datetime
    known_at: datetime
    state: str
    tags: tuple[str, ...]
    deliveries: int
    task_id: UUID | None


class EventsResult(Paged):
    """Events.

    :ivar events: newest first, by when they became known here.
    """

    events: tuple[EventRow, ...]


class StepResult(Result):
    """What a middleware did with an Event.

    :ivar at: when.
    :ivar by: the tag of the middleware.
    :ivar what: ``treated``, ``held``, ``released``, ``swallowed``, ``replaced``, ``cancelled``,
        ``failed``, ``sent_away``, ``dead`` or ``retried``.
    :ivar detail: why, or until when; empty where there is no more to say.
    """

    at: datetime
    by: str
    what: str
    detail: str


class Sighting(Result):
    """Who saw the broadcast of which an Event tells.

    :ivar at: when for the first time.
    :ivar witness: ``push`` (of a hub), ``feed``, ``uploads`` (the channel's list) or ``videos``
        (asked for by ourselves).
    :ivar state: in which state it was then.
    """

    at: datetime
    witness: str
    state: str


class EventResult(EventRow):
    """An Event, and its whole way so far.

    :ivar fields: all that is told of it; its translations are apart.
    :ivar translations: by language, and by the JSON pointer of the text in ``fields``.
    :ivar source_id: what the platform calls it, with its revision; null where it has none.
    :ivar task: the account on which it was seen; null where it was removed, or is none.
    :ivar published_at: when it was last given to the broker; null: never.
    :ivar publications: how often it was.
    :ivar sightings: of its broadcast, oldest first; empty where only one way leads to it.
    :ivar steps: what middlewares did with it, oldest first.
    :ivar deliveries_by_state: how many Users' deliveries are in each state; ``getDeliveries`` and
        ``explainDelivery`` tell of each.
    :ivar dead_letter_id: where it waits for an operator; null: it does not.
    """

    fields: dict[str, Any]
    translations: dict[str, dict[str, str]]
    source_id: str | None
    task: TaskResult | None
    published_at: datetime | None
    publications: int
    sightings: tuple[Sighting, ...]
    steps: tuple[StepResult, ...]
    deliveries_by_state: dict[str, int]
    dead_letter_id: UUID | None


@method("getEvents", needs("admin:ro"))
def get_events(call: Call, params: GetEvents) -> EventsResult:
    """List what happened, newest first.

    Without any filter, and by Entity, an index leads to them. A kind or state of which there are
    few is looked for among all events, and so is what became known before some time: that costs the
    embedded database a quarter of a second per 100,000 events.
    """
    query = Query(
        kind=params.kind,
        entity=params.entity_id,
        state=OutboxState(params.state) if params.state else None,
        since=params.since,
    )
    page, cursor = list_events(call.store, query, params, params.until)
    return EventsResult(events=page, next_cursor=cursor)


@method("getEvent", needs("admin:ro"), errors={"event_not_found": 404})
def get_event(call: Call, params: EventRef) -> EventResult:
    """Tell the whole way of an event: who saw it, who treated it, and what became of it."""
    store = call.store
    event = store.events.find(params.event_id)
    if event is None:
        raise NotFoundError("event_not_found", f"Cannot find event with ID `{params.event_id}`")
    task = store.tasks.find(event.task) if event.task else None
    letter = store.dead_letters.find_of_event(event.id)
    broadcast = _find_broadcast(store, event)
    translations = _read_translations(event.fields)
    return EventResult(
        **show_event(event).model_dump(),
        fields={
            name: value
            for name, value in event.fields.items()
            if name != "translations" or not translations
        },
        translations=translations,
        source_id=event.source_id,
        task=show_task(task) if task else None,
        published_at=event.published_at,
        publications=event.publications,
        sightings=_list_sightings(broadcast) if broadcast else (),
        steps=tuple(StepResult(**step.model_dump()) for step in event.history),
        deliveries_by_state=store.deliveries.count_of_event_by_state(event.id),
        dead_letter_id=letter.id if letter else None,
    )


def list_events(
    store: Store, query: Query, page: Page, until: datetime | None = None
) -> tuple[tuple[EventRow, ...], str | None]:
    """Give a page of Events, and the cursor of the next one."""
    before = None if page.cursor is None else read_position(page.cursor)
    if until is not None:
        # Nothing has an id before the empty one.
        latest = Position(_floor(until), "")
        before = latest if before is None else min(before, latest)
    events, end = store.events.list_page(query, before, page.limit or _USUAL)
    return tuple(map(show_event, events)), write_position(end) if end else None


def show_event(event: StoredEvent) -> EventRow:
    """Give an Event in short."""
    return EventRow(
        id=event.id,
        kind=event.kind,
        entity_id=event.entity,
        title=_get_title(event.fields),
        url=_get_link(event.fields),
        happened_at=event.happened_at,
        known_at=event.created_at,
        state=event.state.value,
        tags=event.tags,
        deliveries=event.deliveries,
        task_id=event.task,
    )


def _floor(at: datetime) -> datetime:
    return at - timedelta(microseconds=at.microsecond % 1000)


def _get_title(fields: Fields) -> str:
    text = str(fields.get("title") or fields.get("text") or "").strip()
    line = text.partition("\n")[0]
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"


def _get_link(fields: Fields) -> str | None:
    url = fields.get("url")
    # Platforms send these; anything else, such as `javascript:`, must not become a link.
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None


def _find_broadcast(store: Store, event: StoredEvent) -> Broadcast | None:
    video = event.fields.get("video_id")
    if event.task is None or not isinstance(video, str):
        return None
    return store.broadcasts.list_known(event.task, [video]).get(video)


def _list_sightings(broadcast: Broadcast) -> tuple[Sighting, ...]:
    found = sorted((at, seen) for seen, at in broadcast.seen_at.items())
    split = ((at, seen.partition(":")) for at, seen in found)
    return tuple(Sighting(at=at, witness=witness, state=state) for at, (witness, _, state) in split)


def _read_translations(fields: Fields) -> dict[str, dict[str, str]]:
    """Give the translations as our middleware writes them; what others write is none."""
    given = fields.get("translations")
    if not isinstance(given, Mapping):
        return {}
    return {
        str(language): {str(pointer): str(text) for pointer, text in texts.items()}
        for language, texts in given.items()
        if isinstance(texts, Mapping)
    }
