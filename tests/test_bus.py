"""How an Event travels, over a real broker and always from a fresh connection."""

from datetime import UTC, datetime, timedelta
from queue import Empty
from uuid import UUID, uuid4

import kombu
import pytest

from stargazer import bus
from stargazer.context import OUTAGES
from stargazer.models import Event, OutboxState, Push, SourceEvent, StoredEvent, Task

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TASK = Task(entity=uuid4(), kind="youtube", params={"channel_id": "UCstars"})
FIELDS = {"video_id": "v1", "title": "あ", "url": "https://v1", "published_at": None}


def make_source_event(source_id="v1"):
    return SourceEvent.from_source(TASK, source_id, "youtube/new_video", NOW, FIELDS)


def save_event(store, published_at, **fields):
    values = {"kind": "youtube/new_video", "entity": uuid4(), "fields": FIELDS}
    values |= {"happened_at": NOW, "created_at": NOW, "published_at": published_at}
    event = StoredEvent(**values, **fields)
    store.events.save(event)
    return event


@pytest.mark.parametrize(
    ("tags", "key"),
    [
        ((), "event"),
        (("delay",), "event.delay"),
        (("delay", "translate"), "event.delay.translate"),
        (["translate", "delay"], "event.translate.delay"),
    ],
    ids=["ready", "one tag", "two tags", "their order"],
)
def test_a_routing_key_names_the_tags(tags, key):
    assert bus.get_routing_key(tags) == key


class TestEmitting:
    def test_what_is_new_is_written_and_then_published(self, celery_app, store, take_sent):
        [event] = bus.emit(celery_app, store, [make_source_event()], NOW)
        stored = store.events.find(event.id)
        assert stored == event
        assert (stored.state, stored.publications) == (OutboxState.OPEN, 1)
        assert (stored.published_at, stored.task) == (NOW, TASK.id)
        assert [(sent.task, sent.args) for sent in take_sent("ready")] == [
            ("fanout.fan_out", [str(event.id)])
        ]

    def test_what_was_seen_before_is_not_published_again(self, celery_app, store, take_sent):
        bus.emit(celery_app, store, [make_source_event("v1")], NOW)
        take_sent("ready")
        seen = [make_source_event("v1"), make_source_event("v2")]
        [new] = bus.emit(celery_app, store, seen, NOW + MINUTE)
        assert [sent.args for sent in take_sent("ready")] == [[str(new.id)]]
        assert store.events.find(seen[0].id).created_at == NOW

    def test_what_is_new_is_counted_once(self, celery_app, store, read_tallies):
        for events in (["v1"], ["v1", "v2"]):
            bus.emit(celery_app, store, [make_source_event(each) for each in events], NOW)
        assert read_tallies().events == {make_source_event().kind: 2}

    def test_nothing_is_nothing(self, celery_app, store, take_sent):
        assert bus.emit(celery_app, store, [], NOW) == []
        assert take_sent("ready") == []

    def test_a_broker_that_is_away_leaves_it_to_the_sweeper(
        self, celery_app, store, cut_broker, settings, take_sent
    ):
        cut_broker()
        events = bus.emit(celery_app, store, [make_source_event(str(n)) for n in range(3)], NOW)
        assert len(events) == 3
        assert all(store.events.find(event.id) for event in events)
        celery_app.conf.update(broker_url=settings.broker_url)
        celery_app._pool = None
        celery_app.amqp._producer_pool = None
        assert take_sent("ready") == []
        assert bus.sweep(celery_app, store, NOW, NOW + MINUTE) == 3
        assert {sent.args[0] for sent in take_sent("ready")} == {str(e.id) for e in events}


