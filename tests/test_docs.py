"""What the documentation shows is what happens."""

import json
import re
import shlex
from pathlib import Path

import pytest

from api import create_app
from api.rpc import METHODS, parse_params
from stargazer.accounts import hash_password
from stargazer.errors import GoneError
from stargazer.models import Account

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/api.md")


def list_blocks(page, language):
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)


def list_calls():
    """Give each call by curl: the page, the method, and what is sent."""
    for page in PAGES:
        for block in list_blocks(page, "sh"):
            words = shlex.split(block.replace("\\\n", " "), comments=True)
            for position, word in enumerate(words):
                if (found := re.search(r"/v1/(\w+)$", word)) is not None:
                    rest = words[position:]
                    yield page, found[1], rest[rest.index("--json") + 1]


CALLS = list(list_calls())


@pytest.fixture
def url(settings, store, serve):
    granted = {"operator": {"admin": "rw"}, "bot": {"api": "rw"}}
    stored = hash_password("correct horse")
    for username, permissions in granted.items():
        store.accounts.save(Account(username=username, hash=stored, permissions=permissions))
    app = create_app(settings)
    yield serve(app)
    app.extensions["stargazer.state"].close()


def test_a_bot_lives_as_the_page_says(url, store):
    done = {}
    for block in list_blocks("docs/api.md", "python"):
        # Shown is where it listens unless it is told otherwise.
        exec(block.replace("http://127.0.0.1:8000", url), done)
    assert done["chats"] == ["-1001234567890"]
    assert done["news"] == {"version": done["known"]["version"], "index": None}
    assert [chat["name"] for chat in done["interested"]] == ["Our group"]
    assert done["reason"] == "user_not_found"
    assert [entity["id"] for entity in done["page"]["entities"]] == [done["entity"]["id"]]
    assert len(done["names"]) == 1
    assert "youtube/live_start" in done["kinds"]
    assert done["token"]["token"] not in done["link"]
    assert store.accounts.find("second-bot").permissions == {"api": "rw"}
    assert list(store.users.list_all()) == []


def test_there_are_calls_by_curl_to_look_at():
    assert len([page for page, _, _ in CALLS if page == "docs/api.md"]) >= 15


@pytest.mark.parametrize(
    ("page", "method", "body"), CALLS, ids=[f"{page}-{method}" for page, method, _ in CALLS]
)
def test_what_is_shown_with_curl_would_be_taken(page, method, body):
    entry = METHODS[method]
    sent = json.loads(body.replace("ID_OF_THE_ENTITY", "5e0c6a7e-3f4b-4b52-9a70-2d1f6f0d8a11"))
    parse_params(entry.params, json.dumps(sent).encode(), flatten="_" in method)


class TestTheWorkedExample:
    """Its source is run by tests/workers/test_every_source.py."""

    @pytest.fixture
    def blocks(self):
        return list_blocks("docs/adding-a-platform.md", "python")

    def test_it_is_short(self, blocks):
        assert sum(len(block.splitlines()) for block in blocks) < 80

    def test_it_finds_accounts_by_what_people_paste(self, blocks, context, simulator):
        done = {}
        exec(blocks[0].replace("https://pebble.example/posts", simulator.feeds.url), done)
        simulator.feeds.set("sora", form="json", items={})
        pebble = done["PEBBLE"]
        assert pebble.recognise("https://pebble.example/Sora/posts") == "Sora"
        assert pebble.recognise("https://elsewhere.example/Sora") is None
        assert pebble.resolve(context, "@Sora").model_dump() == pebble.example
        with pytest.raises(GoneError, match="knows no account 'nobody'"):
            pebble.resolve(context, "nobody")
