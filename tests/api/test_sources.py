from datetime import UTC, datetime, timedelta
from unittest.mock import ANY
from uuid import uuid4

from stargazer.alarms import end_alarm, raise_alarm
from stargazer.models import Lease, PlatformState, Task, Watch
from stargazer.platforms.registry import PLATFORMS

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_each_platform_is_told_with_its_accounts_pauses_and_alarms(call, store):
    for watch, paused in (
        (Watch(), False),
        (Watch(failures=2), False),
        (Watch(failures=9, gone=True), False),
        (Watch(failures=9, gone=True), True),
    ):
        params = {"uid": str(uuid4().int % 10**9)}
        task = Task(entity=uuid4(), kind="bililive", params=params, watch=watch, paused=paused)
        store.tasks.save(task)
    until = datetime.now(UTC) + timedelta(hours=1)
    state = {"failures": 1, "last_error": "code -352", "paused_since": NOW, "paused_until": until}
    store.platforms.save(PlatformState(kind="bililive", **state))
    raise_alarm(store, "bililive", "code -352", NOW, kind="bililive")
    raise_alarm(store, "over", "why", NOW, kind="bililive")
    end_alarm(store, "over", NOW)
    status, answer = call("getSources", by="watcher")
    assert status == 200
    found = {source["kind"]: source for source in answer["data"]["sources"]}
    assert list(found) == list(PLATFORMS)
    source = found["bililive"]
    counts = [source[name] for name in ("accounts", "paused", "failing", "gone", "workers")]
    assert counts == [3, 1, 2, 1, 0]
    assert (source["last_error"], source["paused_since"]) == ("code -352", "2026-11-25T12:00:00Z")
    assert [alarm["key"] for alarm in source["alarms"]] == ["bililive"]
    assert source["leases"] is None
    assert "STARGAZER_TWITTER_TOKEN" in found["twitter"]["missing"]
    assert {budget["unit"] for budget in found["twitter"]["budgets"]} == {"mills"}


def test_a_pause_that_is_over_is_none(call, store):
    over = {"paused_since": NOW, "paused_until": datetime.now(UTC) - timedelta(minutes=1)}
    store.platforms.save(PlatformState(kind="twitch", failures=1, last_error="HTTP 429", **over))
    [source] = [
        each for each in call("getSources")[1]["data"]["sources"] if each["kind"] == "twitch"
    ]
    assert (source["paused_since"], source["paused_until"]) == (None, None)
    assert source["last_error"] == "HTTP 429"


def test_the_subscriptions_at_hubs_are_counted(call, store):
    values = {"kind": "youtube", "hub": "h", "topic": "t", "callback": "c", "secret": "s"}
    for token, state in (("a", "verified"), ("b", "verified"), ("c", "lapsed")):
        lease = Lease(token=token, account=token, state=state, renew_at=NOW, **values)
        store.leases.save(lease)
    source = call("getSources")[1]["data"]["sources"][0]
    assert source["leases"] == {"verified": 2, "lapsed": 1}
    assert "STARGAZER_PUBLIC_URL" in source["push_problem"]


def test_alarms_are_listed_with_those_that_are_over(call, store):
    raise_alarm(store, "a", "why", NOW)
    raise_alarm(store, "b", "why", NOW, kind="twitter")
    end_alarm(store, "b", NOW + timedelta(hours=1))
    _, answer = call("getAlarms", {"limit": 1})
    assert answer["data"] == {
        "alarms": [
            {
                "key": "a",
                "kind": None,
                "reason": "why",
                "todo": ANY,
                "raised_at": "2026-11-25T12:00:00Z",
                "ended_at": None,
            }
        ],
        "next_cursor": "a",
    }
    _, answer = call("getAlarms", {"cursor": "a"})
    [alarm] = answer["data"]["alarms"]
    assert (alarm["key"], alarm["ended_at"]) == ("b", "2026-11-25T13:00:00Z")
