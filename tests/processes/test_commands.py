"""A fan talks to the bot: real processes, from what is typed to what is told."""

from datetime import UTC, datetime

import pytest
import requests

from stargazer.models import Entity, Meta, Name, StoredEvent

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

FAN = 4242
KIND = "youtube/new_video"


def test_who_says_follow_is_told_and_finds_the_settings(make_system):
    # The address of this machine is one that a simulated Telegram can call.
    system = make_system(telegram_updates="auto")
    talk = system.simulator.talk
    system.start("redis", "mongo", "simulator")
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    entity = Entity(meta=Meta(name=Name(name={"en": "Aoi", "ja": "あおい"}, default_language="en")))
    system.store.entities.save(entity)

    def say(text):
        """Say something, and give what is answered."""
        before = len(talk.messages(FAN))
        assert talk.say(FAN, text, language_code="en")
        system.wait_for("an answer", lambda: len(talk.messages(FAN)) > before)
        return talk.messages(FAN)[-1]["text"]

    system.start("web", "commands", "beat", "pipeline", "delivery")
    assert say("/follow アオイ").startswith("This chat now follows Aoi.")

    now = datetime.now(UTC)
    fields = {"video_id": "v1", "title": "A title", "url": "https://v.test", "published_at": now}
    told = StoredEvent(kind=KIND, entity=entity.id, fields=fields, happened_at=now, created_at=now)
    # It is in the outbox, and the sweeper finds it there.
    system.store.events.add([told])
    system.wait_for("the message", lambda: "A title" in talk.messages(FAN)[-1]["text"])

    page, _, token = say("/settings").rpartition(" ")[2].partition("#")
    assert page == f"http://127.0.0.1:{system.settings.web_port}/settings/"
    answer = requests.post(
        f"http://127.0.0.1:{system.settings.web_port}/v1/getSettings",
        json={},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    ).json()
    assert answer["data"]["event_filter"]["entities"] == [str(entity.id)]
    for log in system.folder.glob("*.log"):
        assert token not in log.read_text()

    # Who asks for what is said takes Telegram's pushes away, and hears what comes after.
    for name in ("commands", "beat"):
        system.end(name)
    system.settings = system.settings.model_copy(update={"telegram_updates": "poll"})
    system.start("commands", "beat")
    for text in ("/list", "/help"):
        assert "follow" in say(text)
    calls = [each["method"] for each in system.simulator.journal(target="telegram")]
    assert {"setWebhook", "deleteWebhook", "getUpdates", "setMyCommands"} <= set(calls)
