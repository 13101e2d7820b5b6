"""Reading the queue ``publish``: plain JSON, and no Celery task."""

import logging
from datetime import UTC, datetime
from typing import Any

from celery import bootsteps
from kombu.entity import Queue
from kombu.messaging import Consumer

from stargazer import bus
from stargazer.app import app
from stargazer.context import OUTAGES, get_context
from stargazer.intake import take_in

log = logging.getLogger(__name__)


class Intake(bootsteps.ConsumerStep):  # type: ignore[misc]
    """A consumer of its own in the workers that spread ready Events."""

    def include_if(self, consumer: Any) -> bool:
        """Tell whether this worker is one of them."""
        return bus.READY in consumer.app.amqp.queues.consume_from

    def get_consumers(self, channel: Any) -> list[Consumer]:
        """Read a few messages at a time."""
        arguments = app.amqp.queues[bus.READY].queue_arguments
        # Bound, for on RabbitMQ others may publish to the exchange, and not into a queue.
        queue = Queue(bus.INTAKE, bus.TOPIC, bus.INTAKE, durable=True, queue_arguments=arguments)
        return [Consumer(channel, queues=[queue], on_message=_take, prefetch_count=10)]


app.steps["consumer"].add(Intake)


def _take(message: Any) -> None:
    body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
    store = get_context().store
    try:
        event = take_in(store, body, datetime.now(UTC))
    except OUTAGES as exc:
        log.warning("outage_met", extra={"task": bus.INTAKE, "error": type(exc).__name__})
        message.requeue()
        return
    message.ack()
    if event is not None:
        bus.publish(app, store, [event])
