"""How the simulated sites are used by the common tests."""

from workers.sources.contract import look
from workers.sources.feed.watch import WATCHER


class Adapter:
    kind = "feed"
    target = "feeds"
    tells = "feed/new_entry"

    def __init__(self, simulator):
        self.exempt = {}
        self.feeds = simulator.feeds
        self.dates = {}

    def change_settings(self):
        return {}

    def add(self, account):
        self.dates[account] = {}
        return {"url": self.feeds.set(account, items={})}

    def publish(self, account, item, at, position=None):
        dates = self.dates[account]
        newer = sum(other > at for other in dates.values())
        dates[item] = at
        where = newer if position is None else position
        self.feeds.publish(account, item, position=where, title=item, published_at=at)

    def edit(self, account, item):
        self.feeds.publish(account, item, html="It says something else now.")

    def remove(self, account, item):
        self.dates[account].pop(item)
        self.feeds.remove(account, item)

    def hide(self, account):
        self.feeds.set(
            account, raw='<rss version="2.0"><channel><title>A site</title></channel></rss>'
        )

    def show(self, account):
        self.feeds.set(account, raw=None)

    def look(self, context, app, tasks, now):
        look(context, app, WATCHER, tasks, now)

    def read(self, event):
        return event.fields["title"]
