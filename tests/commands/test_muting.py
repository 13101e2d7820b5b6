"""Silence for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.commands.muting import read_span
from stargazer.commands.wording import say as write

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("8h", timedelta(hours=8)),
        ("2D", timedelta(days=2)),
        ("90 min", timedelta(minutes=90)),
        ("8小时", timedelta(hours=8)),
        ("2 天", timedelta(days=2)),
        ("3時間", timedelta(hours=3)),
        ("30d", timedelta(days=30)),
        ("31d", None),
        ("0m", None),
        ("721h", None),
        ("999999999d", None),
        ("-1h", None),
        ("1.5h", None),
        ("8", None),
        ("h", None),
        ("8 parsecs", None),
        ("", None),
    ],
    ids=repr,
)
def test_a_span_is_read_within_bounds(written, span):
    assert read_span(written) == span


def test_a_mute_ends_by_itself_or_when_it_is_said_so(say, find_user):
    say("/register")
    reply = say("/mute 8h")
    assert reply.text == write("en", "muted", until="20:00 UTC (in 8 hours)")
    assert find_user().settings.muted_until == NOW + timedelta(hours=8)
    [off] = reply.buttons
    assert say(off.command).text == write("en", "unmuted")
    assert find_user().settings.muted_until is None
    assert say(off.command).text == write("en", "not_muted")
    say("/mute 1h")
    assert say("/mute off", now=NOW + timedelta(hours=2)).text == write("en", "not_muted")


def test_who_says_no_span_is_offered_some(say, find_user):
    reply = say("/mute forever")
    assert reply.text == write("en", "mute_how")
    assert [button.command for button in reply.buttons] == ["/mute 1h", "/mute 8h", "/mute 1d"]
    for text in ("/mute 8h", "/mute off"):
        assert say(text).text == write("en", "not_registered")
    assert find_user() is None
