"""To whom anything is said at all."""

from datetime import UTC, datetime

import pytest

from stargazer import chats
from stargazer.commands import Reply
from stargazer.commands.wording import say as write


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
@pytest.mark.parametrize(
    ("text", "begin"), [("/help", "help"), ("hello", "unknown"), ("/dance", "unknown")]
)
def test_help_comes_in_the_language_of_who_asks(say, language, text, begin):
    reply = say(text, language=language)
    assert reply.text.startswith(write(language, begin))
    assert reply.text.endswith(write(language, "help"))
    assert [button.command for button in reply.buttons] == ["/list", "/settings"]


def test_a_chat_is_answered_in_the_language_of_its_settings(say, add_entity):
    add_entity(en="Sora")
    say("/follow sora", language="ja")
    assert say("/help").text == write("ja", "help")


@pytest.mark.parametrize("text", ["/start", "/start group", "/start ", "/start unregister_confirm"])
def test_a_start_is_a_welcome(say, find_user, text):
    say("/register")
    assert say(text).text == write("en", "welcome", help=write("en", "help"))
    assert find_user()


def test_a_link_into_the_chat_may_say_whom_to_follow(say, add_entity, find_user):
    entity = add_entity(en="Sora")
    payload = f"follow_{entity.id}"
    assert len(payload) <= 64
    assert "Sora" in say(f"/start {payload}").text
    assert find_user().event_filter.entities == {entity.id}


@pytest.mark.parametrize(
    ("text", "is_addressed", "is_answered"),
    [
        ("/list", False, True),
        ("/list", True, True),
        ("list", False, False),
        ("list", True, True),
        ("/dance", False, False),
        ("/dance", True, True),
        ("hello", False, False),
        ("hello", True, True),
    ],
)
def test_a_group_is_answered_when_it_talks_to_us(say, text, is_addressed, is_answered):
    assert bool(say(text, in_group=True, is_addressed=is_addressed)) == is_answered


@pytest.mark.parametrize(
    "text", ["/register", "/follow Sora", "/unfollow Sora", "/mute 8h", "/settings", "/unregister"]
)
def test_in_a_group_only_admins_change_anything(say, find_user, add_entity, text):
    add_entity(en="Sora")
    refused = Reply(write("en", "admins_only"), is_refusal=True)
    assert say(text, in_group=True, is_admin=False) == refused
    assert find_user("-100") is None
    assert say(text, in_group=True) != refused


def test_everybody_in_a_group_may_look(say):
    for text, code in (("/list", "list_empty"), ("/help", "help_group")):
        reply = say(text, in_group=True, is_admin=False)
        assert reply.text.endswith(write("en", code))


@pytest.mark.parametrize(("in_group", "address"), [(False, "42"), (True, "-100")])
def test_a_paused_chat_that_speaks_to_us_is_resumed(say, store, find_user, in_group, address):
    say("/register", in_group=in_group)
    store.users.pause(find_user(address).id, "blocked", datetime.now(UTC))
    assert say("hello", in_group=in_group, is_addressed=False) is None
    assert find_user(address).paused == "blocked"
    say("/list", in_group=in_group)
    assert find_user(address).paused is None


def test_what_an_operator_paused_only_an_operator_resumes(say, store, find_user):
    say("/register")
    store.users.pause(find_user().id, chats.BY_AN_OPERATOR, datetime.now(UTC))
    say("/list")
    assert find_user().paused == chats.BY_AN_OPERATOR


def test_a_reply_in_words_has_the_links_of_its_buttons(say):
    reply = say("/settings")
    button, _ = reply.buttons
    assert reply.to_plain() == f"{reply.text}\n{button.label}: {button.url}"
