"""The registry of Event kinds, and that those who make Events keep to it."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest

from stargazer.broadcasts import Sighting, compare, miss
from stargazer.kinds import KINDS
from stargazer.models import Broadcast, BroadcastState, Task

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TASK = Task(
    entity=uuid4(),
    kind="youtube",
    params={"channel_id": "UCstars"},
    created_at=NOW - timedelta(days=1),
)
TIMES = (None, NOW, NOW + timedelta(hours=1))


def make_events():
    """Make an Event of everything that can be seen after everything that can be known."""
    knowns = [None] + [
        Broadcast(task=TASK.id, source_id="v1", state=state, scheduled_at=NOW, version=1)
        for state in BroadcastState
    ]
    doubted = {"misses": 1, "missed_at": NOW - timedelta(hours=1)}
    knowns += [known.model_copy(update=doubted) for known in knowns if known]
    for known, state, scheduled_at, at in product(knowns, BroadcastState, TIMES, TIMES):
        seen = Sighting("v1", state, "A title", "https://v1", at, scheduled_at, at, at)
        yield from compare(TASK, known, seen, NOW, (timedelta(minutes=30),)).events
    for known in filter(None, knowns):
        yield from miss(TASK, known, NOW, (timedelta(minutes=30),)).events


def test_a_broadcast_tells_only_of_kinds_in_the_registry_with_all_their_fields():
    events = list(make_events())
    assert {event.kind for event in events} == {
        kind for kind in KINDS if kind.startswith("youtube/")
    }
    for event in events:
        assert KINDS[event.kind].find_missing(event.fields) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_is_complete(kind):
    assert set(kind.titles) >= {"en", "ja", "zh"}
    assert kind.stale_after > timedelta()
    assert KINDS[kind.name] is kind
    assert kind.find_missing({}) == list(kind.fields)
    assert kind.find_missing(dict.fromkeys(kind.fields)) == []
    assert kind.find_missing(dict.fromkeys(kind.fields[1:])) == [kind.fields[0]]
