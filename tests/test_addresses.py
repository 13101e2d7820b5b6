"""Addresses that are secrets: what is made of them, and what they are found by."""

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from stargazer import addresses
from stargazer.addresses import NoKeyError, qq
from stargazer.errors import ThrottledError, TransientError
from stargazer.keyring import Keyring
from stargazer.models import User

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
KEYRING = Keyring(SecretStr(OLD))
ID, TOKEN = "123456789012345678", "token-of_the_webhook" * 3
THREAD = "223456789012345678"
SECRETS = {
    "discord": f"https://discord.com/api/webhooks/{ID}/{TOKEN}",
    "webhook": "https://example.org/hook?a=b#sixteen-or-more-characters",
    "apprise": "ntfy://user:password@ntfy.example/topic",
}


def store(keyring, im, given):
    address = addresses.seal(keyring, im, given)
    return User(im=im, im_payload=address.name, sealed=address.sealed)


@pytest.mark.parametrize(
    ("given", "name", "secret"),
    [
        (f"{ID}/{TOKEN}", ID, f"{ID}/{TOKEN}"),
        (f"https://discord.com/api/webhooks/{ID}/{TOKEN}", ID, f"{ID}/{TOKEN}"),
        (f"https://discordapp.com/api/v10/webhooks/{ID}/{TOKEN}", ID, f"{ID}/{TOKEN}"),
        (f"https://ptb.discord.com/api/webhooks/{ID}/{TOKEN}/", ID, f"{ID}/{TOKEN}"),
        (
            f"https://discord.com/api/webhooks/{ID}/{TOKEN}?thread_id={THREAD}",
            f"{ID}/{THREAD}",
            f"{ID}/{TOKEN}?thread_id={THREAD}",
        ),
    ],
    ids=["bare", "as shown", "old host and version", "test build", "thread"],
)
def test_a_discord_webhook_is_known_by_its_id(given, name, secret):
    user = store(KEYRING, "discord", given)
    assert user.im_payload == name
    assert addresses.read(KEYRING, user) == secret


@pytest.mark.parametrize("im", SECRETS)
def test_nothing_of_the_secret_is_stored_readably(im):
    user = store(KEYRING, im, SECRETS[im])
    written = user.model_dump_json()
    for part in (TOKEN, "sixteen", "password", "/hook", "topic"):
        assert part not in written
    assert addresses.read(KEYRING, user)


@pytest.mark.parametrize("im", SECRETS)
def test_one_is_found_by_its_address_and_by_its_name_also_after_a_rotation(im):
    user = store(KEYRING, im, SECRETS[im])
    rotated = Keyring(SecretStr(f"{NEW},{OLD}"))
    for keyring in (KEYRING, rotated):
        assert user.im_payload in addresses.list_names(keyring, im, SECRETS[im])
        assert addresses.list_names(keyring, im, user.im_payload) == [user.im_payload]
    assert addresses.read(rotated, user) == addresses.read(KEYRING, user)


def test_a_receiver_is_the_same_with_another_secret():
    names = {store(KEYRING, "webhook", f"https://a.test/x#{16 * sign}").im_payload for sign in "ab"}
    assert len(names) == 1


@pytest.mark.parametrize("given", ["group:900100", "private:10001", "private:999999999999"])
def test_an_address_on_qq_says_what_it_is_of(given):
    assert addresses.seal(Keyring(SecretStr("")), "qq", given) == (given, None)
    assert str(qq.parse(given)) == given


@pytest.mark.parametrize(
    "given", ["10001", "group:", "group:0123456", "user:10001", "group:10001 ", "private:-10001"]
)
def test_a_number_alone_is_no_address_on_qq(given):
    with pytest.raises(ValueError, match=r"private:NUMBER .* group:NUMBER"):
        addresses.seal(KEYRING, "qq", given)


def test_other_chat_apps_addresses_are_what_they_are():
    assert addresses.seal(Keyring(SecretStr("")), "telegram", "-100") == ("-100", None)
    assert addresses.list_names(KEYRING, "telegram", "-100") == ["-100"]


@pytest.mark.parametrize(
    ("im", "given"),
    [
        ("discord", f"https://evil.test/api/webhooks/{ID}/{TOKEN}"),
        ("discord", f"https://discord.com/api/webhooks/{ID}"),
        ("discord", f"https://discord.com/api/webhooks/{ID}/{TOKEN}?wait=false"),
        ("discord", f"{ID}/../../{TOKEN}"),
        ("webhook", "https://a.test/x"),
        ("webhook", "https://a.test/x#short"),
        ("webhook", "ftp://a.test/x#sixteen-or-more-characters"),
        ("webhook", "https://user@a.test/x#sixteen-or-more-characters"),
        ("webhook", "https://a.test:x/#sixteen-or-more-characters"),
        ("webhook", "https://[a/#sixteen-or-more-characters"),
        ("apprise", "nowhere"),
        ("apprise", "nosuchservice://a.test"),
        ("apprise", "tgram://"),
        ("apprise", "syslog://local"),
        ("apprise", "dbus://x"),
    ],
)
def test_what_is_no_address_is_refused_without_being_shown(im, given):
    with pytest.raises(ValueError, match=r".") as caught:
        addresses.seal(KEYRING, im, given)
    assert given not in str(caught.value)


@pytest.mark.parametrize("im", SECRETS)
def test_without_a_key_there_are_no_secrets_to_keep(im):
    with pytest.raises(NoKeyError, match="STARGAZER_SECRET_KEY is not set"):
        addresses.seal(Keyring(SecretStr("")), im, SECRETS[im])


@pytest.mark.parametrize(
    ("keys", "error"),
    [("", ThrottledError), (NEW, TransientError)],
    ids=["without a key all wait", "without its key one is tried again"],
)
def test_an_address_that_cannot_be_read_is_not_given_up_at_once(keys, error):
    user = store(KEYRING, "discord", SECRETS["discord"])
    with pytest.raises(error, match="STARGAZER_SECRET_KEY"):
        addresses.read(Keyring(SecretStr(keys)), user)
