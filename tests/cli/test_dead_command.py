"""What ``stargazer dead`` says and does."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from stargazer import bus
from stargazer.models import OutboxState, StoredEvent

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def letter(store):
    event = StoredEvent(
        kind="youtube/new_video",
        entity=uuid4(),
        fields={"title": "あ"},
        tags=("delay",),
        happened_at=NOW,
        created_at=NOW,
    )
    store.events.save(event)
    bus.bury(store, event, "delay", "x-delay-at is missing", NOW)
    return store.dead_letters.find_of_event(event.id)


def test_none_is_said(run):
    assert run("dead", "list").output == "no dead letters\n"


def test_they_are_listed_and_shown_with_the_reason(run, letter):
    (line,) = run("dead", "list").output.splitlines()
    assert line.split() == [
        *(str(letter.id), "2026-11-25", "12:00", "delay"),
        *("x-delay-at", "is", "missing"),
    ]
    shown = run("dead", "show", str(letter.id)).output
    assert shown.startswith("delay: x-delay-at is missing\n")
    assert '"title": "あ"' in shown
    assert '"what": "dead"' in shown


def test_one_goes_on(run, letter, store):
    assert run("dead", "retry", str(letter.id)).output == "it goes on within seconds\n"
    assert store.events.find(letter.event).state == OutboxState.OPEN
    assert list(store.dead_letters.list_all()) == []


def test_one_is_dropped(run, letter, store):
    assert run("dead", "drop", str(letter.id)).output == "dropped\n"
    assert store.events.find(letter.event).state == OutboxState.DEAD
    assert list(store.dead_letters.list_all()) == []


@pytest.mark.parametrize("command", ["show", "retry", "drop"])
def test_one_that_is_none_is_refused(run, command):
    missing = str(uuid4())
    result = run("dead", command, missing)
    assert (result.exit_code, result.output) == (1, f"Error: there is no dead letter {missing}\n")
    assert run("dead", command, "nonsense").exit_code == 2
