"""Times as they are read."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.rendering.times import Clock

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)


def tell(value, language="en", zone="UTC", now=NOW, **kwargs):
    clock = Clock(language, zone, now)
    return clock.tell(clock.read_time(value), **kwargs).text


@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "UTC", "12:00 UTC (in 30 minutes)"),
        ("en", "America/New_York", "07:00 EST (in 30 minutes)"),
        ("en", "Asia/Kathmandu", "17:45 UTC+05:45 (in 30 minutes)"),
        ("en", "America/Sao_Paulo", "09:00 UTC-03:00 (in 30 minutes)"),
        ("ja", "Asia/Tokyo", "21:00 JST (30分後)"),
        ("zh", "Asia/Shanghai", "20:00 CST (30分钟后)"),
        ("zh-Hans", "Asia/Taipei", "20:00 CST (30分钟后)"),
        ("xx", "UTC", "12:00 UTC (in 30 minutes)"),
    ],
)
def test_a_time_is_in_the_zone_and_language_of_the_reader(language, zone, text):
    assert tell("2026-11-24T12:00:00+00:00", language, zone) == text


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (
            "2026-11-25T12:00:00Z",
            ("Wed, Nov 25 12:00 UTC", "11月25日(水) 12:00 UTC", "11月25日周三 12:00 UTC"),
        ),
        (
            "2027-01-03T12:00:00Z",
            (
                "Sun, Jan 3, 2027 12:00 UTC",
                "2027年1月3日(日) 12:00 UTC",
                "2027年1月3日周日 12:00 UTC",
            ),
        ),
        ("2026-11-24T23:59:00Z", ("23:59 UTC",) * 3),
    ],
    ids=["tomorrow", "next year", "today"],
)
def test_a_day_is_said_when_it_is_another_one(value, texts):
    told = [tell(value, language, is_relative=False) for language in ("en", "ja", "zh")]
    assert told == list(texts)


def test_today_is_where_the_reader_is():
    assert tell("2026-11-24T16:00:00Z", zone="Asia/Tokyo").startswith("Wed, Nov 25 01:00 JST")


@pytest.mark.parametrize(
    ("away", "texts"),
    [
        (timedelta(seconds=20), ("", "", "")),
        (timedelta(seconds=-20), ("", "", "")),
        (timedelta(seconds=40), (" (in 1 minute)", " (1分後)", " (1分钟后)")),
        (timedelta(minutes=29, seconds=50), (" (in 30 minutes)", " (30分後)", " (30分钟后)")),
        (timedelta(minutes=100), (" (in 100 minutes)", " (100分後)", " (100分钟后)")),
        (timedelta(minutes=-5), (" (5 minutes ago)", " (5分前)", " (5分钟前)")),
        (timedelta(hours=3), (" (in 3 hours)", " (3時間後)", " (3小时后)")),
        (timedelta(hours=30), (" (in 30 hours)", " (30時間後)", " (30小时后)")),
        (timedelta(days=3), (" (in 3 days)", " (3日後)", " (3天后)")),
    ],
    ids=str,
)
def test_how_far_away_it_is_is_said(away, texts):
    told = [tell(NOW + away, language).partition(" UTC")[2] for language in ("en", "ja", "zh")]
    assert told == list(texts)


@pytest.mark.parametrize(
    ("minutes", "texts"),
    [
        (133, ("2 hours 13 minutes", "2時間13分", "2小时13分钟")),
        (60, ("1 hour", "1時間", "1小时")),
        (1, ("1 minute", "1分", "1分钟")),
        (12 * 24 * 60 + 5, ("288 hours 5 minutes", "288時間5分", "288小时5分钟")),
        (0, ("", "", "")),
        (-5, ("", "", "")),
    ],
)
def test_a_span_is_in_hours_and_minutes(minutes, texts):
    end = NOW + timedelta(minutes=minutes)
    told = [Clock(language, "UTC", NOW).measure(NOW, end) for language in ("en", "ja", "zh")]
    assert told == list(texts)


@pytest.mark.parametrize(
    "zone",
    ["Nowhere/Else", "", "America", "../etc/passwd", "/etc/passwd", "a\0b", "x" * 300, "é"],
    ids=["unknown", "empty", "a folder", "outside", "absolute", "zero byte", "long", "not ASCII"],
)
def test_a_zone_that_is_none_is_utc(zone):
    assert tell("2026-11-24T12:00:00Z", zone=zone) == "12:00 UTC (in 30 minutes)"


def test_a_time_without_a_zone_is_in_utc():
    assert tell("2026-11-24T12:00:00") == "12:00 UTC (in 30 minutes)"
