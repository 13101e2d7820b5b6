"""How the simulated X is used by the common tests: timeline by timeline, and by a list."""

from pydantic import SecretStr

from stargazer.simulator.twitter.world import TOKEN
from workers.sources.contract import look
from workers.sources.twitter import WATCHER


class Adapter:
    kind = "twitter"
    target = "twitter"
    tells = "twitter/new_tweet"

    def __init__(self, simulator):
        self.twitter = simulator.twitter
        self.keys = {}
        self.tweets = {}
        self.numbers = {}
        only_newer = "ids are dates, and asked for is only what came since the last one"
        self.exempt = {
            "inserted": only_newer,
            "out of order": only_newer,
            "empty": f"{only_newer}, which mostly is nothing",
        }

    def change_settings(self):
        return {
            "twitter_api_url": self.twitter.url,
            "twitter_token": SecretStr(TOKEN),
            "twitter_daily_dollars": 0.0,
            "twitter_monthly_dollars": 0.0,
        }

    def add(self, account):
        key = self.keys[account] = str(len(self.keys) + 1)
        self.twitter.set_account(key, username=account, name=account)
        return {"id": account}

    def publish(self, account, item, at):
        number = self.numbers.setdefault(item, len(self.numbers))
        key = self.twitter.tweet(self.keys[account], at, item, number=number)
        self.tweets[item] = key, at

    def edit(self, account, item):
        key, at = self.tweets[item]
        self.twitter.tweet(self.keys[account], at, "Another text", number=99, history=[key])

    def remove(self, _account, item):
        self.twitter.remove(self.tweets[item][0])

    def look(self, context, app, tasks, now):
        look(context, app, WATCHER, tasks, now)

    def read(self, event):
        return event.fields["text"]


class ListAdapter(Adapter):
    way = "list"

    def __init__(self, simulator):
        super().__init__(simulator)
        self.exempt = {"empty": "a list on which nobody says anything is read to its end"}

    def change_settings(self):
        return {**super().change_settings(), "twitter_list": "77"}

    def add(self, account):
        params = super().add(account)
        self.twitter.set_list("77", list(self.keys.values()))
        return params