class TestPublishing:
    def test_a_message_comes_where_the_workers_are(self, celery_app, store, take_sent):
        events = [save_event(store, None, source_id=str(number)) for number in range(3)]
        ids = [event.id for event in events]
        assert bus.publish(celery_app, store, events) == ids
        assert [UUID(sent.args[0]) for sent in take_sent("ready")] == ids

    def test_an_event_goes_to_the_queue_of_its_last_tag(self, celery_app, store, take_sent):
        event = save_event(store, None, tags=("youtube-live-check", "delay"))
        assert bus.publish(celery_app, store, [event]) == [event.id]
        [sent] = take_sent("delay")
        assert (sent.task, sent.args) == ("delay.treat", [str(event.id)])
        assert take_sent("ready") == take_sent("youtube-live-check") == []

    def test_a_tag_that_nobody_has_bound_is_a_dead_letter(self, celery_app, store):
        event = save_event(store, None, tags=("nobodys",))
        bus.publish(celery_app, store, [event])
        assert store.events.find(event.id).state == OutboxState.DEAD
        letter = store.dead_letters.find_of_event(event.id)
        assert (letter.by, letter.reason) == ("nobodys", "nobody has bound this tag")

    def test_a_broker_that_is_away_takes_nothing(self, celery_app, store, cut_broker):
        event = save_event(store, None)
        cut_broker()
        assert bus.publish(celery_app, store, [event, event]) == []

    def test_what_waits_is_counted(self, celery_app, store):
        assert bus.count_waiting(celery_app, "ready") == 0
        bus.publish(celery_app, store, [save_event(store, None)] * 3)
        assert bus.count_waiting(celery_app, "ready") == 3
        assert bus.count_waiting(celery_app, "telegram") == 0


class TestSweeping:
    @pytest.mark.parametrize(
        ("published_at", "fields", "swept"),
        [
            (NOW - MINUTE, {}, True),
            (NOW, {}, True),
            (NOW + MINUTE, {}, False),
            (NOW - MINUTE, {"state": OutboxState.DONE}, False),
            (NOW - MINUTE, {"state": OutboxState.STALE}, False),
            (None, {}, True),
        ],
        ids=["late", "just late", "not late", "done", "stale", "never published"],
    )
    def test_what_is_late_is_published_again(
        self, celery_app, store, take_sent, published_at, fields, swept
    ):
        event = save_event(store, published_at, **fields)
        assert bus.sweep(celery_app, store, NOW, NOW + MINUTE) == int(swept)
        assert [sent.args for sent in take_sent("ready")] == [[str(event.id)]] * swept
        if swept:
            assert store.events.find(event.id).published_at == NOW + MINUTE
            assert bus.sweep(celery_app, store, NOW, NOW + MINUTE) == 0

    def test_what_the_broker_does_not_take_stays_late(self, celery_app, store, cut_broker):
        event = save_event(store, NOW - MINUTE)
        # Whether the queue is empty is asked first, and that is an outage for the task to wait out.
        cut_broker()
        with pytest.raises(OUTAGES):
            bus.sweep(celery_app, store, NOW, NOW + MINUTE)
        assert store.events.find(event.id).published_at == NOW - MINUTE

    def test_while_messages_wait_nothing_is_doubled(self, celery_app, store, take_sent):
        save_event(store, NOW - MINUTE)
        bus.publish(celery_app, store, [save_event(store, NOW + MINUTE, source_id="other")])
        assert bus.sweep(celery_app, store, NOW, NOW + MINUTE) == 0
        assert len(take_sent("ready")) == 1


