"""What was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.commands import needs_admin
from stargazer.commands.parsing import ALIASES, Command, Name, parse


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("/follow 星街すいせい", Command(Name.FOLLOW, "星街すいせい")),
        ("/FOLLOW  Tokino  Sora ", Command(Name.FOLLOW, "Tokino  Sora")),
        ("／ｆｏｌｌｏｗ　そら", Command(Name.FOLLOW, "そら")),  # noqa: RUF001 - as typed
        ("/follow\nSora", Command(Name.FOLLOW, "Sora")),
        ("/list@Our_Bot 2", Command(Name.LIST, "2", "our_bot")),
        ("/list", Command(Name.LIST)),
        ("/nonsense x", Command(None, "x")),
        ("/nonsense@our_bot", Command(None, "", "our_bot")),
        ("list", Command(Name.LIST, is_bare=True)),
        ("订阅 星街", Command(Name.FOLLOW, "星街", is_bare=True)),
        ("/取消订阅 星街", Command(Name.UNFOLLOW, "星街")),
        ("取消訂閱 星街", Command(Name.UNFOLLOW, "星街", is_bare=True)),
        ("列表", Command(Name.LIST, is_bare=True)),
        ("帮助", Command(Name.HELP, is_bare=True)),
        ("ヘルプ", Command(Name.HELP, is_bare=True)),
    ],
    ids=lambda value: repr(value) if isinstance(value, str) else "",
)
def test_a_command_is_read(typed, command):
    assert parse(typed) == command


@pytest.mark.parametrize("typed", ["", " ", "/", "//", "hello there", "订阅星街", "@our_bot"])
def test_what_is_no_command_is_none(typed):
    assert parse(typed) is None
    assert not needs_admin(typed)


@given(st.text())
def test_whatever_is_typed_can_be_read(text):
    command = parse(text)
    assert command is None or (command.name is not None or not command.is_bare)


def test_every_command_has_its_own_name_and_aliases_are_as_they_are_read():
    assert {name.value for name in Name} <= set(ALIASES)
    for alias, name in ALIASES.items():
        assert parse(f"{alias} x") == Command(name, "x", is_bare=True)


@pytest.mark.parametrize("name", Name, ids=str)
def test_only_what_changes_something_needs_an_admin(name):
    reads = {Name.START, Name.HELP, Name.LIST}
    assert needs_admin(f"/{name} x") == (name not in reads)
