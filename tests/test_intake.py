"""What others tell us on the queue ``publish``."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import kombu
import pytest

from stargazer import bus, intake
from stargazer.models import OutboxState, Step, StoredEvent

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIELDS = {"video_id": "v", "title": "あ", "url": "https://v", "published_at": NOW.isoformat()}


def write(**message):
    return json.dumps({"entity": str(uuid4()), "fields": {}, **message}).encode()


def tell(store, **message):
    body = write(**{"kind": "youtube/new_video", "fields": FIELDS, **message})
    return intake.take_in(store, body, NOW)


@pytest.fixture
def away(store):
    """Give an Event that somebody else's middleware has."""
    event = StoredEvent(
        kind="youtube/new_video",
        entity=uuid4(),
        fields={**FIELDS, "x-shout": True},
        tags=("delay", "shout"),
        happened_at=NOW,
        created_at=NOW,
    )
    store.events.save(event)
    return store.events.advance(event, Step(at=NOW, by="shout", what="sent_away"), OutboxState.AWAY)


def test_a_new_event_is_in_the_outbox_and_open(store):
    event = tell(store, tags=["delay"])
    assert store.events.find(event.id) == event
    assert (event.state, event.tags, event.fields) == (OutboxState.OPEN, ("delay",), FIELDS)


def test_the_same_id_is_one_event(store):
    key = str(uuid4())
    assert tell(store, id=key) is not None
    assert tell(store, id=key) is None
    assert len(list(store.events.list_all())) == 1


@pytest.mark.parametrize("tags", [["delay"], []], ids=["its own taken off", "all taken off"])
def test_what_was_away_comes_back_without_the_tag(store, away, tags):
    after = tell(store, id=str(away.id), fields={**FIELDS, "title": "LOUD"}, tags=tags)
    assert (after.state, after.tags) == (OutboxState.OPEN, tuple(tags))
    assert after.fields["title"] == "LOUD"
    assert [(step.by, step.what) for step in after.history] == [
        ("shout", "sent_away"),
        ("shout", "treated"),
    ]
    assert tell(store, id=str(away.id)) is None


def test_what_is_told_again_while_it_is_away_is_no_answer(store, away):
    assert tell(store, id=str(away.id), tags=["delay", "shout"]) is None
    assert store.events.find(away.id) == away


def test_what_does_not_come_back_is_sent_again(store, away, celery_app):
    with celery_app.connection_for_write() as connection:
        kombu.Queue("inbox", bus.TOPIC, "#.shout")(connection.channel()).declare()
    minute = timedelta(minutes=1)
    for asked, later in ((1, minute), (2, 3 * minute), (2, 4 * minute), (3, 6 * minute)):
        bus.sweep(celery_app, store, NOW + later - minute, NOW + later)
        event = store.events.find(away.id)
        assert event.state == OutboxState.AWAY
        assert [step.what for step in event.history] == ["sent_away"] * asked


def test_what_never_comes_back_is_a_dead_letter(store, away, celery_app):
    later = NOW + 2 * bus.LONGEST_AWAY
    bus.sweep(celery_app, store, NOW, later)
    assert store.events.find(away.id).state == OutboxState.DEAD
    assert "not sent it back" in store.dead_letters.find_of_event(away.id).reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "body"),
        (b'{"kind": "youtube/new_video"}', "entity"),
        (write(kind="x", entity="y"), "entity"),
        (b'{"kind": "x", "entity": 1, "fields": {"a": NaN}}', "not JSON"),
        (
            json.dumps(
                {"kind": "youtube/new_video", "entity": str(uuid4()), "fields": {}}
            ).encode(),
            "has no video_id",
        ),
        (
            json.dumps(
                {"kind": "x", "entity": str(uuid4()), "fields": {}, "tags": ["a.b"]}
            ).encode(),
            "tags",
        ),
    ],
    ids=["empty", "bytes", "list", "half", "no id", "NaN", "lacks fields", "tag with a dot"],
)
def test_what_is_no_event_is_a_dead_letter_as_it_came(store, body, reason):
    assert intake.take_in(store, body, NOW) is None
    (letter,) = store.dead_letters.list_all()
    assert reason in letter.reason
    assert letter.body == body.decode(errors="replace")
    assert list(store.events.list_all()) == []


class TestRetrying:
    def test_an_event_goes_on_from_where_it_was(self, store, celery_app, take_sent):
        event = StoredEvent(
            kind="youtube/new_video",
            entity=uuid4(),
            fields=FIELDS,
            tags=("delay",),
            happened_at=NOW,
            created_at=NOW,
        )
        store.events.save(event)
        bus.bury(store, event, "delay", "no time", NOW)
        (letter,) = store.dead_letters.list_all()
        assert intake.retry(store, letter, NOW)
        assert list(store.dead_letters.list_all()) == []
        assert bus.sweep(celery_app, store, NOW, NOW) == 1
        assert [sent.args for sent in take_sent("delay")] == [[str(event.id)]]
        assert not intake.retry(store, letter, NOW)

    def test_what_is_still_no_event_is_dead_again(self, store):
        intake.take_in(store, b"{}", NOW)
        (letter,) = store.dead_letters.list_all()
        assert not intake.retry(store, letter, NOW)
        (again,) = store.dead_letters.list_all()
        assert again.id != letter.id
