"""How an Event travels: tags, queues, and the outbox in front of them.

Inside, an Event travels as a Celery task to a named queue that all instances share: the queue of
its last tag, or ``ready`` when none is left. Celery tasks never go over a topic exchange: on
Redis one that was not declared on the connection at hand drops what it is given. For outsiders
there is the durable topic exchange ``stargazer``, declared by whoever publishes to it.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import celery
import kombu.exceptions
from kombu.entity import Exchange

from stargazer import metrics
from stargazer.middlewares import TAGS
from stargazer.models import (
    DeadLetter,
    Event,
    OutboxState,
    SourceEvent,
    Step,
    StoredEvent,
)
from stargazer.platforms.registry import PLATFORMS
from stargazer.store import Store
from stargazer.store.documents import to_value
from stargazer.tallies import tallies

log = logging.getLogger(__name__)

READY = "ready"
#: What somebody else's middleware has made of an Event, and what others want to tell.
INTAKE = "publish"
QUEUES = (
    "coordinator",
    "websub",
    *PLATFORMS,
    *TAGS,
    READY,
    "telegram",
    "discord",
    "webhook",
    "apprise",
    "qq",
    "web",
    "commands",
)
TOPIC = Exchange("stargazer", type="topic", durable=True)
#: On Redis, all keys and channels of the broker begin so.
KEY_PREFIX = "stargazer:celery:"
EVENT_KEY = "event"
#: So many times longer a sweeper waits while the queue is not empty.
PATIENCE = 10
#: A middleware of somebody else's that has not sent an Event back by then never will.
LONGEST_AWAY = timedelta(minutes=10)
_MOST_ASKED = 6
#: Nobody could work on a push for so long; the polls have seen by then what it said.
GIVE_UP_PUSHES = timedelta(days=1)


def get_routing_key(tags: Sequence[str]) -> str:
    """Give the routing key for outsiders, as in ``event.delay.translate``."""
    return ".".join((EVENT_KEY, *tags))


def emit(
    app: celery.Celery, store: Store, events: Sequence[SourceEvent], now: datetime
) -> list[StoredEvent]:
    """Write Events into the outbox, then publish those that are new.

    Once this returns they cannot be lost: what the broker did not take is swept.

    :returns: the new ones.
    """
    stored = [
        StoredEvent(**event.model_dump(), created_at=now, published_at=now, publications=1)
        for event in events
    ]
    new = store.events.add(stored)
    for event in new:
        metrics.events.labels(event.kind).inc()
        tallies.count_event(event.kind)
        log.info("event_emitted", extra={"event_id": event.id, "kind": event.kind})
    publish(app, store, new)
    return new


def publish(app: celery.Celery, store: Store, events: Iterable[StoredEvent]) -> list[UUID]:
    """Give Events to the broker: to the queue of the last tag, or to fan-out.

    One whose last tag is not ours goes to whoever has bound it, or to the dead letters.

    :returns: those that the broker took; the sweeper brings the others.
    """
    taken = []
    for event in events:
        try:
            if not event.tags:
                app.send_task("fanout.fan_out", (str(event.id),))
            elif event.tags[-1] in TAGS:
                app.send_task(f"{event.tags[-1]}.treat", (str(event.id),))
            else:
                _send_away(app, store, event, datetime.now(UTC))
        except kombu.exceptions.OperationalError:
            log.warning("publish_failed", extra={"event_id": event.id})
            break
        taken.append(event.id)
    return taken


def bury(store: Store, event: StoredEvent, by: str, reason: str, now: datetime) -> None:
    """Put an Event among the dead letters, from where a person may send it on again."""
    step = Step(at=now, by=by, what="dead", detail=reason)
    if store.events.advance(event, step, OutboxState.DEAD) is None:
        return
    store.dead_letters.insert(DeadLetter(event=event.id, by=by, reason=reason, created_at=now))
    metrics.dead.labels(by).inc()
    log.error("event_dead", extra={"event_id": event.id, "by": by, "reason": reason})


def _send_away(app: celery.Celery, store: Store, event: StoredEvent, now: datetime) -> None:
    tag = event.tags[-1]
    # Before it is sent, for the answer may be faster than we are.
    step = Step(at=now, by=tag, what="sent_away")
    away = store.events.advance(event, step, OutboxState.AWAY)
    if away is None:
        return
    try:
        is_heard = ask_others(app, away)
    except kombu.exceptions.OperationalError:
        store.events.advance(away, step.model_copy(update={"what": "not_sent"}))
        raise
    if not is_heard:
        bury(store, away, tag, "nobody has bound this tag", now)


def announce(app: celery.Celery, event: Event, tags: Sequence[str] = ()) -> bool:
    """Tell outsiders of an Event on the topic exchange.

    :returns: False when the broker did not take it.
    """
    try:
        with app.producer_pool.acquire(block=True, timeout=5) as producer:
            _announce(app, producer, event, tags)
    except kombu.exceptions.OperationalError:
        log.warning("announce_failed", extra={"event_id": event.id})
        return False
    return True


def ask_others(app: celery.Celery, event: StoredEvent) -> bool:
    """Give an Event to somebody else's middleware, whoever has bound its tags.

    :returns: False when nobody has.
    :raises kombu.exceptions.OperationalError: when the broker did not take it.
    """
    returned: list[Any] = []

    def note(*args: Any) -> None:
        returned.append(args)

    with app.producer_pool.acquire(block=True, timeout=5) as producer:
        channel = producer.channel
        if hasattr(channel, "typeof"):
            # On Redis kombu routes, by what is bound now.
            TOPIC(channel).declare()
            table = channel.get_table(TOPIC.name)
            key = get_routing_key(event.tags)
            if not channel.typeof(TOPIC.name).lookup(table, TOPIC.name, key, None):
                return False
            _announce(app, producer, event, event.tags)
            return True
        # An AMQP broker gives back what nobody hears before it confirms.
        channel.events["basic_return"].add(note)
        try:
            _announce(app, producer, event, event.tags, mandatory=True)
        finally:
            channel.events["basic_return"].discard(note)
    return not returned


def _announce(
    app: celery.Celery, producer: Any, event: Event, tags: Sequence[str], **options: Any
) -> None:
    producer.publish(
        {
            "id": str(event.id),
            "kind": event.kind,
            "entity": str(event.entity),
            "fields": event.fields,
            **({"tags": list(tags)} if tags else {}),
        },
        exchange=TOPIC,
        routing_key=get_routing_key(tags),
        declare=[TOPIC],
        serializer="json",
        delivery_mode="persistent",
        retry=True,
        retry_policy=app.conf.task_publish_retry_policy,
        **options,
    )


def count_waiting(app: celery.Celery, queue: str) -> int:
    """Count the messages in a queue that nobody has taken yet.

    :raises kombu.exceptions.OperationalError: when the broker is away.
    """
    return count_all_waiting(app, [queue])[queue]


def count_all_waiting(app: celery.Celery, queues: Iterable[str] = QUEUES) -> dict[str, int]:
    """Count the messages in some queues that nobody has taken yet, queue by queue.

    :raises kombu.exceptions.OperationalError: when the broker is away.
    """
    with app.connection_for_read() as connection:
        try:
            with connection.channel() as channel:
                return {queue: _count(channel, app.amqp.queues[queue]) for queue in queues}
        except connection.recoverable_connection_errors as exc:
            raise kombu.exceptions.OperationalError(str(exc)) from exc


def _count(channel: Any, queue: Any) -> int:
    # Not passive: kombu 5.7 looks for a queue on Redis without the `global_keyprefix`, and so never
    # finds one. Declared as the workers do it, nothing changes on either broker.
    answer = channel.queue_declare(
        queue=queue.name,
        durable=queue.durable,
        auto_delete=queue.auto_delete,
        arguments=queue.queue_arguments or {},
    )
    return int(answer.message_count)


def sweep_pushes(
    app: celery.Celery, store: Store, published_before: datetime, now: datetime
) -> int:
    """Publish again the pushes that nobody has worked on, as :func:`sweep` does with Events."""
    late = []
    for push in store.pushes.list_late(published_before, limit=1000):
        if now - push.received_at > GIVE_UP_PUSHES:
            log.error("push_given_up", extra={"push": push.id, "account": push.account})
            store.pushes.delete(push.id)
        else:
            late.append(push)
    waits = {kind: count_waiting(app, kind) > 0 for kind in {push.kind for push in late}}
    patient = published_before - PATIENCE * (now - published_before)
    taken = 0
    for push in late:
        if waits[push.kind] and push.published_at > patient:
            continue
        try:
            app.send_task(f"{push.kind}.receive", (str(push.id),))
        except kombu.exceptions.OperationalError:
            log.warning("publish_failed", extra={"push": push.id})
            break
        store.pushes.update(push.id, {"$set": {"published_at": to_value(now)}})
        taken += 1
    if taken:
        metrics.swept.labels("push").inc(taken)
        log.warning("pushes_swept", extra={"count": taken})
    return taken


def sweep(app: celery.Celery, store: Store, published_before: datetime, now: datetime) -> int:
    """Publish again what was published before that moment and has not arrived.

    While its queue holds messages, what is late is most likely in there, and has to be later
    still before it is doubled.

    :returns: how many the broker took.
    """
    late = store.events.list_open(published_before, limit=1000)
    queues = {event.id: _get_queue(event) for event in late}
    waits = {queue: count_waiting(app, queue) > 0 for queue in set(queues.values())}
    patient = published_before - PATIENCE * (now - published_before)
    lost = [
        event
        for event in late
        if not waits[queues[event.id]] or (event.published_at or event.created_at) <= patient
    ]
    taken = publish(app, store, lost)
    store.events.mark_published(taken, now)
    if taken:
        metrics.swept.labels("event").inc(len(taken))
        log.warning("events_swept", extra={"count": len(taken)})
    _look_after_away(app, store, 2 * (now - published_before), now)
    return len(taken)


def _look_after_away(app: celery.Celery, store: Store, pause: timedelta, now: datetime) -> None:
    """Ask others again for what has not come back, and give up what never does."""
    for event in store.events.list_in_state(OutboxState.AWAY):
        asked_at = [step.at for step in event.history if step.what == "sent_away"]
        asked_at = asked_at[-_MOST_ASKED:]
        if len(asked_at) == _MOST_ASKED or now - asked_at[0] > LONGEST_AWAY:
            bury(store, event, event.tags[-1], "the middleware has not sent it back", now)
        elif now - asked_at[-1] > pause:
            _send_away(app, store, event, now)


def _get_queue(event: StoredEvent) -> str:
    return event.tags[-1] if event.tags and event.tags[-1] in TAGS else READY
