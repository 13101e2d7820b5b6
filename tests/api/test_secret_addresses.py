"""Chats whose address is a secret: added once, found again, never shown."""

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from stargazer import addresses
from stargazer.keyring import Keyring
from stargazer.models import User

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
KEYS = SecretStr(f"{NEW},{OLD}")
ID, TOKEN, ROLE = "123456789012345678", "a-token-of-the-webhook", "223456789012345678"
URLS = {
    "discord": f"https://discord.com/api/webhooks/{ID}/{TOKEN}",
    "webhook": f"https://stars.example/x#{TOKEN}",
    "apprise": f"ntfy://ntfy.example/{TOKEN}",
}


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"secret_key": KEYS})


@pytest.mark.parametrize("im", URLS)
class TestEach:
    def test_one_is_added_and_never_shown(self, call, store, im):
        chat = {"im": im, "im_payload": URLS[im]}
        added = call("addUser", chat, by="bot")
        found = call("getUser", chat, by="bot")
        assert (added[0], found[0]) == (200, 200)
        assert found[1]["data"] == added[1]["data"]
        assert TOKEN not in f"{added} {found}"
        [user] = store.users.list_all()
        assert TOKEN in addresses.read(Keyring(KEYS), user)
        assert TOKEN not in str(store.database["users"].find_one())

    def test_one_is_found_by_its_name(self, call, im):
        added = call("addUser", {"im": im, "im_payload": URLS[im]}, by="bot")[1]["data"]
        name = {"im": im, "im_payload": added["im_payload"]}
        assert call("getUser", name, by="bot")[1]["data"]["id"] == added["id"]
        assert call("delUser", {"im": im, "im_payload": URLS[im]}, by="bot")[0] == 200
        status, answer = call("getUser", {"im": im, "im_payload": URLS[im]}, by="bot")
        assert status == 404
        assert TOKEN not in str(answer)

    def test_one_is_there_once_also_after_a_rotation(self, call, store, im):
        name, sealed = addresses.seal(Keyring(SecretStr(OLD)), im, URLS[im])
        store.users.insert(User(im=im, im_payload=name, sealed=sealed))
        status, answer = call("addUser", {"im": im, "im_payload": URLS[im]}, by="bot")
        assert status == 409
        assert "user_exists" in str(answer)
        assert TOKEN not in str(answer)


def test_what_is_no_address_is_refused_without_being_shown(call):
    chat = {"im": "discord", "im_payload": f"https://evil.example/{TOKEN}"}
    status, answer = call("addUser", chat, by="bot")
    assert status == 400
    assert "`im_payload`: expected a webhook's URL" in str(answer)
    assert TOKEN not in str(answer)


def test_a_chat_on_discord_may_have_a_role_called(call, client):
    chat = {"im": "discord", "im_payload": URLS["discord"]}
    wrong = call("addUser", {**chat, "settings": {"mention": "all"}}, by="bot")
    assert wrong[0] == 400
    assert "`settings.mention`: expected the id of a role" in str(wrong)
    added = call("addUser", {**chat, "settings": {"mention": ROLE}}, by="bot")[1]["data"]
    assert added["settings"]["mention"] == ROLE

    session = call("newSession", {"user_id": added["id"]}, by="bot")[1]["data"]
    headers = {"Authorization": f"Bearer {session['token']}"}
    for mention, status in (("all", 400), ("1" * 14, 400), (ROLE, 200), ("", 200)):
        asked = client.post("/v1/updateSetting", json={"mention": mention}, headers=headers)
        assert asked.status_code == status
    assert asked.json["data"]["settings"]["mention"] == ""
