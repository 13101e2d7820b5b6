"""What is said, in each language."""

from string import Formatter

import pytest

from stargazer.commands.parsing import Name
from stargazer.commands.wording import LANGUAGES, _read, choose_language, get_descriptions, say


def get_fields(language):
    return {
        code: {field for _, field, _, _ in Formatter().parse(text) if field}
        for code, text in _read(language).items()
        if isinstance(text, str)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same(language):
    assert get_fields(language) == get_fields("en")
    assert list(get_descriptions(language)) == list(get_descriptions("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_is_one_that_telegram_takes(language):
    for name, description in get_descriptions(language).items():
        assert Name(name)
        assert 1 <= len(description) <= 256


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_every_command_that_one_may_need(language):
    text = say(language, "help")
    for name in set(Name) - {Name.START, Name.REGISTER}:
        assert f"/{name}" in text


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("ja", "zh"), "ja"),
        (("", "zh-hans"), "zh"),
        (("fr", "zh_TW"), "zh"),
        (("JA-JP",), "ja"),
        (("fr", ""), "en"),
        ((), "en"),
    ],
    ids=str,
)
def test_the_first_language_that_we_speak_is_spoken(wishes, language):
    assert choose_language(*wishes) == language
