"""Real workers write to the chats whose address is a secret, and log none of it."""

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from flask import Flask, request
from pydantic import SecretStr

from stargazer import addresses
from stargazer.keyring import Keyring
from stargazer.models import (
    DeliveryState,
    Entity,
    EventFilter,
    Meta,
    Name,
    StoredEvent,
    User,
)

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

KIND = "youtube/new_video"
KEY = SecretStr(Fernet.generate_key().decode())
TOKEN = "a-token-of-the-webhook"


def test_an_event_reaches_every_sort_of_chat(make_system, serve):
    service, got = Flask("service"), []

    @service.post(f"/{TOKEN}")
    def take():
        got.append(request.get_json()["title"])
        return ""

    system = make_system(log_level="DEBUG", secret_key=KEY, sweep_interval=0.5, sweep_after=1)
    system.start("redis", "mongo", "simulator")
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    chats = {
        "discord": system.simulator.discord.set_webhook("1" * 18, token=TOKEN),
        "webhook": system.simulator.receivers.set_receiver("stars", secret=TOKEN),
        "apprise": f"{serve(service).replace('http', 'json')}/{TOKEN}",
    }
    entity = Entity(meta=Meta(name=Name(name={"en": "Aoi"}, default_language="en")))
    system.store.entities.save(entity)
    wish = EventFilter(entities=frozenset({entity.id}), kinds=frozenset({KIND}))
    for im, address in chats.items():
        name, sealed = addresses.seal(Keyring(KEY), im, address)
        user = User(im=im, im_payload=name, sealed=sealed, event_filter=wish)
        system.store.users.save(user)
        system.store.subscriptions.save_filter(user)
    now = datetime.now(UTC)
    fields = {"video_id": "v1", "title": "A title", "url": "https://v.test"}
    # It is in the outbox, and the sweeper finds it there.
    system.store.events.add(
        [StoredEvent(kind=KIND, entity=entity.id, fields=fields, happened_at=now, created_at=now)]
    )
    system.start("beat", "pipeline", "delivery", "elsewhere")

    system.wait_for(
        "every delivery to be sent",
        lambda: system.store.deliveries.count_by_state() == {DeliveryState.SENT: len(chats)},
        limit=60,
    )
    assert len(got) == 1
    for target in ("discord", "webhook"):
        [entry] = system.simulator.journal(target=target)
        assert entry["delivered"]
    logs = "".join(path.read_text("utf-8") for path in system.folder.glob("*.log"))
    assert "elsewhere@" in logs
    assert TOKEN not in logs
