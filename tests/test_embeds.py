"""Embeds: within Discord's limits, and without a meaning that nobody meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.embeds import clip, escape, make_embed, measure
from stargazer.rendering import Message
from stargazer.simulator.discord.forms import find_problems

MESSAGE = Message(
    "Sora: Live now", ("A title", "2026-11-23"), "https://v.test/1", "https://p.test/1"
)
TEXTS = st.text(st.characters(), max_size=30) | st.text("\\*🎉a ", max_size=9000)


def test_a_message_is_one_embed():
    embed = make_embed(MESSAGE)
    assert embed.pop("color") > 0
    assert embed == {
        "title": "Sora: Live now",
        "description": "A title\n2026-11-23",
        "url": "https://v.test/1",
        "image": {"url": "https://p.test/1"},
    }


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "https://v.test/" + "a" * 2048])
def test_what_is_no_link_is_left_out(link):
    embed = make_embed(MESSAGE._replace(url=link, picture=link))
    assert embed.keys() == {"title", "color", "description"}


def test_a_message_without_lines_has_no_description():
    assert "description" not in make_embed(MESSAGE._replace(lines=()))


@given(TEXTS.filter(bool), st.lists(TEXTS, max_size=5))
def test_whatever_is_told_keeps_every_limit(headline, lines):
    embed = make_embed(Message(headline, tuple(lines), "https://v.test", None))
    assert list(find_problems({"embeds": [embed]})) == []


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a_b *c* ~~d~~ `e` ||f||", r"a\_b \*c\* \~\~d\~\~ \`e\` \|\|f\|\|"),
        ("<@1> [x](y)", r"\<@1\> \[x\](y)"),
        ("# 1", r"\# 1"),
        ("\\", "\\\\"),
        ("see https://v.test/a_b_c now_", r"see https://v.test/a_b_c now\_"),
    ],
    ids=["emphasis", "a mention and a link", "a heading", "a backslash", "an address"],
)
def test_markdown_is_escaped_outside_of_links(text, escaped):
    assert escape(text) == escaped


@pytest.mark.parametrize(
    ("text", "most", "clipped"),
    [
        ("abcd", 4, "abcd"),
        ("abcde", 4, "abc…"),
        ("🎉🎉🎉", 4, "🎉…"),
        (r"ab\*cd", 4, "ab…"),
        (r"a\\bcd", 4, r"a\\…"),
    ],
    ids=["fits", "too long", "a pair is not torn", "nor an escape", "a backslash is whole"],
)
def test_what_is_too_long_is_cut_between_characters(text, most, clipped):
    assert clip(text, most) == clipped
    assert measure(clipped) <= most
