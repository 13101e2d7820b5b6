"""How a chat comes, goes, and finds its settings."""

from datetime import UTC, datetime, timedelta

import pytest

from stargazer.accounts import find_session
from stargazer.commands import Button
from stargazer.commands.wording import say as write

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_chat_registers_once(say, find_user):
    assert say("/register").text == write("en", "registered", timezone="UTC")
    user = find_user()
    assert say("/register").text == write("en", "registered_already")
    assert find_user() == user


def test_a_chat_is_forgotten_when_it_says_so_twice(say, find_user):
    say("/register")
    [button] = say("/unregister").buttons
    assert find_user()
    assert say(button.command).text == write("en", "unregistered")
    assert find_user() is None
    assert say(button.command).text == write("en", "not_registered")


class TestSettings:
    def test_the_link_has_the_token_where_no_server_sees_it(self, say, store, find_user, context):
        reply = say("/settings")
        button, again = reply.buttons
        assert again.command == "/settings"
        page, _, token = button.url.partition("#")
        assert page == f"http://127.0.0.1:{context.settings.web_port}/settings/"
        session = find_session(store, token, NOW)
        assert session.user == find_user().id
        assert session.valid_until == NOW + timedelta(minutes=10)
        assert token not in reply.text
        assert not reply.is_private

    @pytest.mark.parametrize(
        ("changes", "page"),
        [
            ({"public_url": "https://a.example"}, "https://a.example/settings/"),
            (
                {
                    "public_url": "https://a.example",
                    "frontend_urls": {"telegram": "https://b.test/x"},
                },
                "https://b.test/x/settings/",
            ),
            (
                {"public_url": "https://a.example", "frontend_urls": {"qq": "https://b.test"}},
                "https://a.example/settings/",
            ),
        ],
        ids=["public", "of the chat app", "of another chat app"],
    )
    def test_the_page_is_where_the_operator_says(self, say, make_context, changes, page):
        button, _ = say("/settings", elsewhere=make_context(**changes)).buttons
        assert button.url.partition("#")[0] == page

    def test_a_groups_link_goes_to_the_admin_alone(self, say, store, find_user):
        reply = say("/settings", in_group=True)
        assert reply.is_private
        assert "Fans" in reply.text
        assert reply.beside.text == write("en", "settings_sent")
        assert reply.beside.buttons == (Button(write("en", "settings_again_button"), "/settings"),)
        token = reply.buttons[0].url.partition("#")[2]
        assert find_session(store, token, NOW).user == find_user("-100").id
        assert token not in f"{reply.beside} {reply.otherwise}"
        open_chat = Button(write("en", "open_chat_button"), url="https://t.me/our_bot?start=group")
        assert reply.otherwise.text == write("en", "settings_impossible")
        assert reply.otherwise.buttons == (open_chat,)

    def test_where_nothing_can_be_private_it_is_said_what_to_do(self, say, find_user):
        reply = say("/settings", in_group=True, private_address=None, start_url=None)
        assert reply.text == write("en", "settings_impossible")
        assert not reply.buttons
        assert find_user("-100") is None
