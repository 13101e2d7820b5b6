"""Which key is asked with, and what is done about those that have nothing left or are refused."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from stargazer.errors import CredentialsError, GoneError, QuotaError, ThrottledError
from stargazer.youtube import Purpose, YouTubeApi, list_budgets
from stargazer.youtube.channels import find_channel, list_present, list_uploads, parse_uploads
from stargazer.youtube.quota import fingerprint

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEYS = ("key-one", "key-two")
CHANNEL = "UC" + "a" * 22


@pytest.fixture
def make_api(make_context, simulator, store):
    """Give a function that makes the API as at some moment, with these keys and this quota."""
    simulator.set_credentials(api_keys=[*KEYS])

    both = ",".join(KEYS)

    def make(now=NOW, keys=both, quota=10):
        context = make_context(
            youtube_api_url=simulator.youtube_url,
            youtube_api_key=SecretStr(keys),
            youtube_quota=quota,
        )
        make.context = context
        return YouTubeApi(context, now)

    return make


def ask(api, purpose=Purpose.NEW, times=1):
    for _ in range(times):
        api.ask("videos", {"part": "id", "id": "v1"}, purpose)


def list_alarms(store):
    return {alarm.key for alarm in store.alarms.list_all() if alarm.ended_at is None}


def test_the_last_units_of_a_day_are_for_live_checks(make_api, store):
    api = make_api(keys="key-one")
    ask(api, Purpose.FALLBACK, 6)
    with pytest.raises(QuotaError):
        ask(api, Purpose.FALLBACK)
    assert list_alarms(store) == set()
    ask(api, Purpose.NEW, 3)
    with pytest.raises(QuotaError):
        ask(api, Purpose.NEW)
    assert list_alarms(store) == {"youtube:quota"}
    ask(api, Purpose.LIVE, 1)
    with pytest.raises(QuotaError) as caught:
        ask(api, Purpose.LIVE)
    # Midnight in California, where it is four in the morning.
    assert caught.value.retry_after == 20 * 3600


def test_the_next_day_all_goes_on_and_the_alarm_ends(make_api, store):
    with pytest.raises(QuotaError):
        ask(make_api(keys="key-one"), times=11)
    ask(make_api(NOW + timedelta(hours=19), keys="key-one"), Purpose.LIVE)
    assert list_alarms(store) == {"youtube:quota"}
    ask(make_api(NOW + timedelta(hours=21), keys="key-one"))
    assert list_alarms(store) == set()


def test_one_key_after_the_other_is_used_up(make_api, simulator):
    api = make_api()
    ask(api, times=18)
    with pytest.raises(QuotaError):
        ask(api)
    spent = [budget.spent for budget in list_budgets(make_api.context, NOW)]
    assert spent == [9, 9]


def test_what_youtube_says_is_used_up_is_used_up(make_api, simulator):
    """Somebody else spends with the same key."""
    api = make_api()
    simulator.set_limits(quota_units=2)
    ask(api, times=4)
    with pytest.raises(QuotaError):
        ask(api)
    requests = len(simulator.journal(target="api"))
    with pytest.raises(QuotaError):
        ask(api)
    assert len(simulator.journal(target="api")) == requests
    assert [budget.spent for budget in list_budgets(make_api.context, NOW)] == [10, 10]


def test_a_key_that_is_refused_is_left_aside_and_told_once(make_api, simulator, store, caplog):
    simulator.set_credentials(api_keys=["key-two"])
    ask(make_api(), times=3)
    statuses = [entry["status"] for entry in simulator.journal(target="api")]
    assert statuses == [400, 200, 200, 200]
    (alarm,) = list_alarms(store)
    assert fingerprint("key-one") in alarm
    assert "key-one" not in caplog.text + str(store.alarms.list_all())
    simulator.set_credentials(api_keys=[*KEYS])
    ask(make_api(NOW + timedelta(hours=2)))
    assert list_alarms(store) == set()


def test_without_a_key_nothing_is_asked(make_api, simulator):
    with pytest.raises(CredentialsError, match="is not set"):
        ask(make_api(keys=" , "))
    assert simulator.journal(target="api") == []


def test_too_many_requests_are_a_short_pause_of_that_key(make_api, simulator, store):
    simulator.add_fault("api", status=429, count=1)
    api = make_api(keys="key-one")
    with pytest.raises(ThrottledError):
        ask(api)
    with pytest.raises(ThrottledError) as caught:
        ask(api)
    assert caught.value.retry_after == pytest.approx(30, abs=1)
    assert list_alarms(store) == set()
    ask(make_api(NOW + timedelta(minutes=1), keys="key-one"))


def test_a_call_that_fails_costs_a_unit(make_api, simulator):
    simulator.add_fault("api", status=500, count=1)
    api = make_api(keys="key-one")
    with pytest.raises(Exception, match="HTTP 500"):
        ask(api)
    assert [budget.spent for budget in list_budgets(make_api.context, NOW)] == [1]


def test_a_budget_names_its_key_without_telling_it(make_api):
    ask(make_api(keys="key-one"))
    [budget] = list_budgets(make_api.context, NOW)
    assert "key-one" not in budget.name
    assert (budget.unit, budget.spent, budget.limit) == ("units", 1, 10)
    assert budget.resets_at == NOW + timedelta(hours=20)


class TestChannels:
    @pytest.fixture(autouse=True)
    def _channel(self, simulator):
        simulator.set_channel(CHANNEL, title="Sora", handle="@sora")

    def test_is_found_by_its_handle(self, make_api):
        found = find_channel(make_api(), "forHandle", "@Sora")
        assert (found.id, found.snippet.title) == (CHANNEL, "Sora")

    def test_is_found_by_its_id(self, make_api):
        assert find_channel(make_api(), "id", CHANNEL).id == CHANNEL

    def test_that_is_nobodys_is_not_found(self, make_api):
        assert find_channel(make_api(), "forHandle", "@nobody") is None

    def test_those_that_are_there_are_told_for_one_unit(self, make_api, simulator):
        gone = "UC" + "z" * 22
        assert list_present(make_api(), [CHANNEL, gone]) == {CHANNEL}
        assert len(simulator.journal(target="api")) == 1

    def test_uploads_are_listed(self, make_api, simulator):
        simulator.set_video("v1", channel_id=CHANNEL, title="A", published_at=NOW, push=False)
        [seen] = list_uploads(make_api(), CHANNEL)
        assert (seen.source_id, seen.title, seen.published_at) == ("v1", "A", NOW)

    def test_uploads_of_nobody_are_gone(self, make_api):
        with pytest.raises(GoneError):
            list_uploads(make_api(), "UC" + "z" * 22)

    def test_recorded_uploads_are_read(self, recorded):
        body = recorded("youtube_data_api/playlist_items_playlist_items_paged_1.json")
        seen = parse_uploads(body)
        assert seen
        assert all(each.source_id and each.title and each.published_at for each in seen)
