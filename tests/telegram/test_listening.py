"""How what is said to the bot reaches us."""

import pytest
from pydantic import SecretStr

from stargazer.settings import Settings
from stargazer.telegram.listening import (
    Mode,
    choose_mode,
    find_problem,
    get_secret,
    is_set,
    list_ticks,
    make_webhook,
)

TOKEN = SecretStr("1000:simulated")


def make_settings(**fields):
    return Settings(**{"telegram_token": TOKEN, **fields})


@pytest.mark.parametrize(
    ("wish", "public_url", "mode"),
    [
        ("auto", "", Mode.POLL),
        ("auto", "https://a.example", Mode.WEBHOOK),
        ("auto", "http://a.example", Mode.POLL),
        ("auto", "http://127.0.0.1:8000", Mode.WEBHOOK),
        ("webhook", "https://a.example", Mode.WEBHOOK),
        ("webhook", "http://a.example", Mode.OFF),
        ("webhook", "", Mode.OFF),
        ("poll", "https://a.example", Mode.POLL),
        ("off", "https://a.example", Mode.OFF),
    ],
)
def test_the_operators_wish_is_done_where_it_is_possible(wish, public_url, mode):
    settings = make_settings(telegram_updates=wish, public_url=public_url)
    assert choose_mode(settings) is mode
    assert bool(find_problem(settings)) == (wish == "webhook" and mode is Mode.OFF)
    assert (
        set(list_ticks(settings))
        == {
            Mode.OFF: set(),
            Mode.WEBHOOK: {"commands.listen"},
            Mode.POLL: {"commands.listen", "commands.poll"},
        }[mode]
    )


@pytest.mark.parametrize("wish", ["auto", "webhook", "poll"])
def test_without_a_token_nobody_is_heard(wish):
    settings = make_settings(telegram_token=SecretStr(""), telegram_updates=wish)
    assert choose_mode(settings) is Mode.OFF
    assert find_problem(settings) is None


def test_the_secret_is_one_that_telegram_takes_and_nothing_of_the_token():
    secret = get_secret(make_settings())
    assert secret != get_secret(make_settings(telegram_token=SecretStr("1000:other")))
    assert 16 <= len(secret) <= 256
    assert secret.isalnum()


@pytest.mark.parametrize(
    ("change", "is_ours"),
    [
        ({}, True),
        ({"url": "https://b.example/push/telegram"}, False),
        ({"url": ""}, False),
        ({"allowed_updates": ["message"]}, False),
        ({"allowed_updates": None}, False),
    ],
    ids=str,
)
def test_a_webhook_is_ours_when_all_of_it_is(change, is_ours):
    webhook = make_webhook(make_settings(public_url="https://a.example"))
    info = {"url": webhook["url"], "allowed_updates": webhook["allowed_updates"][::-1]}
    assert is_set(info | change, webhook) == is_ours
