"""Every platform, through the coordinator, real workers and the API that platforms push to."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from stargazer.models import Task
from stargazer.platforms.registry import PLATFORMS
from stargazer.simulator.bilibili.world import COOKIE
from stargazer.simulator.quota import DEFAULT_KEY
from stargazer.simulator.twitch.world import CLIENT_ID, CLIENT_SECRET
from stargazer.simulator.twitter.world import TOKEN
from workers.sources.twitch.subscriptions import keep_subscriptions

pytestmark = pytest.mark.processes

CHANNEL = "UC" + "d" * 22


@pytest.fixture
def system(make_system, system_settings):
    """Give a system whose platforms are all the simulator, asked every second."""
    base = f"http://127.0.0.1:{system_settings.simulator_port}"
    second = timedelta(seconds=1)
    return make_system(
        youtube_api_key=SecretStr(DEFAULT_KEY),
        youtube_poll_interval=second,
        twitter_api_url=f"{base}/twitter",
        twitter_token=SecretStr(TOKEN),
        twitter_poll_interval=second,
        bilibili_api_url=f"{base}/bilibili",
        bilibili_cookie=SecretStr(COOKIE),
        bilibili_poll_interval=second,
        bililive_api_url=f"{base}/bililive",
        bililive_poll_interval=second,
        twitch_api_url=f"{base}/twitch",
        twitch_auth_url=f"{base}/twitch",
        twitch_client_id=CLIENT_ID,
        twitch_client_secret=SecretStr(CLIENT_SECRET),
        twitch_poll_interval=second,
        feed_poll_interval=second,
    )


def add_accounts(system):
    """Give every platform an account with something old, and watch it."""
    simulator, old = system.simulator, datetime.now(UTC) - timedelta(hours=5)
    simulator.set_channel(CHANNEL, title="A")
    simulator.set_video("old", channel_id=CHANNEL, title="old", published_at=old, push=False)
    simulator.twitter.set_account("1", username="one")
    simulator.twitter.tweet("1", old, "old")
    simulator.bilibili.set_post("1", uid=1, text="old", published_at=old)
    simulator.bilibili.set_room("1", room_id=1001)
    simulator.twitch.set_account("1", login="one")
    simulator.feeds.set("a", items={})
    simulator.feeds.publish("a", "old", title="old", published_at=old)
    params = {
        "youtube": {"channel_id": CHANNEL},
        "twitter": {"id": "one"},
        "bilibili": {"uid": "1"},
        "bililive": {"uid": "1"},
        "twitch": {"login": "one"},
        "feed": {"url": f"{simulator.feeds.url}/a"},
    }
    assert set(params) == set(PLATFORMS)
    for kind, each in params.items():
        system.store.tasks.save(Task(entity=uuid4(), kind=kind, params=each))


def publish(system):
    """Let something happen on every platform; on Twitch it is only pushed, and not in any list."""
    simulator, now = system.simulator, datetime.now(UTC)
    simulator.set_video("new", channel_id=CHANNEL, title="new", published_at=now, push=False)
    simulator.twitter.tweet("1", now, "new")
    simulator.bilibili.set_post("2", uid=1, text="new", published_at=now)
    simulator.bilibili.set_room("1", live_status=1, live_time=now, title="new")
    simulator.twitch.start("1", listed=False)
    simulator.feeds.publish("a", "new", title="new", published_at=now)


def test_what_happens_on_each_platform_is_told_once(system):
    system.start("redis", "mongo", "simulator")
    system.simulator.wait_until_ready(30)
    list(system.store.create_indexes())
    add_accounts(system)
    system.start("web", "beat", "sources", "pipeline")
    system.wait_until_open()
    system.wait_for(
        "a first look at each account",
        lambda: all(task.watch.looked_at for task in system.store.tasks.list_all()),
        limit=60,
    )
    # Beat has it done, too, but only every other minute.
    keep_subscriptions(system.context, datetime.now(UTC))
    system.wait_for(
        "Twitch to have verified us",
        lambda: {each["status"] for each in system.simulator.twitch.subscriptions()} == {"enabled"},
        limit=60,
    )
    assert list(system.store.events.list_all()) == []
    publish(system)
    expected = {
        "youtube/new_video",
        "twitter/new_tweet",
        "bilibili/new_dynamic",
        "bililive/live_start",
        "twitch/live_start",
        "feed/new_entry",
    }
    system.wait_for(
        "an event of each platform",
        lambda: {event.kind for event in system.store.events.list_all()} >= expected,
        limit=60,
    )
    states = {each.kind: each for each in map(system.store.platforms.get, PLATFORMS)}
    assert all(state.failures == 0 for state in states.values()), states
    kinds = [event.kind for event in system.store.events.list_all()]
    assert sorted(kinds) == sorted(expected)
    assert system.simulator.counters()["limit_breaks"] == {}
