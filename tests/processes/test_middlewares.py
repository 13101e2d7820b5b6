"""Events that must be treated first, while those who treat them are killed."""

import re
import time
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from uuid import uuid5

import kombu
import pytest

from stargazer.models import Entity, EventFilter, Meta, Name, OutboxState, User

pytestmark = [pytest.mark.processes, pytest.mark.timeout(200)]

ROOT = Path(__file__).parents[2]
KIND = "youtube/new_video"
MIDDLEWARES = (
    "celery --app stargazer.app worker --hostname {name}@test --queues delay,youtube-live-check"
    " --pool prefork --concurrency 2 --without-gossip --without-mingle"
)
TRANSLATION = (
    "celery --app stargazer.app worker --hostname {name}@test --queues translate"
    " --pool threads --concurrency 4 --without-gossip --without-mingle"
)
DEEPL_KEY = "simulated:fx"


@pytest.fixture
def system(make_system):
    system = make_system(
        sweep_interval=1,
        sweep_after=4,
        delivery_lease=6,
        visibility_timeout=8,
        telegram_rate=100_000,
        telegram_chat_rate=100_000,
        deepl_key=DEEPL_KEY,
    )
    system.settings = system.settings.model_copy(update={"deepl_url": system.simulator.deepl_url})
    system.start("redis", "mongo", "simulator")
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    system.simulator.set_credentials(deepl_keys=[DEEPL_KEY])
    system.simulator.set_limits(global_per_second=None, chat_per_second=None, group_per_minute=None)
    return system


@pytest.fixture
def entity(system):
    """Give somebody of whom one chat wants to hear."""
    entity = Entity(meta=Meta(name=Name(name={"en": "Aoi"}, default_language="en")))
    system.store.entities.save(entity)
    wish = EventFilter(entities=frozenset({entity.id}), kinds=frozenset({KIND}))
    user = User(im="telegram", im_payload="1001", event_filter=wish)
    system.store.users.save(user)
    system.store.subscriptions.save_filter(user)
    return entity


@pytest.fixture
def tell(system, entity):
    """Give a function that tells of an Event as any program may: plain JSON on ``publish``."""

    def tell(number, tags, **parameters):
        fields = {
            "video_id": f"v{number}",
            "title": f"title {number}",
            "url": f"https://v/{number}",
            "published_at": datetime.now(UTC).isoformat(),
        }
        key = str(uuid5(entity.id, str(number)))
        message = {"id": key, "kind": KIND, "entity": str(entity.id)}
        message["fields"] = {**fields, **parameters}
        options = {"global_keyprefix": "stargazer:celery:", "priority_steps": [0]}
        url = system.settings.broker_url
        with kombu.Connection(url, transport_options=options) as connection:
            connection.Producer().publish(
                {**message, "tags": tags},
                exchange=kombu.Exchange("stargazer", type="topic", durable=True),
                routing_key="publish",
                declare=[kombu.Exchange("stargazer", type="topic", durable=True)],
            )

    return tell


def tell_until_heard(system, tellings):
    """Tell again what the broker lost: until it is in our database, that is the teller's to do."""
    deadline = time.monotonic() + 30
    while True:
        events = system.store.events.list_all()
        heard = {int(event.fields["video_id"].removeprefix("v")) for event in events}
        if not tellings.keys() - heard:
            return
        assert time.monotonic() < deadline
        for number in tellings.keys() - heard:
            tellings[number]()
        time.sleep(1)


def count_titles(system):
    texts = [entry["text"] for entry in system.list_delivered()]
    return Counter(re.search(r"(?i)title \d+", text)[0] for text in texts)


def test_each_event_is_treated_once_by_all_whoever_is_killed(system, tell, write_shouter):
    for name in ("beat", "pipeline", "delivery"):
        system.start(name)
    for name in ("m1", "m2"):
        system.start_command(name, MIDDLEWARES.format(name=name))
    for name in ("t1", "t2"):
        system.start_command(name, TRANSLATION.format(name=name))
    shouter = write_shouter(system.folder)
    system.start_command("shouter", f"python {shouter}")
    log = system.folder / "shouter.log"
    system.wait_for("the shouter", lambda: "listening" in log.read_text())
    system.wait_for("the intake", lambda: "ready." in (system.folder / "pipeline.log").read_text())

    total = 40
    told, tags = {}, ["delay", "translate", "shout"]
    for number in range(total):
        at = time.time() + 4
        parameters = {
            "x-delay-at": at,
            "x-delay-id": number,
            "x-loud": 1,
            "x-translate-fields": ["/title"],
            "x-translate-to": "ja",
        }
        tell(number, tags, **parameters)
        told[number] = parameters
        if number == 10:
            system.kill("m1")
        if number == 15:
            system.kill("t1")
        if number == 20:
            system.kill("redis")
            system.start("redis")
            system.start_command("m1", MIDDLEWARES.format(name="m1"))
        if number == 30:
            system.kill("m2")
            system.start_command("m2", MIDDLEWARES.format(name="m2"))

    tell_until_heard(
        system, {number: partial(tell, number, tags, **told[number]) for number in told}
    )

    wanted = Counter({f"TITLE {number}": 1 for number in range(total)})
    system.wait_for("all messages", lambda: len(count_titles(system)) >= total, 90, every=0.5)
    assert count_titles(system) == wanted
    system.wait_for(
        "all to be told",
        lambda: len(system.store.events.list_in_state(OutboxState.DONE)) == total,
    )
    for event in system.store.events.list_all():
        assert not [name for name in event.fields if name.startswith("x-")]
        assert event.fields["title"] in event.fields["translations"]["ja"]["/title"]
        # What got lost on its way to others, or back, was sent again.
        whats = [key for key, _ in groupby((step.by, step.what) for step in event.history)]
        assert whats == [
            ("shout", "sent_away"),
            ("shout", "treated"),
            ("translate", "treated"),
            ("delay", "held"),
            ("delay", "released"),
        ]
        late = float(event.history[-1].detail.split()[0])
        assert late < 60
