"""How the simulated bilibili is used by the common tests."""

from pydantic import SecretStr

from stargazer.simulator.bilibili.world import COOKIE
from workers.sources.bilibili import WATCHER
from workers.sources.contract import look


class Adapter:
    kind = "bilibili"
    target = "bilibili"
    tells = "bilibili/new_dynamic"

    def __init__(self, simulator):
        self.bilibili = simulator.bilibili
        self.uids = {}
        self.exempt = {}

    def change_settings(self):
        return {
            "bilibili_api_url": self.bilibili.url,
            "bilibili_cookie": SecretStr(COOKIE),
        }

    def add(self, account):
        uid = self.uids[account] = str(len(self.uids) + 1)
        return {"uid": uid}

    def publish(self, account, item, at):
        uid = int(self.uids[account])
        self.bilibili.set_post(item, uid=uid, name=account, text=item, published_at=at)

    def edit(self, _account, item):
        self.bilibili.set_post(item, text="Another text")

    def remove(self, _account, item):
        self.bilibili.remove_post(item)

    def hide(self, _account):
        self.bilibili.set_hollow(is_hollow=True)

    def show(self, _account):
        self.bilibili.set_hollow(is_hollow=False)

    def look(self, context, app, tasks, now):
        look(context, app, WATCHER, tasks, now)

    def read(self, event):
        return event.source_id
