"""The methods of the API, generated from its registry by ``make generate``: do not edit.

What is answered is a dict with the members of the class that is named; times in it are RFC 3339.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from stargazer.client.transport import Transport


class Permissions(TypedDict):
    """What an account may do: nothing that is left out.

    :ivar api: Users, sessions and interest: for bots.
    :ivar admin: Entities, tasks, groups, accounts and the status page: for operators.
    :ivar mq: The message broker.
    :ivar coordinator: What workers ask.
    """

    api: NotRequired[Literal["ro", "rw"] | None]
    admin: NotRequired[Literal["ro", "rw"] | None]
    mq: NotRequired[Literal["ro", "rw"] | None]
    coordinator: NotRequired[Literal["ro", "rw"] | None]


class AccountResult(TypedDict):
    """A client, without anything of its password.

    :ivar username: Its name.
    :ivar permissions: Component (``api``, ``admin``, ``mq``, ``coordinator``) to ``ro`` or
        ``rw``.
    """

    username: str
    permissions: dict[str, str]


class WatchedTask(TypedDict):
    """A Task, and how watching it goes.

    :ivar id: Its id.
    :ivar kind: The platform, such as ``youtube``.
    :ivar params: What names the account there.
    :ivar entity_id: Whose account it is.
    :ivar created_at: Since when it is watched.
    :ivar paused: Whether an operator wants it not to be looked at for now.
    :ivar looked_at: When its platform was last read with success.
    :ivar failures: How often in a row it was not.
    :ivar failed_at: When that was last.
    :ivar last_error: The reason.
    :ivar paused_until: When it is tried again after that.
    :ivar gone: Whether the platform says that there is no such account.
    """

    id: str
    kind: str
    params: dict[str, str]
    entity_id: str
    created_at: str
    paused: bool
    looked_at: str | None
    failures: int
    failed_at: str | None
    last_error: str | None
    paused_until: str | None
    gone: bool


class FilterRule(TypedDict):
    """What keeps out some of the Events that are wanted by their kind and Entity.

    :ivar kinds: Of which kinds of Events it decides; empty: of all.
    :ivar entities: Of which Entities it decides; empty: of all.
    :ivar any_of: One of these words has to be somewhere in the texts, whatever its case and
        width; between slashes, as in ``/sing(ing)?/``, it is a pattern of RE2; empty: none has
        to.
    :ivar none_of: None of these words may be in the texts.
    :ivar languages: The texts have to be in one of these, as far as one can tell; empty: in
        any.
    :ivar media: Whether pictures or videos have to be there (true) or must not be (false).
    :ivar shorts: Whether it has to be a short video (true) or must not be one (false).
    """

    kinds: NotRequired[Sequence[str]]
    entities: NotRequired[Sequence[str]]
    any_of: NotRequired[Sequence[str]]
    none_of: NotRequired[Sequence[str]]
    languages: NotRequired[Sequence[str]]
    media: NotRequired[bool | None]
    shorts: NotRequired[bool | None]


class Filter(TypedDict):
    """What to hear: these kinds of these Entities, and of some of them their own kinds instead.

    :ivar entities: Ids of Entities.
    :ivar groups: Ids of Groups: whoever belongs to one is to be heard of, as long as it does.
    :ivar without_entities: Ids of Entities that are not to be heard of though their Group is.
    :ivar kinds: Kinds of Events, of those that ``getEventKinds`` lists.
    :ivar kinds_by_entity: For some of the Entities, their own kinds in place of ``kinds``.
    :ivar rules: What keeps out some of these Events; each of them has to let one pass.
    """

    entities: NotRequired[Sequence[str]]
    groups: NotRequired[Sequence[str]]
    without_entities: NotRequired[Sequence[str]]
    kinds: NotRequired[Sequence[str]]
    kinds_by_entity: NotRequired[dict[str, Sequence[str]]]
    rules: NotRequired[Sequence[FilterRule]]


class Quiet(TypedDict):
    """The hours of each day in which nobody is to be disturbed, in the User's time zone.

    :ivar start: From then on, such as ``23:00``.
    :ivar end: Until then, such as ``07:00``; of the next day, where it is before ``start``.
    """

    start: str
    end: str


class Settings(TypedDict):
    """How to hear it.

    :ivar language: The language of the messages: ``en``, ``ja``, ``zh``, or what is nearest.
    :ivar timezone: The time zone of the times in them.
    :ivar translate: Whether texts in other languages are wanted in this one, too.
    :ivar mention: Who is called when a stream starts: empty for nobody, ``all`` for everybody
        in a group on QQ, a role's id on Discord.
    :ivar quiet_hours: What comes in them is told in one message when they are over.
    :ivar waking_kinds: Kinds of Events that are told in them all the same.
    :ivar muted_until: Until then nothing is told; then all of it in one message.
    :ivar silent_kinds: Kinds of Events that are to make no sound, where the chat app can do
        that; null: those that ``getEventKinds`` calls silent.
    :ivar edit_live: Whether the message that a stream is live is to become the one that it has
        ended, where the chat app can do that.
    """

    language: NotRequired[str]
    timezone: NotRequired[str]
    translate: NotRequired[bool]
    mention: NotRequired[str]
    quiet_hours: NotRequired[Quiet | None]
    waking_kinds: NotRequired[Sequence[str]]
    muted_until: NotRequired[str | None]
    silent_kinds: NotRequired[Sequence[str] | None]
    edit_live: NotRequired[bool]


class Rule(TypedDict):
    """What keeps out some of the Events that are wanted by their kind and Entity.

    :ivar kinds: Of which kinds of Events it decides; empty: of all.
    :ivar entities: Of which Entities it decides; empty: of all.
    :ivar any_of: One of these words has to be somewhere in the texts, whatever its case and
        width; between slashes, as in ``/sing(ing)?/``, it is a pattern of RE2; empty: none has
        to.
    :ivar none_of: None of these words may be in the texts.
    :ivar languages: The texts have to be in one of these, as far as one can tell; empty: in
        any.
    :ivar media: Whether pictures or videos have to be there (true) or must not be (false).
    :ivar shorts: Whether it has to be a short video (true) or must not be one (false).
    """

    kinds: list[str]
    entities: list[str]
    any_of: list[str]
    none_of: list[str]
    languages: list[str]
    media: bool | None
    shorts: bool | None


class EventFilter(TypedDict):
    """What a User wants to hear: Events of these kinds of these Entities.

    :ivar entities: Ids of Entities.
    :ivar groups: Ids of Groups: whoever belongs to one is wanted, as long as it does.
    :ivar without_entities: Ids of Entities that are not wanted though their Group is.
    :ivar kinds: Kinds of Events.
    :ivar kinds_by_entity: For some of the Entities, their own kinds in place of ``kinds``.
    :ivar rules: What keeps out some of these Events; each of them has to let one pass.
    """

    entities: list[str]
    groups: list[str]
    without_entities: list[str]
    kinds: list[str]
    kinds_by_entity: dict[str, list[str]]
    rules: list[Rule]


class QuietHours(TypedDict):
    """The hours of each day in which a User is not to be disturbed, in its time zone.

    :ivar start: From then on.
    :ivar end: Until then; of the next day, where it is before ``start``.
    """

    start: str
    end: str


class UserSettings(TypedDict):
    """How a User wants to hear it.

    :ivar language: The language of the messages: ``en``, ``ja``, ``zh``, or what is nearest.
    :ivar timezone: The time zone of the times in them, such as ``Asia/Tokyo``.
    :ivar translate: Whether texts in other languages are wanted in this one, too.
    :ivar mention: Who is called when a stream starts: empty for nobody, ``all`` for everybody
        in a group on QQ, a role's id on Discord.
    :ivar quiet_hours: What comes in them is told in one message when they are over.
    :ivar waking_kinds: Kinds of Events that are told in them all the same.
    :ivar muted_until: Until then nothing is told; then all of it in one message.
    :ivar silent_kinds: Kinds of Events that are to make no sound; None: those that need not.
    :ivar edit_live: Whether the message that a stream is live is to become the one that it has
        ended, where the chat app can do that.
    """

    language: str
    timezone: str
    translate: bool
    mention: str
    quiet_hours: QuietHours | None
    waking_kinds: list[str]
    muted_until: str | None
    silent_kinds: list[str] | None
    edit_live: bool


class UserResult(TypedDict):
    """A User: a chat that subscribes.

    :ivar id: Its id.
    :ivar im: The chat app.
    :ivar im_payload: The chat's id there, or a name that stands for its URL.
    :ivar name: What it is called.
    :ivar avatar: The URL of its picture.
    :ivar event_filter: What it wants to hear.
    :ivar settings: How it wants to hear it.
    :ivar paused: Why nothing is sent to it; null where it is not paused.
    :ivar paused_at: Since when.
    :ivar created_at: When it was added.
    """

    id: str
    im: str
    im_payload: str
    name: str
    avatar: str
    event_filter: EventFilter
    settings: UserSettings
    paused: str | None
    paused_at: str | None
    created_at: str


class MeResult(TypedDict):
    """The User whose Session it is, and until when.

    :ivar user: The User.
    :ivar valid_until: When the session ends, in UNIX seconds.
    """

    user: UserResult
    valid_until: int


class CheckResult(TypedDict):
    """Whether the token is valid; then also whose it is, and until when.

    :ivar valid: Whether it is.
    :ivar user_id: The User whose session it is.
    :ivar valid_until: When it ends, in UNIX seconds.
    """

    valid: bool
    user_id: str | None
    valid_until: int | None


class Done(TypedDict):
    """Nothing but that it is done."""


class AttemptResult(TypedDict):
    """An attempt that did not succeed, or what somebody did.

    :ivar at: When.
    :ivar code: What came of it, of the same vocabulary as the delivery's.
    :ivar detail: What the chat app said, or who did it.
    """

    at: str
    code: str
    detail: str


class DeliveryResult(TypedDict):
    """An Event to a User.

    :ivar event_id: The Event.
    :ivar user_id: The User.
    :ivar im: The chat app.
    :ivar state: ``pending``, ``sent``, ``failed``, ``dropped`` or ``unknown``.
    :ivar code: Why it is not sent, or not yet; null where there is no more to say.
    :ivar reason: The same for people.
    :ivar kind: The kind of the Event; null where it was removed.
    :ivar entity_id: Whom the Event is about; null where it was removed.
    :ivar happened_at: When it happened at the source; null where the Event was removed.
    :ivar known_at: When it became known here; null where the Event was removed.
    :ivar created_at: When it entered the ledger.
    :ivar finished_at: When it was sent or given up.
    :ivar next_at: When it is tried again.
    :ivar attempts: How often it was tried.
    :ivar message_ids: The chat app's ids of it; an album has many.
    :ivar history: The latest attempts that did not succeed, oldest first.
    :ivar resends: How often somebody asked for it to be sent again.
    :ivar headline: The first line of its message; null where that was not asked for.
    :ivar sentence: Why it came, or did not, or not yet; null where that was not asked for.
    """

    event_id: str
    user_id: str
    im: str
    state: str
    code: str | None
    reason: str | None
    kind: str | None
    entity_id: str | None
    happened_at: str | None
    known_at: str | None
    created_at: str
    finished_at: str | None
    next_at: str | None
    attempts: int
    message_ids: list[str]
    history: list[AttemptResult]
    resends: int
    headline: str | None
    sentence: str | None


class ExplanationResult(TypedDict):
    """What happened to an Event for a User, or will.

    :ivar code: Names the case.
    :ivar sentence: Says it.
    :ivar delivery: The delivery; null where there is none, or not yet.
    """

    code: str
    sentence: str
    delivery: DeliveryResult | None


class ExportResult(TypedDict):
    """All that there is.

    :ivar document: A line for each thing; addresses that are secrets are encrypted.
    """

    document: str


class AccountsResult(TypedDict):
    """Accounts, by name.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar accounts: Those of this page.
    """

    next_cursor: str | None
    accounts: list[AccountResult]


class AlarmResult(TypedDict):
    """Trouble that lasts, or lasted.

    :ivar key: What it is about; the same trouble has the same key.
    :ivar kind: The platform or chat app; null: the whole system.
    :ivar reason: What is wrong, and what ends it.
    :ivar todo: What an operator does about it.
    :ivar raised_at: Since when.
    :ivar ended_at: Until when; null while it lasts.
    """

    key: str
    kind: str | None
    reason: str
    todo: str
    raised_at: str
    ended_at: str | None


class AlarmsResult(TypedDict):
    """Alarms, in the order of their keys.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar alarms: Those of this page.
    """

    next_cursor: str | None
    alarms: list[AlarmResult]


class Assignment(TypedDict):
    """Who watches a Task.

    :ivar task_id: Which Task.
    :ivar kind: Of the Task.
    :ivar worker: The node name of who watches it; null while nobody does.
    :ivar due_in: Seconds until it is looked at; negative when it is late, null when it is not
        on the schedule.
    """

    task_id: str
    kind: str
    worker: str | None
    due_in: float | None


class AssignmentsResult(TypedDict):
    """Who watches what.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar assignments: One for each Task, in the order of their ids.
    """

    next_cursor: str | None
    assignments: list[Assignment]


class DeadLetterResult(TypedDict):
    """Something that could not go on.

    :ivar id: Its own.
    :ivar event_id: Of the event; null for what was none.
    :ivar body: What was no event, as it came; null for an event.
    :ivar by: The middleware that could not let it pass, or the queue.
    :ivar reason: Why.
    :ivar created_at: When.
    """

    id: str
    event_id: str | None
    body: str | None
    by: str
    reason: str
    created_at: str


class DeadLettersResult(TypedDict):
    """Dead letters.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar dead_letters: In the order of their ids.
    """

    next_cursor: str | None
    dead_letters: list[DeadLetterResult]


class DeliveriesResult(TypedDict):
    """Deliveries.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar deliveries: Newest first.
    """

    next_cursor: str | None
    deliveries: list[DeliveryResult]


class Name(TypedDict):
    """A name in several languages.

    :ivar name: Language (ISO 639-1, such as ``ja`` or ``zh-Hans``) to name.
    :ivar default_language: A key of ``name``.
    """

    name: dict[str, str]
    default_language: str


class Meta(TypedDict):
    """What is told of an Entity.

    :ivar name: Its names.
    :ivar group: The id of its Group.
    """

    name: Name
    group: str | None


class TaskResult(TypedDict):
    """A Task: an account that is watched.

    :ivar id: Its id.
    :ivar kind: The platform, such as ``youtube``.
    :ivar params: What names the account there.
    """

    id: str
    kind: str
    params: dict[str, str]


class EntityResult(TypedDict):
    """An Entity.

    :ivar id: Its id.
    :ivar meta: Its names, and its Group if there is one.
    :ivar tasks: Its accounts, oldest first.
    """

    id: str
    meta: Meta
    tasks: list[TaskResult]


class EntitiesResult(TypedDict):
    """Entities, in the order of their ids.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar entities: Those of this page.
    """

    next_cursor: str | None
    entities: list[EntityResult]


class Sighting(TypedDict):
    """Who saw the broadcast of which an Event tells.

    :ivar at: When for the first time.
    :ivar witness: ``push`` (of a hub), ``feed``, ``uploads`` (the channel's list) or ``videos``
        (asked for by ourselves).
    :ivar state: In which state it was then.
    """

    at: str
    witness: str
    state: str


class StepResult(TypedDict):
    """What a middleware did with an Event.

    :ivar at: When.
    :ivar by: The tag of the middleware.
    :ivar what: ``treated``, ``held``, ``released``, ``swallowed``, ``replaced``, ``cancelled``,
        ``failed``, ``sent_away``, ``dead`` or ``retried``.
    :ivar detail: Why, or until when; empty where there is no more to say.
    """

    at: str
    by: str
    what: str
    detail: str


class EventResult(TypedDict):
    """An Event, and its whole way so far.

    :ivar id: Its id.
    :ivar kind: What happened.
    :ivar entity_id: To whom.
    :ivar title: Of what it tells, or how its text begins; empty where it has neither.
    :ivar url: Where it leads to; null when nowhere.
    :ivar happened_at: When it happened at the source.
    :ivar known_at: When it became known here.
    :ivar state: ``open`` (on its way), ``held`` (by a middleware of ours until later), ``away``
        (with somebody else's middleware), ``done``, ``stale`` (no news any more), ``swallowed``
        (ended by a middleware) or ``dead`` (it could not go on).
    :ivar tags: What must still treat it, the last one first.
    :ivar deliveries: To how many Users it went, once it is ``done``.
    :ivar task_id: The account on which it was seen; null for what came from elsewhere.
    :ivar fields: All that is told of it; its translations are apart.
    :ivar translations: By language, and by the JSON pointer of the text in ``fields``.
    :ivar source_id: What the platform calls it, with its revision; null where it has none.
    :ivar task: The account on which it was seen; null where it was removed, or is none.
    :ivar published_at: When it was last given to the broker; null: never.
    :ivar publications: How often it was.
    :ivar sightings: Of its broadcast, oldest first; empty where only one way leads to it.
    :ivar steps: What middlewares did with it, oldest first.
    :ivar deliveries_by_state: How many Users' deliveries are in each state; ``getDeliveries``
        and ``explainDelivery`` tell of each.
    :ivar dead_letter_id: Where it waits for an operator; null: it does not.
    """

    id: str
    kind: str
    entity_id: str
    title: str
    url: str | None
    happened_at: str
    known_at: str
    state: str
    tags: list[str]
    deliveries: int
    task_id: str | None
    fields: dict[str, Any]
    translations: dict[str, dict[str, str]]
    source_id: str | None
    task: TaskResult | None
    published_at: str | None
    publications: int
    sightings: list[Sighting]
    steps: list[StepResult]
    deliveries_by_state: dict[str, int]
    dead_letter_id: str | None


class KindResult(TypedDict):
    """A kind of Event.

    :ivar kind: Its name, such as ``youtube/live_start``.
    :ivar fields: The fields that each such Event has.
    :ivar titles: What it is called, by language.
    :ivar stale_after: An Event older than so many seconds is not told any more.
    :ivar silent: Whether its messages make no sound, for those who have not chosen.
    :ivar usual: Whether who has chosen no kinds yet is told of it.
    """

    kind: str
    fields: list[str]
    titles: dict[str, str]
    stale_after: int
    silent: bool
    usual: bool


class KindsResult(TypedDict):
    """Kinds of Events.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar kinds: By name.
    """

    next_cursor: str | None
    kinds: list[KindResult]


class EventRow(TypedDict):
    """An Event, in short.

    :ivar id: Its id.
    :ivar kind: What happened.
    :ivar entity_id: To whom.
    :ivar title: Of what it tells, or how its text begins; empty where it has neither.
    :ivar url: Where it leads to; null when nowhere.
    :ivar happened_at: When it happened at the source.
    :ivar known_at: When it became known here.
    :ivar state: ``open`` (on its way), ``held`` (by a middleware of ours until later), ``away``
        (with somebody else's middleware), ``done``, ``stale`` (no news any more), ``swallowed``
        (ended by a middleware) or ``dead`` (it could not go on).
    :ivar tags: What must still treat it, the last one first.
    :ivar deliveries: To how many Users it went, once it is ``done``.
    :ivar task_id: The account on which it was seen; null for what came from elsewhere.
    """

    id: str
    kind: str
    entity_id: str
    title: str
    url: str | None
    happened_at: str
    known_at: str
    state: str
    tags: list[str]
    deliveries: int
    task_id: str | None


class EventsResult(TypedDict):
    """Events.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar events: Newest first, by when they became known here.
    """

    next_cursor: str | None
    events: list[EventRow]


class FollowersResult(TypedDict):
    """How many chats have chosen somebody.

    :ivar followers: How many have chosen this Entity by itself, or this Group, for any kind of
        Events; paused ones, too.
    """

    followers: int


class GroupResult(TypedDict):
    """A Group.

    :ivar id: Its id.
    :ivar name: Its names.
    """

    id: str
    name: Name


class GroupsResult(TypedDict):
    """Groups, in the order of their ids.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar groups: Those of this page.
    """

    next_cursor: str | None
    groups: list[GroupResult]


class InterestedUser(TypedDict):
    """A chat to tell.

    :ivar id: The User's id.
    :ivar im: The chat app.
    :ivar im_payload: The chat's id there.
    :ivar name: What it is called.
    """

    id: str
    im: str
    im_payload: str
    name: str


class InterestResult(TypedDict):
    """The chats to tell, in the order of their ids.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar users: Those of this page, which may hold fewer than its limit.
    """

    next_cursor: str | None
    users: list[InterestedUser]


class TroubleResult(TypedDict):
    """Something that is wrong.

    :ivar severity: ``bad`` wants somebody to act; ``wait`` passes by itself, or can wait.
    :ivar what: What is wrong.
    :ivar todo: What to do about it.
    :ivar page: Where on the operator's page more is shown, such as ``sources``; empty: nowhere.
    """

    severity: Literal["bad", "wait"]
    what: str
    todo: str
    page: str


class CountsResult(TypedDict):
    """How many there are; what is counted one by one is counted up to a thousand.

    :ivar entities: Who is watched.
    :ivar tasks: Their accounts.
    :ivar users: The chats that subscribe.
    :ivar paused: Chats that are sent nothing; at most 1,000.
    :ivar events: In the outbox.
    :ivar deliveries: In the ledger.
    :ivar pending: Deliveries that are still to be sent; at most 1,000.
    :ivar failed: Deliveries that were given up; at most 1,000.
    :ivar unknown: Deliveries of which nobody knows whether they arrived; at most 1,000.
    :ivar dead_letters: At most 1,000.
    """

    entities: int
    tasks: int
    users: int
    paused: int
    events: int
    deliveries: int
    pending: int
    failed: int
    unknown: int
    dead_letters: int


class MinuteResult(TypedDict):
    """What happened in a minute.

    :ivar at: When it began.
    :ivar events: How many were new.
    :ivar sent: How many deliveries were sent.
    :ivar lost: How many failed, or have an unknown outcome.
    :ivar dropped: How many were not to be sent.
    :ivar p50: Half of what was sent was not older than this, in seconds from what happened at
        the source; null: nothing was sent.
    :ivar p99: 99 of 100 were not older than this.
    """

    at: str
    events: int
    sent: int
    lost: int
    dropped: int
    p50: float | None
    p99: float | None


class AgeResult(TypedDict):
    """The time from source to chat of what was sent within the last ten minutes, in seconds.

    :ivar p50: Half of it was not older.
    :ivar p99: 99 of 100 were not older.
    """

    p50: float | None
    p99: float | None


class OutcomeResult(TypedDict):
    """What became of deliveries within the last hour.

    :ivar im: The chat app.
    :ivar sent: How many were sent.
    :ivar failed: How many were given up.
    :ivar dropped: How many were not to be sent.
    :ivar unknown: How many may have arrived.
    """

    im: str
    sent: int
    failed: int
    dropped: int
    unknown: int


class QueueResult(TypedDict):
    """A queue.

    :ivar queue: Its name.
    :ivar waiting: How many messages nobody has taken yet.
    """

    queue: str
    waiting: int


class WorkerResult(TypedDict):
    """A worker.

    :ivar worker: Its node name.
    :ivar there: Whether it was heard of within three heartbeats.
    :ivar drained: Whether an operator wants it to be given nothing.
    :ivar kinds: The kinds of Tasks that it serves.
    :ivar weight: Its share of the Tasks, compared with the others'.
    :ivar version: Of Stargazer.
    :ivar host: Where it runs.
    :ivar started_at: When it was started.
    :ivar tasks: How many Tasks it watches, by kind.
    :ivar in_hand: How many it is looking at right now.
    """

    worker: str
    there: bool
    drained: bool
    kinds: list[str]
    weight: int
    version: str
    host: str
    started_at: str
    tasks: dict[str, int]
    in_hand: int


class KindState(TypedDict):
    """How a kind of Tasks is watched.

    :ivar kind: Of which the rest speaks.
    :ivar tasks: How many there are.
    :ivar unassigned: How many no worker watches.
    :ivar overdue: How late the latest is, in seconds.
    """

    kind: str
    tasks: int
    unassigned: int
    overdue: float


class BudgetResult(TypedDict):
    """What may be used of something in a period.

    :ivar name: Whose and of what.
    :ivar unit: In which it is counted; ``mills`` are thousandths of a US dollar.
    :ivar spent: How much is used up.
    :ivar limit: How much there is; 0: no limit.
    :ivar resets_at: When the next period begins.
    """

    name: str
    unit: str
    spent: int
    limit: int
    resets_at: str


class SourceResult(TypedDict):
    """A platform.

    :ivar kind: Its name, as in Tasks.
    :ivar missing: What has to be set before it is watched; null: nothing.
    :ivar accounts: How many are to be watched.
    :ivar paused: How many an operator wants not to be looked at.
    :ivar failing: How many could not be read at their last look.
    :ivar gone: How many the platform says are not there any more.
    :ivar workers: How many are there that watch it.
    :ivar overdue: How late the latest account is, in seconds.
    :ivar succeeded_at: When the platform last answered as it should.
    :ivar failures: How often in a row it did not.
    :ivar failed_at: When that was last.
    :ivar last_error: The reason of the last time, also when it is over.
    :ivar paused_since: Since when it has to be left alone; null: it has not.
    :ivar paused_until: When it is asked again after that.
    :ivar leases: The subscriptions at its hubs, by state; null where there are no hubs.
    :ivar push_problem: Why nothing is pushed, and what that costs; null: there is no reason.
    :ivar budgets: What may be used of it.
    :ivar alarms: Those that last.
    """

    kind: str
    missing: str | None
    accounts: int
    paused: int
    failing: int
    gone: int
    workers: int
    overdue: float
    succeeded_at: str | None
    failures: int
    failed_at: str | None
    last_error: str | None
    paused_since: str | None
    paused_until: str | None
    leases: dict[str, int] | None
    push_problem: str | None
    budgets: list[BudgetResult]
    alarms: list[AlarmResult]


class PausedUser(TypedDict):
    """A chat that is sent nothing.

    :ivar id: The User's id.
    :ivar im: The chat app.
    :ivar name: What it is called.
    :ivar reason: Why.
    :ivar since: Since when; null for one that the predecessor had paused.
    """

    id: str
    im: str
    name: str
    reason: str
    since: str | None


class OverviewBody(TypedDict):
    """How it goes, at most some seconds ago. What Redis knows is null while it is away.

    :ivar troubles: What is wrong, the worst first; empty: all is well.
    :ivar counts: How many there are.
    :ivar minutes: The last hour, minute by minute, the one that passes last; null: unknown.
    :ivar age: The time from source to chat of late.
    :ivar events: How many were new within the hour, by kind; null: unknown.
    :ivar outcomes: What became of deliveries within the hour, by chat app; null: unknown.
    :ivar queues: Those of the broker; null: it does not answer.
    :ivar workers: As of ``getWorkers``; null: unknown.
    :ivar kinds: As of ``getWorkers``; null: unknown.
    :ivar sources: As of ``getSources``; null: unknown.
    :ivar budgets: What may be used that no platform sets, such as of translators.
    :ivar paused: Some of the chats that are sent nothing.
    """

    troubles: list[TroubleResult]
    counts: CountsResult
    minutes: list[MinuteResult] | None
    age: AgeResult
    events: dict[str, int] | None
    outcomes: list[OutcomeResult] | None
    queues: list[QueueResult] | None
    workers: list[WorkerResult] | None
    kinds: list[KindState] | None
    sources: list[SourceResult] | None
    budgets: list[BudgetResult]
    paused: list[PausedUser]


class OverviewResult(TypedDict):
    """The overview and its version.

    :ivar version: Changes when anything in it does.
    :ivar at: As of when.
    :ivar overview: How it goes; null where the caller has this version.
    """

    version: str
    at: str
    overview: OverviewBody | None


class PreviewResult(TypedDict):
    """A message, as plain text.

    :ivar kind: The kind of Event that it is an example of.
    :ivar headline: Who and what, in one line.
    :ivar lines: The rest, from top to bottom; what others wrote begins with ``>``.
    :ivar url: Where it leads to; empty when nowhere.
    """

    kind: str
    headline: str
    lines: list[str]
    url: str


class PreviewsResult(TypedDict):
    """An example of each kind of message.

    :ivar previews: By kind.
    """

    previews: list[PreviewResult]


class SettingsResult(TypedDict):
    """What the Session's own User wants to hear, and how.

    :ivar user_id: The User.
    :ivar event_filter: What it wants to hear.
    :ivar settings: How it wants to hear it.
    """

    user_id: str
    event_filter: EventFilter
    settings: UserSettings


class SourcesResult(TypedDict):
    """The platforms.

    :ivar sources: All there are, also those that nobody watches.
    """

    sources: list[SourceResult]


class SubscriptionRow(TypedDict):
    """An Entity, and what is chosen of it.

    :ivar entity_id: Its id.
    :ivar meta: Its names, and its Group if there is one.
    :ivar chosen: Whether it is to be heard of, by itself or with its Group.
    :ivar with_group: Whether its Group is to be heard of.
    :ivar kinds: The kinds of Events that are told.
    :ivar own_kinds: Whether these are its own, and not those that hold for all.
    """

    entity_id: str
    meta: Meta
    chosen: bool
    with_group: bool
    kinds: list[str]
    own_kinds: bool


class SubscriptionResult(TypedDict):
    """The table of who is watched, in the order of the Entities' ids.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar kinds: The kinds that hold for each Entity without kinds of its own.
    :ivar groups: Ids of the Groups of which everybody is to be heard of.
    :ivar entities: The Entities of this page.
    """

    next_cursor: str | None
    kinds: list[str]
    groups: list[str]
    entities: list[SubscriptionRow]


class LeaseResult(TypedDict):
    """Our subscription to the account at a hub, which tells us of what is new at once.

    :ivar hub: The hub's host.
    :ivar state: ``pending`` (asked for), ``verified``, ``denied``, ``failed`` or ``lapsed``.
    :ivar asked_at: When the hub was last asked.
    :ivar verified_at: When it last agreed.
    :ivar expires_at: Until when.
    :ivar renew_at: When it is asked again.
    :ivar failures: How often in a row it refused or did not answer.
    :ivar last_error: Why.
    """

    hub: str
    state: str
    asked_at: str | None
    verified_at: str | None
    expires_at: str | None
    renew_at: str
    failures: int
    last_error: str | None


class OpenBroadcast(TypedDict):
    """A broadcast of which more is to be expected.

    :ivar source_id: What the platform calls it.
    :ivar state: ``unknown`` (only its feed has it), ``upcoming`` or ``live``.
    :ivar title: As it was last seen.
    :ivar scheduled_at: When it is to begin.
    :ivar started_at: When it began.
    :ivar seen_at: When it was first seen.
    """

    source_id: str
    state: str
    title: str
    scheduled_at: str | None
    started_at: str | None
    seen_at: str | None


class TaskHistoryResult(TypedDict):
    """How watching an account goes, and what it told.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar task: The account, with its last looks and failures.
    :ivar missing: What has to be set before its platform is watched; null: nothing.
    :ivar platform_paused_until: Until when nobody asks its platform at all; null: it is not
        paused.
    :ivar platform_error: Why.
    :ivar worker: The node name of who watches it; null while nobody does.
    :ivar due_in: Seconds until it is looked at; negative when it is late, null when it is not
        on the schedule.
    :ivar confirmed_at: When the platform last said that the account is there, though it failed.
    :ivar fallback_at: When it was last read in the other way that it has while the first fails.
    :ivar lease: The subscription at a hub; null where there is none.
    :ivar broadcasts: Those of which more is to be expected, the next one first.
    :ivar events: What it told, newest first.
    """

    next_cursor: str | None
    task: WatchedTask
    missing: str | None
    platform_paused_until: str | None
    platform_error: str | None
    worker: str | None
    due_in: float | None
    confirmed_at: str | None
    fallback_at: str | None
    lease: LeaseResult | None
    broadcasts: list[OpenBroadcast]
    events: list[EventRow]


class TasksResult(TypedDict):
    """Tasks, in the order of their ids.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar tasks: Those of this page.
    """

    next_cursor: str | None
    tasks: list[WatchedTask]


#: Entity to kind to chats: their ids at the chat app.
UserIndex = dict[str, dict[str, list[str]]]


class UserIndexResult(TypedDict):
    """The index and its version.

    :ivar version: Changes when the index does.
    :ivar index: Entity to kind to chats; null where the caller has this version.
    """

    version: str
    index: UserIndex | None


class FoundUser(TypedDict):
    """A User, without all that it has chosen.

    :ivar id: Its id.
    :ivar im: The chat app.
    :ivar im_payload: The chat's id there, or a name that stands for its URL.
    :ivar name: What it is called.
    :ivar language: The language of its messages.
    :ivar entities: How many Entities it has chosen by themselves.
    :ivar groups: How many Groups it follows.
    :ivar paused: Why nothing is sent to it; null where it is not paused.
    :ivar paused_at: Since when.
    :ivar created_at: When it was added.
    """

    id: str
    im: str
    im_payload: str
    name: str
    language: str
    entities: int
    groups: int
    paused: str | None
    paused_at: str | None
    created_at: str


class UsersResult(TypedDict):
    """Users, in the order of their ids.

    :ivar next_cursor: What to send as ``cursor`` for the next page; without it there is no
        more.
    :ivar users: Those of this page, which may hold fewer than its limit, even none, while there
        is a next one.
    """

    next_cursor: str | None
    users: list[FoundUser]


class WorkersResult(TypedDict):
    """The workers and the kinds.

    :ivar workers: By name, with those that were there until recently.
    :ivar kinds: By name.
    """

    workers: list[WorkerResult]
    kinds: list[KindState]


class HealthResult(TypedDict):
    """Our version, and what of what we need answers, or did within the last second.

    :ivar version: Ours.
    :ivar database: Whether the database answers.
    :ivar broker: Whether the message broker answers.
    """

    version: str
    database: bool
    broker: bool


#: What becomes of a thing in a file.
Outcome = Literal["added", "changed", "same", "kept", "differs", "skipped"]


class ChangeCount(TypedDict):
    """How much becomes of one kind of things.

    :ivar what: ``group``, ``entity``, ``task``, ``user``, ``waiting``; ``line`` for what is
        none.
    :ivar outcome: What becomes of them, as of each in ``changes``.
    :ivar count: Of how many.
    """

    what: str
    outcome: Outcome
    count: int


class Change(TypedDict):
    """A thing in a file, and what becomes of it.

    :ivar outcome: ``added``, ``changed``; ``same``: it is here already; ``kept``: it is another
        one here, and stays so; ``differs``: it is taken over, with the difference that is said;
        ``skipped``: it is left out.
    :ivar what: ``group``, ``entity``, ``task``, ``user``, ``waiting``; ``line`` for what is
        none.
    :ivar name: What people call it, or where it stands.
    :ivar id: The id that it has here; None for what is not here.
    :ivar detail: What changes, or why not.
    """

    outcome: Outcome
    what: str
    name: str
    id: str | None
    detail: str


class ImportResult(TypedDict):
    """What has changed, or would.

    :ivar format: What the document is.
    :ivar counts: How much becomes of what.
    :ivar changes: What becomes of each thing that is not here already, as many as have room;
        what is lost, or another one here, has room first.
    :ivar left_off: How many had no room.
    """

    format: str
    counts: list[ChangeCount]
    changes: list[Change]
    left_off: int


class LoginResult(TypedDict):
    """A login.

    :ivar token: To be sent as ``Authorization: Bearer``.
    :ivar valid_until: When it ends, in UNIX seconds.
    :ivar permissions: Component (``api``, ``admin``, ``mq``, ``coordinator``) to ``ro`` or
        ``rw``.
    """

    token: str
    valid_until: int
    permissions: dict[str, str]


class NameInput(TypedDict):
    """A name in several languages.

    :ivar name: Language (ISO 639-1, such as ``ja`` or ``zh-Hans``) to name.
    :ivar default_language: A key of ``name``.
    """

    name: dict[str, str]
    default_language: str


class MetaInput(TypedDict):
    """What is told of an Entity.

    :ivar name: Its names.
    :ivar group: The id of its Group.
    """

    name: NameInput | Name
    group: NotRequired[str | None]


class NewTask(TypedDict):
    """An account: where it is and what it is called there, or the address of its page.

    :ivar kind: The platform, such as ``youtube``.
    :ivar params: What names the account there, as people have it: for ``youtube`` its
        ``channel_id``, which may also be a handle such as ``@name``, or an address.
    :ivar address: Of the account's page, in place of ``kind`` and ``params``.
    """

    kind: NotRequired[str | None]
    params: NotRequired[dict[str, Any] | None]
    address: NotRequired[str | None]


class SessionResult(TypedDict):
    """A session.

    :ivar token: To be sent as ``Authorization: Bearer``, or as the parameter ``token``.
    :ivar valid_until: When it ends, in UNIX seconds.
    :ivar url: The link that opens the User's settings with it, for nobody else to see.
    """

    token: str
    valid_until: int
    url: str


class Watcher(TypedDict):
    """An Entity that has the account already.

    :ivar entity_id: The Entity.
    :ivar meta: Its names, and its Group if there is one; null where the Entity was removed.
    :ivar task_id: The Task by which the account is watched.
    :ivar paused: Whether an operator wants it not to be looked at for now.
    """

    entity_id: str
    meta: Meta | None
    task_id: str
    paused: bool


class ResolvedResult(TypedDict):
    """An account, as a Task names it.

    :ivar kind: The platform.
    :ivar params: What names the account there.
    :ivar watched_by: Whose it is already; empty for one that nobody watches.
    """

    kind: str
    params: dict[str, str]
    watched_by: list[Watcher]


class ResumedResult(TypedDict):
    """What a User missed while it was paused.

    :ivar missed: How many messages; the chat is told so.
    """

    missed: int


class Choice(TypedDict):
    """An Entity to hear of.

    :ivar entity_id: Its id.
    :ivar kinds: Its own kinds; left out, the kinds that hold for all.
    """

    entity_id: str
    kinds: NotRequired[Sequence[str] | None]


class ChosenResult(TypedDict):
    """What is chosen now.

    :ivar event_filter: All of it.
    """

    event_filter: EventFilter


class Methods(Transport):
    """Every method of the API."""

    def add_account(
        self, *, username: str, password: str, permissions: Permissions
    ) -> AccountResult:
        """Let one more client call the API.

        For admin:rw.

        :param username: What it is called.
        :param password: What it proves that with.
        :param permissions: What it may do.
        :raises ApiError: with ``account_exists``, or as any method.
        """
        return self._ask(
            "addAccount",
            AccountResult,
            {"username": username, "password": password, "permissions": permissions},
        )

    def add_task(
        self,
        *,
        entity_id: str,
        kind: str | None = None,
        params: dict[str, Any] | None = None,
        address: str | None = None,
    ) -> WatchedTask:
        """Watch one more account of an entity, at once.

        For admin:rw.

        :param kind: The platform, such as ``youtube``.
        :param params: What names the account there, as people have it: for ``youtube`` its
            ``channel_id``, which may also be a handle such as ``@name``, or an address.
        :param address: Of the account's page, in place of ``kind`` and ``params``.
        :param entity_id: The Entity whose account it is.
        :raises ApiError: with ``entity_not_found``, ``task_exists``, ``unknown_account``,
            ``platform_unavailable``, or as any method.
        """
        return self._ask(
            "addTask",
            WatchedTask,
            {"kind": kind, "params": params, "address": address, "entity_id": entity_id},
        )

    def add_user(
        self,
        *,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"],
        im_payload: str,
        name: str | None = None,
        avatar: str | None = None,
        event_filter: Filter | None = None,
        settings: Settings | None = None,
    ) -> UserResult:
        """Add a chat that subscribes.

        For api:rw.

        :param im: The chat app.
        :param im_payload: The chat's id there, on ``qq`` with ``private:`` or ``group:`` before it;
            for ``discord``, ``webhook`` and ``apprise`` its URL, which is kept encrypted and never
            answered.
        :param name: What it is called.
        :param avatar: The URL of its picture.
        :param event_filter: What it wants to hear.
        :param settings: How it wants to hear it.
        :raises ApiError: with ``user_exists``, ``secret_key_missing``, or as any method.
        """
        return self._ask(
            "addUser",
            UserResult,
            {
                "im": im,
                "im_payload": im_payload,
                "name": name,
                "avatar": avatar,
                "event_filter": event_filter,
                "settings": settings,
            },
        )

    def auth_me(self, *, token: str | None = None, user_id: str | None = None) -> MeResult:
        """Tell whose session this is.

        For a session.

        :param token: The token, where it is not sent as ``Authorization: Bearer``.
        :param user_id: The User whose session it should be; left out, whoever's it is.
        :raises ApiError: with ``foreign_user``, or as any method.
        """
        return self._ask("authMe", MeResult, {"token": token, "user_id": user_id})

    def check_session(self, *, token: str | None = None) -> CheckResult:
        """Tell whether a session is valid, to whoever holds its token.

        For anyone.

        :param token: The token, where it is not sent as ``Authorization: Bearer``.
        """
        return self._ask("checkSession", CheckResult, {"token": token})

    def del_account(self, *, username: str) -> Done:
        """Remove an account; it is refused from its next call on.

        For admin:rw.

        :param username: Its name.
        :raises ApiError: with ``account_not_found``, or as any method.
        """
        return self._ask("delAccount", Done, {"username": username})

    def del_entity(self, *, entity_id: str) -> Done:
        """Forget a VTuber, its accounts, and that anybody wanted to hear of it.

        For admin:rw.

        :param entity_id: Its id.
        :raises ApiError: with ``entity_not_found``, or as any method.
        """
        return self._ask("delEntity", Done, {"entity_id": entity_id})

    def del_group(self, *, group_id: str) -> Done:
        """Remove an agency that has nobody left.

        For admin:rw.

        :param group_id: Its id.
        :raises ApiError: with ``group_not_found``, ``group_in_use``, or as any method.
        """
        return self._ask("delGroup", Done, {"group_id": group_id})

    def del_session(self, *, token: str | None = None) -> Done:
        """End a session, for whoever holds its token.

        For anyone.

        :param token: The token, where it is not sent as ``Authorization: Bearer``.
        :raises ApiError: with ``session_not_found``, or as any method.
        """
        return self._ask("delSession", Done, {"token": token})

    def del_task(self, *, task_id: str) -> Done:
        """Watch an account no more.

        For admin:rw.

        :param task_id: Its id.
        :raises ApiError: with ``task_not_found``, or as any method.
        """
        return self._ask("delTask", Done, {"task_id": task_id})

    def del_user(
        self,
        *,
        user_id: str | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
        im_payload: str | None = None,
    ) -> Done:
        """Forget a chat: its wishes, its sessions, and what was about to be sent to it.

        For api:rw or a session.

        :param user_id: Its id.
        :param im: Its chat app, together with ``im_payload``.
        :param im_payload: Its id there.
        :raises ApiError: with ``user_not_found``, ``foreign_user``, or as any method.
        """
        return self._ask("delUser", Done, {"user_id": user_id, "im": im, "im_payload": im_payload})

    def drain_worker(self, *, worker: str) -> Done:
        """Give a worker no more accounts to watch: its own go to the others at the next tick.

        For coordinator:rw.

        :param worker: Its node name.
        :raises ApiError: with ``worker_not_found``, or as any method.
        """
        return self._ask("drainWorker", Done, {"worker": worker})

    def drop_dead_letter(self, *, dead_letter_id: str) -> Done:
        """Forget a dead letter; its event stays where it is.

        For admin:rw.

        :param dead_letter_id: Its id.
        :raises ApiError: with ``dead_letter_not_found``, or as any method.
        """
        return self._ask("dropDeadLetter", Done, {"dead_letter_id": dead_letter_id})

    def explain_delivery(
        self, *, event_id: str, user_id: str, language: str | None = None
    ) -> ExplanationResult:
        """Say in one sentence what became of an event for a user, or will; in a session its own.

        For admin:ro or a session.

        :param event_id: Its Event.
        :param user_id: Its User.
        :param language: ``en``, ``ja``, ``zh``, or what is nearest; left out, the User's own.
        :raises ApiError: with ``foreign_user``, or as any method.
        """
        return self._ask(
            "explainDelivery",
            ExplanationResult,
            {"event_id": event_id, "user_id": user_id, "language": language},
        )

    def export_data(self, *, format: Literal["json", "opml"] | None = None) -> ExportResult:
        """Give all that this instance knows, for another one.

        For admin:rw.

        :param format: ``json``: everything, for another Stargazer; ``opml``: the feeds, for any
            program that reads feeds.
        :raises ApiError: with ``export_too_large``, or as any method.
        """
        return self._ask("exportData", ExportResult, {"format": format})

    def get_accounts(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> AccountsResult:
        """List the accounts and what they may do.

        For admin:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        """
        return self._ask("getAccounts", AccountsResult, {"limit": limit, "cursor": cursor})

    def iterate_accounts(self, *, limit: int | None = None) -> Iterator[AccountResult]:
        """Give each of the accounts that :meth:`get_accounts` lists, page by page."""
        return self._iterate("getAccounts", "accounts", AccountResult, {"limit": limit})

    def get_alarms(self, *, limit: int | None = None, cursor: str | None = None) -> AlarmsResult:
        """List the alarms: what lasts, and of what is over the last time.

        For admin:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        """
        return self._ask("getAlarms", AlarmsResult, {"limit": limit, "cursor": cursor})

    def iterate_alarms(self, *, limit: int | None = None) -> Iterator[AlarmResult]:
        """Give each of the alarms that :meth:`get_alarms` lists, page by page."""
        return self._iterate("getAlarms", "alarms", AlarmResult, {"limit": limit})

    def get_assignments(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        kind: str | None = None,
        worker: str | None = None,
    ) -> AssignmentsResult:
        """List who watches what, and when each account is looked at next.

        For coordinator:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        :param kind: Of this kind only.
        :param worker: Of the worker with this node name only.
        """
        return self._ask(
            "getAssignments",
            AssignmentsResult,
            {"limit": limit, "cursor": cursor, "kind": kind, "worker": worker},
        )

    def iterate_assignments(
        self, *, limit: int | None = None, kind: str | None = None, worker: str | None = None
    ) -> Iterator[Assignment]:
        """Give each of the assignments that :meth:`get_assignments` lists, page by page."""
        return self._iterate(
            "getAssignments",
            "assignments",
            Assignment,
            {"limit": limit, "kind": kind, "worker": worker},
        )

    def get_dead_letters(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> DeadLettersResult:
        """List what could not go on, with the reasons.

        For admin:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        """
        return self._ask("getDeadLetters", DeadLettersResult, {"limit": limit, "cursor": cursor})

    def iterate_dead_letters(self, *, limit: int | None = None) -> Iterator[DeadLetterResult]:
        """Give each of the dead_letters that :meth:`get_dead_letters` lists, page by page."""
        return self._iterate("getDeadLetters", "dead_letters", DeadLetterResult, {"limit": limit})

    def get_deliveries(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        user_id: str | None = None,
        event_id: str | None = None,
        state: Literal["pending", "sent", "failed", "dropped", "unknown"] | None = None,
        im: str | None = None,
        since: str | None = None,
        explain: bool | None = None,
        language: str | None = None,
    ) -> DeliveriesResult:
        """List what was, is to be, or was not sent, newest first; in a session its own.

        For admin:ro or a session.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        :param user_id: Those to this User; in a session, its own.
        :param event_id: Those of this Event.
        :param state: Those in this state.
        :param im: Those on this chat app.
        :param since: Those that entered the ledger at this time or later.
        :param explain: Whether each is told in words, too, as its User reads them.
        :param language: Of the sentences that say why: ``en``, ``ja``, ``zh``, or what is nearest;
            left out, each User's own.
        :raises ApiError: with ``foreign_user``, or as any method.
        """
        return self._ask(
            "getDeliveries",
            DeliveriesResult,
            {
                "limit": limit,
                "cursor": cursor,
                "user_id": user_id,
                "event_id": event_id,
                "state": state,
                "im": im,
                "since": since,
                "explain": explain,
                "language": language,
            },
        )

    def iterate_deliveries(
        self,
        *,
        limit: int | None = None,
        user_id: str | None = None,
        event_id: str | None = None,
        state: Literal["pending", "sent", "failed", "dropped", "unknown"] | None = None,
        im: str | None = None,
        since: str | None = None,
        explain: bool | None = None,
        language: str | None = None,
    ) -> Iterator[DeliveryResult]:
        """Give each of the deliveries that :meth:`get_deliveries` lists, page by page."""
        return self._iterate(
            "getDeliveries",
            "deliveries",
            DeliveryResult,
            {
                "limit": limit,
                "user_id": user_id,
                "event_id": event_id,
                "state": state,
                "im": im,
                "since": since,
                "explain": explain,
                "language": language,
            },
        )

    def get_entities(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> EntitiesResult:
        """List who is watched, with their accounts; without a limit, everybody.

        For any account or a session.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        """
        return self._ask("getEntities", EntitiesResult, {"limit": limit, "cursor": cursor})

    def iterate_entities(self, *, limit: int | None = None) -> Iterator[EntityResult]:
        """Give each of the entities that :meth:`get_entities` lists, page by page."""
        return self._iterate("getEntities", "entities", EntityResult, {"limit": limit})

    def get_entity(self, *, entity_id: str) -> EntityResult:
        """Look up who is watched.

        For any account or a session.

        :param entity_id: Its id.
        :raises ApiError: with ``entity_not_found``, or as any method.
        """
        return self._ask("getEntity", EntityResult, {"entity_id": entity_id})

    def get_event(self, *, event_id: str) -> EventResult:
        """Tell the whole way of an event: who saw it, who treated it, and what became of it.

        For admin:ro.

        :param event_id: Its id.
        :raises ApiError: with ``event_not_found``, or as any method.
        """
        return self._ask("getEvent", EventResult, {"event_id": event_id})

    def get_event_kinds(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> KindsResult:
        """List the kinds of events, with their titles in Chinese, Japanese and English.

        For anyone.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        """
        return self._ask("getEventKinds", KindsResult, {"limit": limit, "cursor": cursor})

    def iterate_event_kinds(self, *, limit: int | None = None) -> Iterator[KindResult]:
        """Give each of the kinds that :meth:`get_event_kinds` lists, page by page."""
        return self._iterate("getEventKinds", "kinds", KindResult, {"limit": limit})

    def get_events(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        kind: str | None = None,
        entity_id: str | None = None,
        state: Literal["open", "held", "away", "done", "stale", "swallowed", "dead"] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> EventsResult:
        """List what happened, newest first.

        For admin:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        :param kind: Those of this kind, also if it is a foreign one.
        :param entity_id: Those about this Entity.
        :param state: Those that are this far on their way.
        :param since: Those that became known here at this time or later.
        :param until: Those that became known here before this time.
        """
        return self._ask(
            "getEvents",
            EventsResult,
            {
                "limit": limit,
                "cursor": cursor,
                "kind": kind,
                "entity_id": entity_id,
                "state": state,
                "since": since,
                "until": until,
            },
        )

    def iterate_events(
        self,
        *,
        limit: int | None = None,
        kind: str | None = None,
        entity_id: str | None = None,
        state: Literal["open", "held", "away", "done", "stale", "swallowed", "dead"] | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[EventRow]:
        """Give each of the events that :meth:`get_events` lists, page by page."""
        return self._iterate(
            "getEvents",
            "events",
            EventRow,
            {
                "limit": limit,
                "kind": kind,
                "entity_id": entity_id,
                "state": state,
                "since": since,
                "until": until,
            },
        )

    def get_followers(self, *, about: str) -> FollowersResult:
        """Tell how many chats have chosen an entity or a group, as far as they hear of anything.

        For api:ro or admin:ro.

        :param about: The id of either.
        """
        return self._ask("getFollowers", FollowersResult, {"about": about})

    def get_groups(self, *, limit: int | None = None, cursor: str | None = None) -> GroupsResult:
        """List the agencies.

        For any account or a session.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        """
        return self._ask("getGroups", GroupsResult, {"limit": limit, "cursor": cursor})

    def iterate_groups(self, *, limit: int | None = None) -> Iterator[GroupResult]:
        """Give each of the groups that :meth:`get_groups` lists, page by page."""
        return self._iterate("getGroups", "groups", GroupResult, {"limit": limit})

    def get_interest(
        self,
        *,
        entity_id: str,
        kind: str,
        limit: int | None = None,
        cursor: str | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
    ) -> InterestResult:
        """List who is to be told of a kind of event of an entity; paused users are left out.

        For api:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        :param entity_id: The Entity.
        :param kind: The kind of Event, one of those that ``getEventKinds`` lists.
        :param im: The chat app; left out, all of them.
        :raises ApiError: with ``entity_not_found``, or as any method.
        """
        return self._ask(
            "getInterest",
            InterestResult,
            {"limit": limit, "cursor": cursor, "entity_id": entity_id, "kind": kind, "im": im},
        )

    def iterate_interest(
        self,
        *,
        entity_id: str,
        kind: str,
        limit: int | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
    ) -> Iterator[InterestedUser]:
        """Give each of the users that :meth:`get_interest` lists, page by page."""
        return self._iterate(
            "getInterest",
            "users",
            InterestedUser,
            {"limit": limit, "entity_id": entity_id, "kind": kind, "im": im},
        )

    def get_overview(self, *, version: str | None = None) -> OverviewResult:
        """Tell at a glance whether all is well, and what to do when it is not.

        For admin:ro.

        :param version: The ``version`` of the answer before.
        """
        return self._ask("getOverview", OverviewResult, {"version": version})

    def get_previews(self, *, token: str | None = None) -> PreviewsResult:
        """Show what a message of each kind looks like to the session's own user.

        For a session.

        :param token: The token, where it is not sent as ``Authorization: Bearer``.
        """
        return self._ask("getPreviews", PreviewsResult, {"token": token})

    def get_settings(self, *, token: str | None = None) -> SettingsResult:
        """Tell what the session's own user wants to hear, and how.

        For a session.

        :param token: The token, where it is not sent as ``Authorization: Bearer``.
        """
        return self._ask("getSettings", SettingsResult, {"token": token})

    def get_sources(self) -> SourcesResult:
        """Tell how it goes with each platform: accounts, delay, errors, pauses, budgets, alarms.

        For admin:ro.
        """
        return self._ask("getSources", SourcesResult, {})

    def get_subscription(
        self, *, token: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> SubscriptionResult:
        """List who is watched, with what the session's own user has chosen.

        For a session.

        :param token: The token, where it is not sent as ``Authorization: Bearer``.
        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        """
        return self._ask(
            "getSubscription",
            SubscriptionResult,
            {"token": token, "limit": limit, "cursor": cursor},
        )

    def iterate_subscription(
        self, *, token: str | None = None, limit: int | None = None
    ) -> Iterator[SubscriptionRow]:
        """Give each of the entities that :meth:`get_subscription` lists, page by page."""
        return self._iterate(
            "getSubscription", "entities", SubscriptionRow, {"token": token, "limit": limit}
        )

    def get_task_history(
        self, *, task_id: str, limit: int | None = None, cursor: str | None = None
    ) -> TaskHistoryResult:
        """Tell how watching an account goes, what is expected of it, and what it told lately.

        For admin:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        :param task_id: The Task.
        :raises ApiError: with ``task_not_found``, or as any method.
        """
        return self._ask(
            "getTaskHistory",
            TaskHistoryResult,
            {"limit": limit, "cursor": cursor, "task_id": task_id},
        )

    def iterate_task_history(
        self, *, task_id: str, limit: int | None = None
    ) -> Iterator[OpenBroadcast]:
        """Give each of the broadcasts that :meth:`get_task_history` lists, page by page."""
        return self._iterate(
            "getTaskHistory", "broadcasts", OpenBroadcast, {"limit": limit, "task_id": task_id}
        )

    def get_tasks(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        entity_id: str | None = None,
        kind: str | None = None,
    ) -> TasksResult:
        """List the accounts to watch, and how watching them goes.

        For admin:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        :param entity_id: The Entity.
        :param kind: The platform, such as ``youtube``.
        :raises ApiError: with ``entity_not_found``, or as any method.
        """
        return self._ask(
            "getTasks",
            TasksResult,
            {"limit": limit, "cursor": cursor, "entity_id": entity_id, "kind": kind},
        )

    def iterate_tasks(
        self, *, limit: int | None = None, entity_id: str | None = None, kind: str | None = None
    ) -> Iterator[WatchedTask]:
        """Give each of the tasks that :meth:`get_tasks` lists, page by page."""
        return self._iterate(
            "getTasks", "tasks", WatchedTask, {"limit": limit, "entity_id": entity_id, "kind": kind}
        )

    def get_user(
        self,
        *,
        user_id: str | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
        im_payload: str | None = None,
    ) -> UserResult:
        """Look a chat up.

        For api:ro or admin:ro.

        :param user_id: Its id.
        :param im: Its chat app, together with ``im_payload``.
        :param im_payload: Its id there.
        :raises ApiError: with ``user_not_found``, or as any method.
        """
        return self._ask(
            "getUser", UserResult, {"user_id": user_id, "im": im, "im_payload": im_payload}
        )

    def get_user_index(
        self,
        *,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"],
        version: str | None = None,
    ) -> UserIndexResult:
        """Give who wants to hear of what on one chat app; paused users are left out.

        For api:ro.

        :param im: The chat app.
        :param version: The ``version`` of the answer before.
        """
        return self._ask("getUserIndex", UserIndexResult, {"im": im, "version": version})

    def get_users(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        name: str | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
        im_payload: str | None = None,
        paused: bool | None = None,
    ) -> UsersResult:
        """Find chats by name, chat app or address, or those that are paused.

        For admin:ro.

        :param limit: How many at most.
        :param cursor: The ``next_cursor`` of the page before; left out, the list begins.
        :param name: Those with this in their name, in any spelling.
        :param im: Those on this chat app.
        :param im_payload: The one with this address there; for ``discord``, ``webhook`` and
            ``apprise`` its URL, or the name that stands for it.
        :param paused: Those that are paused (true), or are not (false).
        """
        return self._ask(
            "getUsers",
            UsersResult,
            {
                "limit": limit,
                "cursor": cursor,
                "name": name,
                "im": im,
                "im_payload": im_payload,
                "paused": paused,
            },
        )

    def iterate_users(
        self,
        *,
        limit: int | None = None,
        name: str | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
        im_payload: str | None = None,
        paused: bool | None = None,
    ) -> Iterator[FoundUser]:
        """Give each of the users that :meth:`get_users` lists, page by page."""
        return self._iterate(
            "getUsers",
            "users",
            FoundUser,
            {"limit": limit, "name": name, "im": im, "im_payload": im_payload, "paused": paused},
        )

    def get_workers(self) -> WorkersResult:
        """List the workers, how many accounts each watches, and whether any is watched by nobody.

        For coordinator:ro.
        """
        return self._ask("getWorkers", WorkersResult, {})

    def health(self) -> HealthResult:
        """Tell the version, and whether the database and the broker answer.

        For anyone.
        """
        return self._ask("health", HealthResult, {})

    def import_data(
        self,
        *,
        document: str,
        format: Literal["auto", "json", "opml", "nbesf", "mongo"] | None = None,
        dry_run: bool | None = None,
        overwrite: bool | None = None,
    ) -> ImportResult:
        """Take over what a document has; nothing that is here is removed.

        For admin:rw.

        :param document: The text of a file.
        :param format: What it is: ``json`` an export of Stargazer, ``opml``, ``nbesf`` of nonebot-
            bison, ``mongo`` the predecessor's documents as extended JSON; ``auto``: what it looks
            like.
        :param dry_run: Only say what would change.
        :param overwrite: Where the document and what is here differ, take what the document has;
            chats then hear what it says, and nothing else.
        :raises ApiError: with ``invalid_document``, or as any method.
        """
        return self._ask(
            "importData",
            ImportResult,
            {"document": document, "format": format, "dry_run": dry_run, "overwrite": overwrite},
        )

    def login(self, *, username: str | None = None, password: str | None = None) -> LoginResult:
        """Get a token in exchange for a password, to call without it for some hours.

        For anyone.

        :param username: The account.
        :param password: Its password.
        :raises ApiError: with ``wrong_credentials``, ``permission_denied``, ``too_many_failures``,
            or as any method.
        """
        return self._ask("login", LoginResult, {"username": username, "password": password})

    def new_entity(
        self, *, meta: MetaInput | Meta, tasks: Sequence[NewTask] | None = None
    ) -> EntityResult:
        """Add a VTuber, and watch its accounts at once.

        For admin:rw.

        :param meta: Names, and a Group if there is one.
        :param tasks: The accounts.
        :raises ApiError: with ``group_not_found``, ``unknown_account``, ``platform_unavailable``,
            or as any method.
        """
        return self._ask("newEntity", EntityResult, {"meta": meta, "tasks": tasks})

    def new_group(self, *, name: NameInput | Name) -> GroupResult:
        """Add an agency.

        For admin:rw.

        :param name: Its names.
        """
        return self._ask("newGroup", GroupResult, {"name": name})

    def new_session(
        self,
        *,
        user_id: str | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
        im_payload: str | None = None,
    ) -> SessionResult:
        """Let a user change its own settings for a while.

        For api:rw or admin:rw.

        :param user_id: Its id.
        :param im: Its chat app, together with ``im_payload``.
        :param im_payload: Its id there.
        :raises ApiError: with ``user_not_found``, or as any method.
        """
        return self._ask(
            "newSession", SessionResult, {"user_id": user_id, "im": im, "im_payload": im_payload}
        )

    def pause_user(
        self,
        *,
        user_id: str | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
        im_payload: str | None = None,
        reason: str | None = None,
    ) -> UserResult:
        """Send nothing to a chat until it is resumed; one that is paused already stays as it is.

        For api:rw or admin:rw.

        :param user_id: Its id.
        :param im: Its chat app, together with ``im_payload``.
        :param im_payload: Its id there.
        :param reason: Why.
        :raises ApiError: with ``user_not_found``, or as any method.
        """
        return self._ask(
            "pauseUser",
            UserResult,
            {"user_id": user_id, "im": im, "im_payload": im_payload, "reason": reason},
        )

    def resend_delivery(self, *, event_id: str, user_id: str, force: bool | None = None) -> Done:
        """Send once more what failed, was dropped, or may have arrived.

        For admin:rw.

        :param event_id: Its Event.
        :param user_id: Its User.
        :param force: Also if it was sent, or is pending.
        :raises ApiError: with ``user_not_found``, ``delivery_not_found``, ``event_not_found``,
            ``delivery_sent``, ``delivery_pending``, ``delivery_changed``, ``user_paused``, or as
            any method.
        """
        return self._ask(
            "resendDelivery", Done, {"event_id": event_id, "user_id": user_id, "force": force}
        )

    def resolve_account(
        self,
        *,
        kind: str | None = None,
        params: dict[str, Any] | None = None,
        address: str | None = None,
    ) -> ResolvedResult:
        """Find out whose account an address names, and whether it is watched; nothing is changed.

        For admin:rw.

        :param kind: The platform, such as ``youtube``.
        :param params: What names the account there, as people have it: for ``youtube`` its
            ``channel_id``, which may also be a handle such as ``@name``, or an address.
        :param address: Of the account's page, in place of ``kind`` and ``params``.
        :raises ApiError: with ``unknown_account``, ``platform_unavailable``, or as any method.
        """
        return self._ask(
            "resolveAccount", ResolvedResult, {"kind": kind, "params": params, "address": address}
        )

    def resume_user(
        self,
        *,
        user_id: str | None = None,
        im: Literal["telegram", "discord", "webhook", "apprise", "qq", "web"] | None = None,
        im_payload: str | None = None,
    ) -> ResumedResult:
        """Send to a chat again, and tell it how many messages it missed.

        For api:rw or admin:rw.

        :param user_id: Its id.
        :param im: Its chat app, together with ``im_payload``.
        :param im_payload: Its id there.
        :raises ApiError: with ``user_not_found``, ``user_not_paused``, or as any method.
        """
        return self._ask(
            "resumeUser", ResumedResult, {"user_id": user_id, "im": im, "im_payload": im_payload}
        )

    def retry_dead_letter(self, *, dead_letter_id: str) -> Done:
        """Let an event go on from where it was.

        For admin:rw.

        :param dead_letter_id: Its id.
        :raises ApiError: with ``dead_letter_not_found``, ``still_dead``, or as any method.
        """
        return self._ask("retryDeadLetter", Done, {"dead_letter_id": dead_letter_id})

    def undrain_worker(self, *, worker: str) -> Done:
        """Give a worker that was drained its accounts back.

        For coordinator:rw.

        :param worker: Its node name.
        :raises ApiError: with ``worker_not_drained``, or as any method.
        """
        return self._ask("undrainWorker", Done, {"worker": worker})

    def update_account(
        self, *, username: str, password: str | None = None, permissions: Permissions | None = None
    ) -> AccountResult:
        """Change what an account may do, or its password, which ends its logins.

        For admin:rw.

        :param username: Which account.
        :param password: Its new password.
        :param permissions: What it may do from now on, all of it.
        :raises ApiError: with ``account_not_found``, ``account_changed``, or as any method.
        """
        return self._ask(
            "updateAccount",
            AccountResult,
            {"username": username, "password": password, "permissions": permissions},
        )

    def update_entity(self, *, entity_id: str, meta: MetaInput | Meta) -> EntityResult:
        """Change the names or the group of a VTuber.

        For admin:rw.

        :param entity_id: Its id.
        :param meta: Names, and a Group if there is one; all of it, what is left out is forgotten.
        :raises ApiError: with ``entity_not_found``, ``group_not_found``, or as any method.
        """
        return self._ask("updateEntity", EntityResult, {"entity_id": entity_id, "meta": meta})

    def update_group(self, *, group_id: str, name: NameInput | Name) -> GroupResult:
        """Give an agency other names.

        For admin:rw.

        :param group_id: Its id.
        :param name: All its names.
        :raises ApiError: with ``group_not_found``, or as any method.
        """
        return self._ask("updateGroup", GroupResult, {"group_id": group_id, "name": name})

    def update_setting(
        self,
        *,
        token: str | None = None,
        event_filter: Filter | None = None,
        language: str | None = None,
        timezone: str | None = None,
        translate: bool | None = None,
        mention: str | None = None,
        quiet_hours: Quiet | None = None,
        waking_kinds: Sequence[str] | None = None,
        muted_until: str | None = None,
        silent_kinds: Sequence[str] | None = None,
        edit_live: bool | None = None,
    ) -> SettingsResult:
        """Change what the session's own user wants to hear, and how.

        For a session.

        :param token: The token, where it is not sent as ``Authorization: Bearer``.
        :param event_filter: What to hear, all of it.
        :param language: The language of the messages: ``en``, ``ja``, ``zh``, or what is nearest.
        :param timezone: The time zone of the times in them.
        :param translate: Whether texts in other languages are wanted in this one, too.
        :param mention: Who is called when a stream starts: empty for nobody, ``all`` for everybody
            in a group on QQ, a role's id on Discord.
        :param quiet_hours: What comes in them is told in one message when they are over; null:
            there are none any more.
        :param waking_kinds: Kinds of Events that are told in them all the same.
        :param muted_until: Until then nothing is told; then all of it in one message; null: it
            ends.
        :param silent_kinds: Kinds of Events that are to make no sound, where the chat app can do
            that; null: those that ``getEventKinds`` calls silent.
        :param edit_live: Whether the message that a stream is live is to become the one that it has
            ended, where the chat app can do that.
        """
        return self._ask(
            "updateSetting",
            SettingsResult,
            {
                "token": token,
                "event_filter": event_filter,
                "language": language,
                "timezone": timezone,
                "translate": translate,
                "mention": mention,
                "quiet_hours": quiet_hours,
                "waking_kinds": waking_kinds,
                "muted_until": muted_until,
                "silent_kinds": silent_kinds,
                "edit_live": edit_live,
            },
        )

    def update_subscription(
        self,
        *,
        token: str | None = None,
        replace: Sequence[Choice] | None = None,
        add: Sequence[Choice] | None = None,
        remove: Sequence[str] | None = None,
        add_groups: Sequence[str] | None = None,
        remove_groups: Sequence[str] | None = None,
        kinds: Sequence[str] | None = None,
    ) -> ChosenResult:
        """Change what the session's own user wants to hear of.

        For a session.

        :param token: The token, where it is not sent as ``Authorization: Bearer``.
        :param replace: All that is to be heard of, without any Group; not together with what is
            added and removed.
        :param add: What is to be heard of, too; what is there already gets these kinds.
        :param remove: Ids of Entities that are not to be heard of any more, not with their Group
            either.
        :param add_groups: Ids of Groups of which everybody is to be heard of, now and later; those
            that were taken out of it before are in again.
        :param remove_groups: Ids of Groups that are not to be heard of any more; those of its
            members who were chosen by themselves are still.
        :param kinds: The kinds that hold for each Entity without kinds of its own.
        """
        return self._ask(
            "updateSubscription",
            ChosenResult,
            {
                "token": token,
                "replace": replace,
                "add": add,
                "remove": remove,
                "add_groups": add_groups,
                "remove_groups": remove_groups,
                "kinds": kinds,
            },
        )

    def update_task(
        self, *, task_id: str, params: dict[str, Any] | None = None, paused: bool | None = None
    ) -> WatchedTask:
        """Watch another account instead, pause it, or go on; what is there by then is not told.

        For admin:rw.

        :param task_id: Its id.
        :param params: What names the account that is watched instead.
        :param paused: Whether to look at it no more for now.
        :raises ApiError: with ``task_not_found``, ``task_exists``, ``unknown_account``,
            ``platform_unavailable``, or as any method.
        """
        return self._ask(
            "updateTask", WatchedTask, {"task_id": task_id, "params": params, "paused": paused}
        )
