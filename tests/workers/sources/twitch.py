"""How the simulated Twitch is used by the common tests."""

from pydantic import SecretStr

from stargazer.simulator.twitch.world import CLIENT_ID, CLIENT_SECRET
from workers.sources.contract import look
from workers.sources.twitch.watch import WATCHER

_ONE_STREAM = "an account has one stream or none"


class Adapter:
    kind = "twitch"
    target = "twitch"
    tells = "twitch/live_start"

    def __init__(self, simulator):
        self.exempt = {
            "inserted": _ONE_STREAM,
            "out of order": _ONE_STREAM,
            "removed": _ONE_STREAM,
            "came back": "what is on again after minutes is the same; see test_twitch.py",
            "empty": "no stream is the usual answer; of many at once see test_twitch.py",
        }
        self.twitch = simulator.twitch

    def change_settings(self):
        return {
            "twitch_api_url": self.twitch.url,
            "twitch_auth_url": self.twitch.url,
            "twitch_client_id": CLIENT_ID,
            "twitch_client_secret": SecretStr(CLIENT_SECRET),
        }

    def add(self, account):
        self.twitch.set_account(account, login=f"login_{account}", title="Before")
        return {"login": f"login_{account}"}

    def publish(self, account, item, at):
        self.twitch.stop(account, push=False)
        self.twitch.set_account(account, title=item)
        self.twitch.start(account, id=item, started_at=at, push=False)

    def edit(self, account, _item):
        self.twitch.set_account(account, title="Another title")

    def look(self, context, app, tasks, now):
        look(context, app, WATCHER, tasks, now)

    def read(self, event):
        return event.source_id
