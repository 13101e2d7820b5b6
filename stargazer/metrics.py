"""What is counted. One registry, gathered over all processes of a machine.

Set ``PROMETHEUS_MULTIPROC_DIR`` (``stargazer up`` does) so that one answer of ``/metrics`` speaks
for every process.
"""

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

pushes = Counter("stargazer_pushes_total", "Pushes that hubs sent us", ["kind", "outcome"])
events = Counter("stargazer_events_total", "Events that are new", ["kind"])
stale = Counter("stargazer_events_stale_total", "Events that came too late", ["kind"])
commands = Counter("stargazer_commands_total", "What people said to bots", ["im", "command"])
deliveries = Counter("stargazer_deliveries_total", "Deliveries by outcome", ["im", "state"])
undelivered = Counter(
    "stargazer_undelivered_total", "Deliveries that were not sent, by reason", ["im", "code"]
)
polls = Counter("stargazer_polls_total", "Looks at an account", ["kind", "outcome"])
dead = Counter("stargazer_dead_letters_total", "Events that could not go on", ["by"])
middlewares = Counter(
    "stargazer_middlewares_total", "What middlewares did with Events", ["tag", "outcome"]
)
lateness = Histogram(
    "stargazer_delay_lateness_seconds",
    "How long after its due time a delayed Event went on",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600),
)
swept = Counter("stargazer_swept_total", "What was published again", ["what"])
assigned = Gauge(
    "stargazer_tasks_assigned",
    "Accounts that a worker watches",
    ["kind", "worker"],
    multiprocess_mode="mostrecent",
)
unassigned = Gauge(
    "stargazer_tasks_unassigned",
    "Accounts that no worker watches",
    ["kind"],
    multiprocess_mode="mostrecent",
)
overdue = Gauge(
    "stargazer_task_overdue_seconds",
    "How late the most overdue account is",
    ["kind"],
    multiprocess_mode="mostrecent",
)
alarms = Counter("stargazer_alarms_total", "Alarms raised and ended", ["kind", "what"])
outages = Counter("stargazer_outages_total", "Calls that met a broker or database away", ["task"])
delay = Histogram(
    "stargazer_delay_seconds",
    "Time from the Event in the outbox to the message in the chat",
    ["im"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
age = Histogram(
    "stargazer_age_seconds",
    "Time from what happened at the source to the message in the chat",
    ["im", "kind"],
    buckets=(1, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400),
)
translations = Counter(
    "stargazer_translations_total", "Calls of translators", ["provider", "outcome"]
)
translated_characters = Counter(
    "stargazer_translated_characters_total", "Characters that were translated", ["provider"]
)


def render() -> bytes:
    """Give all metrics in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
