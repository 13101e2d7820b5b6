"""A real browser for tests: Debian's Chromium, driven by Playwright."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
AXE = Path(__file__).parent / "pages/vendored/axe.min.js"
GRAVE = {"serious", "critical"}
PATIENCE = 10_000


@pytest.fixture(scope="module")
def browser():
    # For one module at a time: while it runs, this thread has a running event loop.
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    # It takes a moment to load, which the other tests need not wait for.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

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
            lambda request: urlsplit(request.url).netloc in own or asked.append(request.url),
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
        page.evaluate(AXE.read_text("utf-8"))
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
