"""Every chat app, while it goes wrong and what sends is killed, as in ``bench.faults``."""

from datetime import UTC, datetime

import pytest

from bench.audiences import AUDIENCES, make_secret_key, make_users
from bench.journals import Journal
from bench.verdict import Row, judge
from stargazer import bus
from stargazer.models import DeliveryState, Entity, EventFilter, Meta, Name, SourceEvent, Task

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

KIND = "youtube/new_video"
CHATS, EVENTS, FACTOR, THREADS = 6, 12, 10.0, 4
PROCESSES = ("simulator", "beat", "pipeline", "delivery", "elsewhere", "qq")


@pytest.fixture
def system(make_system):
    """Give a system with everything that sends."""
    paces = {}
    for audience in AUDIENCES.values():
        paces |= audience.choose(FACTOR)
    system = make_system(
        secret_key=make_secret_key(),
        delivery_attempts=20,
        delivery_threads=THREADS,
        delivery_lease=3,
        sweep_after=3,
        sweep_interval=0.5,
        visibility_timeout=6,
        **paces,
    )
    system.start("redis", "mongo", *PROCESSES)
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    return system


@pytest.fixture
def tell(system, celery_app):
    """Give a function that lets something happen, and tells when it was told."""
    celery_app.conf.update(broker_url=system.settings.broker_url)
    entity = Entity(meta=Meta(name=Name(name={"en": "Aoi"}, default_language="en")))
    system.store.entities.save(entity)
    task = Task(entity=entity.id, kind="youtube", params={})

    def tell(name):
        now = datetime.now(UTC)
        url = f"https://www.youtube.com/watch?v={name}"
        fields = {"video_id": name, "title": name, "url": url, "published_at": now.isoformat()}
        event = SourceEvent.from_source(task, name, KIND, now, fields)
        bus.emit(celery_app, system.store, [event], now)
        return now.timestamp()

    tell.entity = entity.id
    return tell


def add_chats(system, entity):
    """Have chats on every chat app follow the entity; give their names, by chat app and by User."""
    wish = EventFilter(entities=frozenset({entity}), kinds=frozenset({KIND}))
    chats, names = {}, {}
    for im, audience in AUDIENCES.items():
        added = audience.add_chats(system.simulator, CHATS, FACTOR)
        users = make_users(audience, added, wish, system.settings.secret_key)
        for name, user in users.items():
            system.store.users.save(user)
            system.store.subscriptions.save_filter(user)
            names[user.id] = name
        chats[im] = list(users)
    return chats, names


def go_wrong(simulator):
    limits = {}
    for im, audience in AUDIENCES.items():
        limits |= audience.limit(FACTOR)
        for fault in audience.faults:
            simulator.add_fault(im, **{**fault, "rate": 0.04})
    simulator.set_limits(**limits)


def is_still(system):
    return DeliveryState.PENDING not in system.store.deliveries.count_by_state()


def test_nothing_is_lost_doubled_or_overtaken(system, tell):
    chats, names = add_chats(system, tell.entity)
    go_wrong(system.simulator)
    wanted = CHATS * EVENTS * len(AUDIENCES)
    journal = Journal(system.simulator.base_url, AUDIENCES.values())
    told_at = {}
    with journal.follow():
        for number in range(EVENTS):
            if number == EVENTS // 3:
                system.wait_for("messages", lambda: journal.taken)
                system.kill("delivery")
                system.start("delivery")
            if number == 2 * EVENTS // 3:
                system.kill("redis")
                system.start("redis")
            told_at[f"video{number:06d}"] = tell(f"video{number:06d}")
        system.wait_for(
            "all of them in the ledger",
            lambda: sum(system.store.deliveries.count_by_state().values()) == wanted,
            limit=60,
        )
        system.wait_for("an end of each", lambda: is_still(system), limit=60, every=0.2)

    videos = {event.id: event.fields["video_id"] for event in system.store.events.list_all()}
    rows = {im: [] for im in AUDIENCES}
    for each in system.store.deliveries.list_latest(wanted):
        rows[each.im].append(Row(names[each.user], videos[each.event], each))
    for im, audience in AUDIENCES.items():
        repeats = THREADS * (audience.process == "delivery")
        verdict = judge(rows[im], journal.arrivals[im], chats[im], told_at, repeats)
        assert verdict.broken == [], im
        assert journal.faults[im].total(), im
    assert system.simulator.counters()["limit_breaks"] == {}
    for name in PROCESSES:
        log = (system.folder / f"{name}.log").read_text()
        assert "raised unexpected" not in log, name
