"""What the subscriber's page says, in each of its languages."""

import re

import pytest

from stargazer.frontend import STATIC

SAID = (STATIC / "texts.js").read_text("utf-8")
USED = re.compile(r'say\(\s*"(\w+)"|data-t(?:-label|-hint)?="(\w+)"')


def read(language):
    """Give the texts of a language, by their keys, as they are written."""
    block = re.search(rf"^const {language} = {{\n(.*?)^}};", SAID, re.MULTILINE | re.DOTALL)[1]
    return dict(re.findall(r"^  (\w+): (.+),$", block, re.MULTILINE))


def find_places(text):
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", ["JA", "ZH"])
def test_each_language_says_the_same(language):
    english, other = read("EN"), read(language)
    assert list(other) == list(english)
    for key, text in english.items():
        assert find_places(other[key]) == find_places(text), key


def test_what_is_said_is_there_and_nothing_else():
    files = [*STATIC.glob("*.js"), STATIC.parent / "page.html"]
    whole = "\n".join(path.read_text("utf-8") for path in files)
    known = set(read("EN"))
    assert {key for pair in USED.findall(whole) for key in pair if key} <= known
    made = re.compile(r"(state|closed|quiet)_\w+|\w+_hint")
    quoted = set(re.findall(r'"(\w+)"', whole))
    assert [key for key in known - quoted if not made.fullmatch(key)] == []
