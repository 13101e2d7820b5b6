"""How the simulated live rooms of bilibili are used by the common tests."""

from workers.sources.bililive import WATCHER
from workers.sources.contract import look

_ONE_STREAM = "a room has one stream or none"


class Adapter:
    kind = "bililive"
    target = "bililive"
    tells = "bililive/live_start"

    def __init__(self, simulator):
        self.bilibili = simulator.bilibili
        self.uids = {}
        self.exempt = {
            "inserted": _ONE_STREAM,
            "out of order": _ONE_STREAM,
            "removed": _ONE_STREAM,
            "came back": "what is on again after minutes is the same; see test_bililive.py",
            "empty": "no stream is the usual answer; of rooms left out see test_bililive.py",
        }

    def change_settings(self):
        return {"bililive_api_url": self.bilibili.live_url}

    def add(self, account):
        uid = self.uids[account] = str(len(self.uids) + 1)
        self.bilibili.set_room(uid, room_id=int(uid) + 1000, uname=account, title="Before")
        return {"uid": uid}

    def publish(self, account, item, at):
        self.bilibili.set_room(self.uids[account], title=item, live_status=1, live_time=at)

    def edit(self, account, _item):
        self.bilibili.set_room(self.uids[account], title="Another title")

    def look(self, context, app, tasks, now):
        look(context, app, WATCHER, tasks, now)

    def read(self, event):
        return event.fields["title"]
