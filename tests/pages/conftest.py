"""The pages in a real browser: Debian's Chromium, driven by Playwright."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from api import create_app
from stargazer.accounts import new_session
from stargazer.models import Entity, EventFilter, Group, Meta, Name, Task, User, UserSettings

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
AXE = (Path(__file__).parent / "vendored/axe.min.js").read_text("utf-8")
GRAVE = {"serious", "critical"}
PATIENCE = 10_000


@pytest.fixture(scope="module")
def browser():
    # For one module at a time: while it runs, this thread has a running event loop.
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        options = {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Give a function that opens a page of a device; nothing may go wrong in it.

    Afterwards it is seen that its console is clean, and that it asked its own hosts only.
    """
    contexts, said, asked = [], [], []

    def open_page(
        url="about:blank", *, width=1000, height=800, scheme="light", locale="en-GB", hosts=()
    ):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale=locale,
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        own = {urlsplit(each).netloc for each in (url, *hosts)}
        page.on("console", lambda message: message.type == "error" and said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request",
            lambda request: (
                urlsplit(request.url).netloc in own or asked.append(request.url)
            ),
        )
        # What a page asked for in vain, as with a session that is over, Chromium says as well.
        page.said = said
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    assert asked == []


@pytest.fixture
def forgive():
    """Give a function that takes from a page's console what Chromium says of refused requests."""

    def forgive(page, status):
        refused = [text for text in page.said if f"status of {status}" in text]
        assert refused
        for text in refused:
            page.said.remove(text)

    return forgive


@pytest.fixture
def find_violations():
    """Give a function that lists what axe-core finds grave about a page as it is now."""

    def find(page):
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document)")
        return [
            f"{each['id']}: {node['html']}: {node['failureSummary']}"
            for each in found["violations"]
            if each["impact"] in GRAVE
            for node in each["nodes"]
        ]

    return find


@pytest.fixture
def is_wide():
    """Give a function that tells whether a page has to be pushed sideways to be read."""

    def is_wide(page):
        return page.evaluate("document.documentElement.scrollWidth > innerWidth")

    return is_wide


@pytest.fixture
def app(settings, store):  # noqa: ARG001 - which has the indexes
    app = create_app(settings)
    yield app
    app.extensions["stargazer.state"].close()


@pytest.fixture
def site(app, serve):
    """Give the address of the API and its pages."""
    return serve(app)


class Cast:
    """Who is watched: an agency of two, and one alone; and one chat."""

    def __init__(self, store):
        self._store = store
        self.agency = Group(name=make_name(en="Starlight", ja="スターライト"))
        store.groups.save(self.agency)
        self.sora = self.add("星野ソラ", "Hoshino Sora", "youtube", "twitter", group=self.agency.id)
        self.luna = self.add("月宮ルナ", "Tsukimiya Luna", "twitch", group=self.agency.id)
        self.aoi = self.add("青空アオイ", "Aozora Aoi", "youtube", "bilibili", "bililive")
        wish = EventFilter(kinds=frozenset({"youtube/live_start"}))
        settings = UserSettings(language="ja", timezone="Asia/Tokyo")
        self.user = User(
            im="telegram", im_payload="-1001", name="星見の部屋", event_filter=wish, settings=settings
        )
        store.users.save(self.user)

    def add(self, ja, en, *kinds, group=None):
        """Have one more who is watched there."""
        params = {
            "youtube": {"channel_id": f"UC{abs(hash(en)):022d}"[:24]},
            "twitter": {"id": en.split()[0].lower()},
            "bilibili": {"uid": "1"},
            "bililive": {"uid": "1"},
            "twitch": {"login": en.split()[0].lower()},
        }
        entity = Entity(meta=Meta(name=make_name(ja=ja, en=en), group=group))
        self._store.entities.save(entity)
        for kind in kinds:
            self._store.tasks.save(Task(entity=entity.id, kind=kind, params=params[kind]))
        return entity

    def give_token(self, lifetime=timedelta(minutes=10)):
        """Begin a Session of the chat."""
        return new_session(self._store, self.user.id, datetime.now(UTC), lifetime)[0]

    @property
    def wish(self):
        """What the chat wants to hear by now."""
        return self._store.users.find(self.user.id).event_filter

    @property
    def settings(self):
        """How it wants to hear it by now."""
        return self._store.users.find(self.user.id).settings


def make_name(**names):
    return Name(name=names, default_language="ja" if "ja" in names else "en")


@pytest.fixture
def cast(store):
    return Cast(store)
