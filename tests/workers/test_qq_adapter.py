"""Whether QQ's adapter is there: what is told to the operator, and what waits meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from stargazer import ratelimit
from stargazer.errors import AwayError, CredentialsError, OfflineError, TransientError
from stargazer.models import PlatformState
from stargazer.onebot import ALARM, KIND
from stargazer.onebot.health import judge
from stargazer.onebot.pace import ALL
from stargazer.simulator.onebot.world import TOKEN
from workers.im.qq.watching import look_at_adapter

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(settings, simulator):
    return settings.model_copy(update={"qq_url": simulator.qq.url, "qq_token": SecretStr(TOKEN)})


def get_wait(context):
    [wait] = ratelimit.reserve(context.redis, [(ratelimit.Limit(ALL, 1, 0.001),)], 0.0)
    return wait


def list_alarms(store):
    return [(alarm.key, alarm.ended_at is None) for alarm in store.alarms.list_all()]


@pytest.mark.parametrize(
    ("failures", "error", "said"),
    [
        (0, OfflineError("not online", 30.0), "not online: log in to QQ"),
        (0, CredentialsError("no token", 60.0), "no token"),
        (0, AwayError("no connection", 30.0), None),
        (1, TransientError("HTTP 500"), None),
        (2, AwayError("no connection", 30.0), "no connection: start the adapter"),
        (5, None, None),
    ],
    ids=["offline", "token", "one look", "two looks", "three looks", "there again"],
)
def test_the_operator_is_told_of_what_does_not_pass(failures, error, said):
    before = PlatformState(kind=KIND, failures=failures)
    finding = judge(before, error, NOW)
    assert (finding.alarm or "").startswith(said or "")
    assert bool(finding.alarm) == bool(said)
    assert finding.state.failures == (failures + 1 if error else 0)


def test_an_account_that_is_offline_is_told_once_and_when_it_is_back(context, store, simulator):
    simulator.qq.set_account(online=False)
    look_at_adapter(context, NOW)
    look_at_adapter(context, NOW + MINUTE)
    assert list_alarms(store) == [(ALARM, True)]
    # Longer than until the next look.
    assert get_wait(context) > 80
    simulator.qq.set_account(online=True)
    look_at_adapter(context, NOW + 2 * MINUTE)
    assert list_alarms(store) == [(ALARM, False)]
    [alarm] = store.alarms.list_all()
    assert alarm.kind == KIND


def test_an_adapter_that_starts_anew_is_no_alarm(make_context, store, free_port):
    context = make_context(qq_url=f"http://127.0.0.1:{free_port()}")
    for number in range(3):
        assert list_alarms(store) == []
        look_at_adapter(context, NOW + number * MINUTE)
    assert list_alarms(store) == [(ALARM, True)]


def test_a_token_that_is_wrong_is_told_at_once(make_context, store):
    look_at_adapter(make_context(qq_token=SecretStr("wrong")), NOW)
    [alarm] = store.alarms.list_all()
    assert "STARGAZER_QQ_TOKEN" in alarm.reason


def test_all_is_well(context, store):
    look_at_adapter(context, NOW)
    assert list_alarms(store) == []
    assert store.platforms.get(KIND).succeeded_at == NOW
    assert get_wait(context) == 0
