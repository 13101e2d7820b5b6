"""QQ from end to end: somebody follows by a command, and hears of what happens."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from stargazer.models import DeliveryState, Entity, Meta, Name, StoredEvent
from stargazer.onebot.events import CALLBACK
from stargazer.simulator.onebot.world import SECRET, TOKEN

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

GROUP, OWNER = 900_100, 20_002


def test_a_group_follows_and_hears(make_system, system_settings):
    system = make_system(
        qq_url=f"http://127.0.0.1:{system_settings.simulator_port}/qq",
        qq_token=SecretStr(TOKEN),
        qq_secret=SecretStr(SECRET),
        log_level="DEBUG",
        sweep_interval=0.5,
        sweep_after=1,
    )
    system.start("redis", "mongo", "simulator")
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    entity = Entity(meta=Meta(name=Name(name={"ja": "星街すいせい"}, default_language="ja")))
    system.store.entities.save(entity)
    qq = system.simulator.qq
    qq.set_group(GROUP, members=[OWNER])
    qq.set_account(event_url=f"http://127.0.0.1:{system.settings.web_port}{CALLBACK}")
    system.start("web", "beat", "pipeline", "qq", "commands")
    system.wait_until_open()

    def list_heard():
        journal = system.simulator.journal(target="qq")
        return [
            each["parameters"]["message"][0]["data"]["text"]
            for each in journal
            if each["delivered"]
        ]

    qq.say(OWNER, "订阅 星街", group=GROUP, role="owner", at_us=True)
    system.wait_for("an answer", list_heard, limit=60)
    user = system.store.users.find_by_address("qq", f"group:{GROUP}")
    assert user.event_filter.entities == {entity.id}
    now = datetime.now(UTC)
    fields = {"video_id": "v1", "title": "A title", "url": "https://v.test", "started_at": None}
    # It is in the outbox, and the sweeper finds it there.
    system.store.events.add(
        [
            StoredEvent(
                kind="youtube/live_start",
                entity=entity.id,
                fields=fields,
                happened_at=now,
                created_at=now,
            )
        ]
    )
    system.wait_for(
        "the message to be sent",
        lambda: system.store.deliveries.count_by_state() == {DeliveryState.SENT: 1},
        limit=60,
    )
    assert "A title" in list_heard()[-1]
    assert system.simulator.counters()["limit_breaks"] == {}
    logs = "".join(path.read_text("utf-8") for path in system.folder.glob("*.log"))
    assert "qq@" in logs
    assert TOKEN not in logs
    assert SECRET not in logs
