import logging
from datetime import UTC, datetime, timedelta

from stargazer.alarms import end_alarm, raise_alarm

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def test_an_alarm_is_told_once_when_it_begins_and_once_when_it_ends(store, caplog):
    with caplog.at_level(logging.WARNING):
        assert raise_alarm(store, "x", "why", NOW, kind="twitter")
        assert not raise_alarm(store, "x", "why now", LATER, kind="twitter")
        assert end_alarm(store, "x", LATER)
        assert not end_alarm(store, "x", LATER)
    told = [record.message for record in caplog.records if record.name == "stargazer.alarms"]
    assert told == ["alarm_raised", "alarm_ended"]


def test_an_alarm_may_begin_again(store):
    raise_alarm(store, "x", "why", NOW)
    end_alarm(store, "x", LATER)
    assert raise_alarm(store, "x", "why again", LATER)
    (alarm,) = store.alarms.list_all()
    assert (alarm.reason, alarm.raised_at, alarm.ended_at) == ("why again", LATER, None)


def test_what_never_began_does_not_end(store):
    assert not end_alarm(store, "x", NOW)
    assert store.alarms.list_all() == []


def test_the_reason_is_the_newest_and_the_time_the_first(store):
    raise_alarm(store, "x", "why", NOW)
    raise_alarm(store, "x", "why now", LATER)
    (alarm,) = store.alarms.list_all()
    assert (alarm.reason, alarm.raised_at) == ("why now", NOW)


def test_alarms_that_last_come_first_and_then_the_newest(store):
    for number, key in enumerate("abcd"):
        raise_alarm(store, key, "why", NOW + timedelta(minutes=number))
    end_alarm(store, "a", LATER)
    end_alarm(store, "d", LATER + timedelta(hours=1))
    assert [alarm.key for alarm in store.alarms.list_all()] == ["c", "b", "d", "a"]