class TestSweepingPushes:
    def save_push(self, store, **fields):
        values = {"kind": "youtube", "account": "UC1", "body": b"<feed/>\xff"}
        values |= {"received_at": NOW - MINUTE, "published_at": NOW - MINUTE}
        push = Push(**{**values, **fields})
        store.pushes.insert(push)
        return push

    @pytest.mark.parametrize(
        ("published_at", "swept"),
        [(NOW - MINUTE, True), (NOW, True), (NOW + MINUTE, False)],
        ids=["late", "just late", "not late"],
    )
    def test_what_is_late_is_published_again(
        self, celery_app, store, take_sent, published_at, swept
    ):
        push = self.save_push(store, published_at=published_at)
        assert bus.sweep_pushes(celery_app, store, NOW, NOW + MINUTE) == int(swept)
        sent = [(sent.task, sent.args) for sent in take_sent("youtube")]
        assert sent == [("youtube.receive", [str(push.id)])] * swept
        if swept:
            later = push.model_copy(update={"published_at": NOW + MINUTE})
            assert store.pushes.find(push.id) == later
            assert bus.sweep_pushes(celery_app, store, NOW, NOW + MINUTE) == 0

    def test_while_messages_wait_only_what_is_very_late_is_doubled(
        self, celery_app, store, take_sent
    ):
        celery_app.send_task("youtube.poll", ([],))
        self.save_push(store)
        assert bus.sweep_pushes(celery_app, store, NOW, NOW + MINUTE) == 0
        self.save_push(store, published_at=NOW - 10 * MINUTE)
        assert bus.sweep_pushes(celery_app, store, NOW, NOW + MINUTE) == 1
        assert len(take_sent("youtube")) == 2

    def test_what_nobody_could_work_on_for_a_day_is_given_up(self, celery_app, store, caplog):
        self.save_push(store, received_at=NOW - timedelta(days=2))
        assert bus.sweep_pushes(celery_app, store, NOW, NOW + MINUTE) == 0
        assert list(store.pushes.list_all()) == []
        assert "push_given_up" in caplog.messages


class TestAnnouncing:
    EVENT = Event(kind="youtube/new_video", entity=uuid4(), fields=FIELDS)

    @pytest.fixture
    def listen(self, settings):
        """Bind a queue as an outsider does, who knows nothing but the contract."""
        connections = []

        def bind(key):
            # The prefix is that of the broker's keys, which an outsider has to know, too.
            connection = kombu.Connection(
                settings.broker_url,
                transport_options={"global_keyprefix": "stargazer:celery:"},
            )
            connections.append(connection)
            channel = connection.channel()
            exchange = kombu.Exchange("stargazer", type="topic", durable=True)
            queue = kombu.Queue(f"outsider.{uuid4()}", exchange, routing_key=key)
            queue(channel).declare()

            def read():
                found = []
                while True:
                    try:
                        raw = channel._get(queue.name)
                    except Empty:
                        return found
                    found.append(channel.Message(raw, channel).payload)

            return read

        yield bind
        for connection in connections:
            connection.release()

    def test_an_outsider_hears_of_ready_events(self, celery_app, listen):
        read = listen("event")
        assert bus.announce(celery_app, self.EVENT)
        assert read() == [
            {
                "id": str(self.EVENT.id),
                "kind": "youtube/new_video",
                "entity": str(self.EVENT.entity),
                "fields": FIELDS,
            }
        ]

    @pytest.mark.parametrize(
        ("key", "tags", "hears"),
        [
            ("event", (), True),
            ("event.#", ("delay", "translate"), True),
            ("event", ("delay",), False),
            ("event.delay", ("delay",), True),
            ("#.translate", ("delay", "translate"), True),
            ("#.translate", ("translate", "delay"), False),
        ],
        ids=["ready", "everything", "not ready", "one tag", "last tag", "not the last tag"],
    )
    def test_who_binds_a_key_hears_what_has_it(self, celery_app, listen, key, tags, hears):
        read = listen(key)
        assert bus.announce(celery_app, self.EVENT, tags)
        assert len(read()) == hears

    def test_every_outsider_hears_it(self, celery_app, listen):
        readers = [listen("event") for _ in range(3)]
        for _ in range(2):
            assert bus.announce(celery_app, self.EVENT)
        assert [len(read()) for read in readers] == [2, 2, 2]

    def test_nobody_listening_is_no_error_and_leaves_nothing_behind(self, celery_app, redis_client):
        assert bus.announce(celery_app, self.EVENT)
        assert [key for key in redis_client.keys("*") if redis_client.type(key) == b"list"] == []

    def test_a_broker_that_is_away_is_told(self, celery_app, cut_broker):
        cut_broker()
        assert not bus.announce(celery_app, self.EVENT)
