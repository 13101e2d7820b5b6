"""How the example of docs/adding-a-platform.md is used by the common tests.

Pebble answers with posts in JSON, as the simulated sites do in JSON Feed.
"""

import re
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import ModuleType

from stargazer.app import app
from stargazer.platforms.registry import PLATFORMS
from workers.sources import SOURCES, Source
from workers.sources.contract import look

PAGE = Path(__file__).parents[3] / "docs/adding-a-platform.md"
MODULES = ("stargazer.platforms.pebble", "workers.sources.pebble")


def load_example(url):
    """Make modules of what the page shows, with the platform at another address."""
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    modules = []
    try:
        for name, block in zip(MODULES, blocks, strict=True):
            module = sys.modules[name] = ModuleType(name)
            exec(block.replace("https://pebble.example/posts", url), module.__dict__)
            modules.append(module)
    finally:
        for name in MODULES:
            sys.modules.pop(name, None)
        app.tasks.pop("pebble.poll", None)
    return modules


class Adapter:
    kind = "pebble"
    target = "feeds"
    tells = "pebble/new_post"

    def __init__(self, simulator):
        self.feeds = simulator.feeds
        self.exempt = {"moving": "nobody here has registered it, so its accounts are left out"}
        self.platform, self.source = load_example(self.feeds.url)

    def change_settings(self):
        return {}

    def add(self, account):
        self.feeds.set(account, form="json", items={})
        return {"name": account}

    def publish(self, account, item, at):
        self.feeds.publish(account, item, title=item, published_at=at)

    def edit(self, account, item):
        self.feeds.publish(account, item, html="It says something else now.")

    def remove(self, account, item):
        self.feeds.remove(account, item)

    def hide(self, account):
        self.feeds.set(account, raw='{"items": []}')

    def show(self, account):
        self.feeds.set(account, raw=None)

    def look(self, context, app, tasks, now):
        with self._registered():
            look(context, app, self.source.WATCHER, tasks, now)

    def read(self, event):
        return event.fields["title"]

    @contextmanager
    def _registered(self):
        PLATFORMS[self.kind] = self.platform.PEBBLE
        SOURCES[self.kind] = Source(span=lambda _settings: timedelta(minutes=5), most=100)
        try:
            yield
        finally:
            del PLATFORMS[self.kind], SOURCES[self.kind]
