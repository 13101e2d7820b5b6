"""Links that let a chat change its own settings."""

import pytest

from stargazer.models import Account, User


@pytest.fixture
def settings(settings):
    urls = {"qq": "https://b.example"}
    return settings.model_copy(update={"public_url": "https://a.example", "frontend_urls": urls})


@pytest.mark.parametrize(
    ("im", "base"), [("telegram", "https://a.example"), ("qq", "https://b.example")]
)
def test_the_link_leads_to_the_page_of_the_chat_app(call, client, store, im, base):
    user = User(im=im, im_payload="1")
    store.users.save(user)
    made = call("newSession", {"user_id": str(user.id)})[1]["data"]
    assert made["url"] == f"{base}/settings/#{made['token']}"
    headers = {"Authorization": f"Bearer {made['token']}"}
    own = client.post("/v1/getSettings", json={}, headers=headers).json
    assert own["data"]["user_id"] == str(user.id)


def test_an_operator_needs_no_permission_of_bots(call, store, password_hash):
    operator = Account(username="operator", hash=password_hash, permissions={"admin": "rw"})
    store.accounts.save(operator)
    user = User(im="web", im_payload="1")
    store.users.save(user)
    ref = {"user_id": str(user.id)}
    for method in ("newSession", "getUser", "pauseUser", "resumeUser"):
        assert call(method, ref, by="operator")[0] == 200, method
    assert call("delUser", ref, by="operator")[0] == 403
