"""The subscriber's page as the API serves it."""

import re

import pytest

from api import create_app
from stargazer.frontend import list_files, render_page

PUBLIC, OTHER = "https://a.example", "https://b.example"


@pytest.fixture
def make_client(settings, store):
    apps = []

    def make(**changes):
        apps.append(create_app(settings.model_copy(update=changes)))
        return apps[-1].test_client()

    yield make
    for app in apps:
        app.extensions["stargazer.state"].close()
        app.extensions["stargazer"].close()


@pytest.fixture
def client(make_client):
    return make_client()


def test_a_link_without_the_slash_leads_there(client):
    answer = client.get("/settings")
    assert (answer.status_code, answer.location) == (308, "settings/")


def test_it_lets_nothing_in_from_elsewhere(client):
    answer = client.get("/settings/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=|https?://", answer.text)


def test_it_sets_no_cookie(client):
    for path in ("/settings/", "/settings/main.js"):
        assert "Set-Cookie" not in client.get(path).headers


def test_all_that_it_names_is_there(client):
    page = client.get("/settings/").text
    named = set(re.findall(r'(?:href|src)="([\w-]+\.\w+)"', page))
    assert named
    for path in list_files():
        answer = client.get(f"/settings/{path.name}")
        assert answer.status_code == 200
        if path.suffix == ".js":
            named.update(re.findall(r'from "\./([\w.]+)"', answer.text))
    assert named <= {path.name for path in list_files()}


def test_a_file_that_is_unchanged_costs_nothing(client):
    first = client.get("/settings/main.js")
    again = client.get("/settings/main.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_a_phone_loads_is_compressed(client):
    whole = client.get("/settings/texts.js").data
    packed = client.get("/settings/texts.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(whole) / 2


@pytest.mark.parametrize("name", ["none.js", "../page.html", "%2e%2e/page.html", "__init__.py"])
def test_nothing_else_is_given(client, name):
    assert client.get(f"/settings/{name}").status_code == 404


@pytest.mark.parametrize(
    ("urls", "link"),
    [
        ({}, ""),
        ({"telegram": PUBLIC}, ""),
        ({"telegram": PUBLIC, "qq": OTHER}, f"{OTHER}/settings/"),
        ({"qq": "https://b.example/x"}, "https://b.example/x/settings/"),
    ],
    ids=["nowhere else", "only here", "in another region", "below a path"],
)
def test_it_leads_to_the_other_region(make_client, urls, link):
    page = make_client(public_url=PUBLIC, frontend_urls=urls).get("/settings/").text
    assert re.findall(r'<a href="(http[^"]+)"', page) == ([link] if link else [])


def test_what_an_operator_writes_is_no_markup():
    page = render_page('https://a.example/"><b>', 'https://b.example/"><b>', with_policy=True)
    assert "<b>" not in page
    assert "connect-src https://a.example;" in page
