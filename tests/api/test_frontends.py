"""Pages that are hosted elsewhere, and proxies in front of us."""

import pytest

from api import create_app

HOME = "https://home.example"
PASSWORD = "correct horse"


@pytest.fixture
def make_client(settings, accounts):
    apps = []

    def make(**changes):
        apps.append(create_app(settings.model_copy(update=changes)))
        return apps[-1].test_client()

    yield make
    for app in apps:
        app.extensions["stargazer.state"].close()


def ask_first(client, origin):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    return client.options("/v1/getEntities", headers=headers)


def test_a_page_of_ours_may_call(make_client):
    client = make_client(frontend_origins=(HOME,))
    allowed = ask_first(client, HOME)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == HOME
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert "authorization" in allowed.headers["Access-Control-Allow-Headers"].lower()
    headers = {"Origin": HOME, "Sec-Fetch-Site": "cross-site"}
    answer = client.post("/v1/getEntities", headers=headers, auth=("root", PASSWORD))
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == HOME
    # A browser must never send along what it remembers by itself.
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origins", [(), (HOME,)], ids=["none", "another"])
@pytest.mark.parametrize("origin", ["https://evil.example", f"{HOME}.evil.example", "null"])
def test_a_page_of_others_may_not(make_client, origins, origin):
    client = make_client(frontend_origins=origins)
    assert "Access-Control-Allow-Origin" not in ask_first(client, origin).headers
    answer = client.post("/v1/health", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_only_the_api_is_for_pages_of_elsewhere(make_client):
    client = make_client(frontend_origins=(HOME,), public_status=True)
    answer = client.get("/status.json", headers={"Origin": HOME})
    assert "Access-Control-Allow-Origin" not in answer.headers


def guess(client, **headers):
    wrong = ("root", "wrong")
    return client.post("/v1/getEntities", auth=wrong, headers=headers).status_code


@pytest.mark.parametrize("believed", [0, 1])
def test_only_a_proxy_that_is_ours_says_where_a_caller_is(make_client, believed, store):
    client = make_client(trusted_proxies=believed)
    assert guess(client, **{"X-Forwarded-For": "203.0.113.7"}) == 403
    keys = {each["_id"] for each in store.guesses.collection.find()}
    assert ("address 203.0.113.7" in keys) is bool(believed)
    assert ("address 127.0.0.1" in keys) is not believed
