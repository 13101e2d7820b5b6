"""The timeline, and the whole way of one event."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from stargazer.models import (
    Broadcast,
    BroadcastState,
    DeadLetter,
    Delivery,
    DeliveryState,
    OutboxState,
    Step,
    StoredEvent,
    Task,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SORA, AOI = uuid4(), uuid4()


def make_event(number=0, **fields):
    at = NOW - timedelta(minutes=number)
    values = {"kind": "twitter/new_tweet", "entity": SORA, "fields": {"text": f"tweet {number}"}}
    return StoredEvent(
        **{**values, "happened_at": at, "created_at": at, "state": OutboxState.DONE, **fields}
    )


@pytest.fixture
def events(store):
    """Seven events, newest first, two of which became known at the same moment."""
    events = [make_event(number // 2 * 2 if number < 4 else number) for number in range(7)]
    events[2] = make_event(2, entity=AOI, state=OutboxState.HELD, tags=("delay",))
    events[5] = make_event(5, kind="youtube/live_start", fields={"title": "hi", "url": "https://a"})
    store.events.add(events)
    return events


@pytest.fixture
def read(call):
    def read(**params):
        status, answer = call("getEvents", params, by="watcher")
        assert status == 200, answer
        return answer["data"]

    return read


def ids(page):
    return [each["id"] for each in page["events"]]


@pytest.mark.parametrize("limit", [1, 3, 7, 8])
@pytest.mark.parametrize("filters", [{}, {"entity_id": str(SORA)}, {"state": "done"}])
def test_pages_hold_each_once_newest_first(read, events, limit, filters):
    pages = [read(limit=limit, **filters)]
    while (cursor := pages[-1]["next_cursor"]) is not None:
        pages.append(read(limit=limit, cursor=cursor, **filters))
    assert all(len(page["events"]) == limit for page in pages[:-1])
    times = [each["known_at"] for page in pages for each in page["events"]]
    assert times == sorted(times, reverse=True)
    found = [key for page in pages for key in ids(page)]
    wanted = {str(each.id) for each in events if not filters or each.entity == SORA}
    assert len(found) == len(wanted)
    assert set(found) == wanted


def test_filters_narrow_what_is_read(read, events):
    assert ids(read(kind="youtube/live_start")) == [str(events[5].id)]
    assert ids(read(entity_id=str(AOI))) == [str(events[2].id)]
    [held] = read(state="held")["events"]
    assert (held["id"], held["tags"]) == (str(events[2].id), ["delay"])
    assert read(kind="nobody/knows")["events"] == []


def test_a_span_begins_with_since_and_ends_before_until(read, events):
    since, until = (NOW - timedelta(minutes=each) for each in (5, 2))
    span = {"since": since.isoformat(), "until": until.isoformat()}
    assert ids(read(**span)) == [str(events[4].id), str(events[5].id)]
    first = read(**span, limit=1)
    assert ids(first) == [str(events[4].id)]
    assert ids(read(**span, limit=1, cursor=first["next_cursor"])) == [str(events[5].id)]
    assert len(read(since=since.isoformat())["events"]) == 6
    assert ids(read(until=(until - timedelta(minutes=3)).isoformat())) == [str(events[6].id)]


@pytest.mark.parametrize(
    ("fields", "title", "url"),
    [
        ({"title": "歌枠", "text": "x", "url": "https://a"}, "歌枠", "https://a"),
        ({"text": "first line\nsecond", "url": "javascript:alert(1)"}, "first line", None),
        ({"text": "x" * 300}, "x" * 199 + "…", None),
        ({"title": None, "text": 7, "url": 7}, "7", None),
        ({}, "", None),
    ],
    ids=["title", "first line", "cut", "of other types", "nothing"],
)
def test_an_event_is_told_in_one_line(read, store, fields, title, url):
    store.events.add([make_event(fields=fields)])
    [row] = read()["events"]
    assert (row["title"], row["url"]) == (title, url)


@pytest.mark.parametrize("cursor", ["x", "9" * 30 + ".x", "-1.x", ""])
def test_a_cursor_of_nobodys_making_is_refused(call, cursor):
    status, answer = call("getEvents", {"cursor": cursor})
    assert (status, answer["data"]["code"]) == (400, "invalid_parameters")


def test_one_event_tells_its_whole_way(call, store):
    task = Task(entity=SORA, kind="youtube", params={"channel_id": "UC" + "a" * 22})
    store.tasks.save(task)
    seen = {"feed:upcoming": NOW, "push:upcoming": NOW - timedelta(seconds=5)}
    broadcast = Broadcast(
        task=task.id, source_id="v", state=BroadcastState.LIVE, version=1, seen_at=seen
    )
    store.broadcasts.save(broadcast)
    event = make_event(
        task=task.id,
        # The second time that it was rescheduled.
        source_id="v@2",
        fields={"video_id": "v", "title": "t", "translations": {"en": {"/title": "T"}}},
        state=OutboxState.DEAD,
        history=(Step(at=NOW, by="translate", what="dead", detail="why"),),
    )
    store.events.add([event])
    letter = DeadLetter(event=event.id, by="translate", reason="why", created_at=NOW)
    store.dead_letters.insert(letter)
    states = [DeliveryState.SENT, DeliveryState.SENT, DeliveryState.FAILED]
    store.deliveries.add(
        [
            Delivery(event=each, user=uuid4(), im="web", state=state, created_at=NOW, due_at=NOW)
            for each in (event.id, uuid4())
            for state in states
        ]
    )
    status, answer = call("getEvent", {"event_id": str(event.id)}, by="watcher")
    assert status == 200
    told = answer["data"]
    assert told["fields"] == {"video_id": "v", "title": "t"}
    assert told["translations"] == {"en": {"/title": "T"}}
    assert told["task"] == {"id": str(task.id), "kind": "youtube", "params": task.params}
    assert [(each["witness"], each["state"]) for each in told["sightings"]] == [
        ("push", "upcoming"),
        ("feed", "upcoming"),
    ]
    assert [(each["by"], each["what"], each["detail"]) for each in told["steps"]] == [
        ("translate", "dead", "why")
    ]
    assert told["deliveries_by_state"] == {"sent": 2, "failed": 1}
    assert told["dead_letter_id"] == str(letter.id)


def test_what_others_put_where_translations_are_is_a_field(call, store):
    event = make_event(fields={"text": "t", "translations": "none"})
    store.events.add([event])
    told = call("getEvent", {"event_id": str(event.id)})[1]["data"]
    assert (told["fields"], told["translations"]) == (event.fields, {})
    assert (told["task"], told["sightings"], told["deliveries_by_state"]) == (None, [], {})


def test_deliveries_are_explained_in_the_language_that_is_asked_for(call, store):
    event = make_event()
    store.events.add([event])
    dropped = Delivery(
        event=event.id,
        user=uuid4(),
        im="web",
        state=DeliveryState.DROPPED,
        code="stale",
        created_at=NOW,
        due_at=NOW,
    )
    store.deliveries.add([dropped])
    asked = {"event_id": str(event.id), "explain": True}
    [told] = call("getDeliveries", {**asked, "language": "zh"})[1]["data"]["deliveries"]
    assert told["sentence"].startswith("未发送")
