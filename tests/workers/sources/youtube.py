"""How the simulated YouTube is used by the common tests: its feeds alone, without a key."""

from pydantic import SecretStr

from workers.sources.youtube.watch import YouTubeWatch


class Adapter:
    kind = "youtube"
    target = "feed"
    tells = "youtube/new_video"

    def __init__(self, simulator):
        self.exempt = {
            "empty": "the feed of a channel with videos may be empty for hours; nothing follows"
            " from what it leaves out",
        }
        self.simulator = simulator

    def change_settings(self):
        return {
            "youtube_feed_url": self.simulator.youtube_url,
            "youtube_api_url": self.simulator.youtube_url,
            "youtube_api_key": SecretStr(""),
        }

    def add(self, account):
        self.simulator.set_channel(f"UC{account:0>22}", title=account)
        return {"channel_id": f"UC{account:0>22}"}

    def publish(self, account, item, at):
        channel = f"UC{account:0>22}"
        self.simulator.set_video(item, channel_id=channel, title=item, published_at=at, push=False)

    def edit(self, _account, item):
        self.simulator.set_video(item, title="Another title", push=False)

    def remove(self, _account, item):
        self.simulator.delete_video(item, push=False)

    def look(self, context, app, tasks, now):
        YouTubeWatch(app, context, now).poll(
            [
                task
                for task in tasks
                if not task.watch.paused_until or task.watch.paused_until <= now
            ]
        )

    def read(self, event):
        return event.source_id
