"""The operator's page and its files, as a browser gets them."""

import re

import pytest

from api.operator import STATIC, find_flower, list_styles

FILES = sorted(path.name for path in STATIC.iterdir())


def list_imports(text):
    """Name what a module imports."""
    return re.findall(r'^import [^;]*?"([^"]+)";', text, re.MULTILINE)


def assert_found(client, address):
    with client.get(address) as answer:
        assert answer.status_code == 200, address


def test_the_page_is_for_anybody_and_says_nothing_of_the_instance(client):
    page = client.get("/operator/")
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in page.headers
    assert page.text == client.get("/operator/", auth=("root", "correct horse")).text


def test_nothing_in_it_needs_leave_of_the_policy(client):
    page = client.get("/operator/")
    policy = dict(
        part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert policy["frame-ancestors"] == "'none'"
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", page.text)
    loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert address.startswith("/")
        assert_found(client, address)


def test_it_is_found_without_the_slash(client):
    answer = client.get("/operator")
    assert answer.status_code == 308
    assert answer.headers["Location"] == "operator/"


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_never_older_than_the_page(client, name):
    with client.get(f"/operator/{name}") as answer:
        assert answer.status_code == 200
        assert answer.mimetype in ("text/javascript", "text/css")
        assert answer.headers["Cache-Control"] == "no-cache"
        headers = {"If-None-Match": answer.headers["ETag"]}
    with client.get(f"/operator/{name}", headers=headers) as again:
        assert again.status_code == 304


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_a_module_imports_what_is_there_and_makes_no_markup(client, name):
    text = (STATIC / name).read_text("utf-8")
    for imported in list_imports(text):
        address = imported.replace("./", "/operator/", 1) if imported[0] == "." else imported
        assert_found(client, address)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_no_other_file_is_given(client):
    assert client.get("/operator/operator.py").status_code == 404
    assert client.get("/operator/..%2Foperator.py").status_code == 404


def test_the_frame_is_styled_before_all_that_may_change_it():
    styles = list_styles()
    assert styles[0] == "shell.css"
    assert sorted(styles) == [name for name in FILES if name.endswith(".css")]


@pytest.mark.parametrize(
    ("url", "here", "found"),
    [
        ("", "http://127.0.0.1:8000/", "http://127.0.0.1:5999"),
        ("", "http://localhost/", "http://127.0.0.1:5999"),
        ("", "http://[::1]:8000/", "http://127.0.0.1:5999"),
        ("", "https://stars.example/", ""),
        ("", "http://10.0.0.1/", ""),
        ("https://flower.example", "http://127.0.0.1:8000/", "https://flower.example"),
        ("https://flower.example", "https://stars.example/", "https://flower.example"),
    ],
)
def test_flower_is_where_the_readers_browser_may_reach_it(settings, url, here, found):
    settings = settings.model_copy(update={"flower_port": 5999, "flower_url": url})
    assert find_flower(settings, here) == found


def test_flower_that_cannot_be_reached_is_not_offered(client):
    assert "Flower" in client.get("/operator/").text
    assert "Flower" not in client.get("/operator/", base_url="https://stars.example").text
