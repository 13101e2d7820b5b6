"""How an Event travels: tags, queues, and the outbox in front of them.

Inside, an Event travels as a Celery task to a named queue that all instances share: the queue of
its last tag, or ``ready`` when none is left. Celery tasks never go over a topic exchange: on
Redis one that was not declared on the connection at hand drops what it is given. For outsiders
there is the durable topic exchange ``stargazer``, declared by whoever publishes to it.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import celery
import kombu.exceptions
from kombu.entity import Exchange

from stargazer import metrics
from stargazer.models import Event, SourceEvent, StoredEvent
from stargazer.store import Store
from stargazer.store.documents import to_value

log = logging.getLogger(__name__)

READY = "ready"
QUEUES = ("coordinator", "websub", "youtube", READY, "telegram", "web")
TOPIC = Exchange("stargazer", type="topic", durable=True)
#: On Redis, all keys and channels of the broker begin so.
KEY_PREFIX = "stargazer:celery:"
EVENT_KEY = "event"
#: So many times longer a sweeper waits while the queue is not empty.
PATIENCE = 10
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
        log.info("event_emitted", extra={"event_id": event.id, "kind": event.kind})
    publish(app, [event.id for event in new])
    return new


def publish(app: celery.Celery, events: Iterable[UUID]) -> int:
    """Give Events that have no tag left to fan-out.

    :returns: how many the broker took; the sweeper brings the others.
    """
    taken = 0
    for event in events:
        try:
            app.send_task("fanout.fan_out", (str(event),))
        except kombu.exceptions.OperationalError:
            log.warning("publish_failed", extra={"event_id": event})
            break
        taken += 1
    return taken


def announce(app: celery.Celery, event: Event, tags: Sequence[str] = ()) -> bool:
    """Tell outsiders of an Event on the topic exchange.

    :returns: False when the broker did not take it.
    """
    body: dict[str, Any] = {
        "id": str(event.id),
        "kind": event.kind,
        "entity": str(event.entity),
        "fields": event.fields,
    }
    with app.producer_pool.acquire(block=True, timeout=5) as producer:
        try:
            producer.publish(
                body,
                exchange=TOPIC,
                routing_key=get_routing_key(tags),
                declare=[TOPIC],
                serializer="json",
                delivery_mode="persistent",
                retry=True,
                retry_policy=app.conf.task_publish_retry_policy,
            )
        except kombu.exceptions.OperationalError:
            log.warning("announce_failed", extra={"event_id": event.id})
            return False
    return True


def count_waiting(app: celery.Celery, queue: str) -> int:
    """Count the messages in a queue that nobody has taken yet.

    :raises kombu.exceptions.OperationalError: when the broker is away.
    """
    declared = app.amqp.queues[queue]
    with app.connection_for_read() as connection:
        try:
            with connection.channel() as channel:
                # Not passive: kombu 5.7 looks for a queue on Redis without the `global_keyprefix`,
                # and so never finds one. Declared as the workers do it, nothing changes on either
                # broker.
                answer = channel.queue_declare(
                    queue=queue,
                    durable=declared.durable,
                    auto_delete=declared.auto_delete,
                    arguments=declared.queue_arguments or {},
                )
        except connection.recoverable_connection_errors as exc:
            raise kombu.exceptions.OperationalError(str(exc)) from exc
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

    While the queue holds messages, what is late is most likely in there, and has to be later
    still before it is doubled.

    :returns: how many the broker took.
    """
    if count_waiting(app, READY):
        published_before -= PATIENCE * (now - published_before)
    late = [event.id for event in store.events.list_open(published_before, limit=1000)]
    taken = publish(app, late)
    store.events.mark_published(late[:taken], now)
    if taken:
        metrics.swept.labels("event").inc(taken)
        log.warning("events_swept", extra={"count": taken})
    return taken
