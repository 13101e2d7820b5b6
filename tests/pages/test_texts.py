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


def test_what_is_used_is_there():
    files = [*STATIC.glob("*.js"), STATIC.parent / "page.html"]
    used = {
        key
        for path in files
        for pair in USED.findall(path.read_text("utf-8"))
        for key in pair
        if key
    }
    assert used <= set(read("EN"))
    assert "did_follow" in used
