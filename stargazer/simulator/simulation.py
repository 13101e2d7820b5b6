"""Everything that one running simulator keeps, in one place."""

from pathlib import Path

from stargazer.simulator.bilibili.world import BilibiliWorld
from stargazer.simulator.bots import Bots
from stargazer.simulator.courier import Courier
from stargazer.simulator.delivery import Delivery
from stargazer.simulator.discord.world import DiscordWorld
from stargazer.simulator.faults import Faults
from stargazer.simulator.feeds.world import FeedsWorld
from stargazer.simulator.journal import Journal
from stargazer.simulator.limits import Limits
from stargazer.simulator.linguist import Linguist
from stargazer.simulator.onebot.world import OneBotWorld
from stargazer.simulator.quota import Keys
from stargazer.simulator.receivers.world import ReceiversWorld
from stargazer.simulator.statefile import StateFile
from stargazer.simulator.talk.mailbox import Postman
from stargazer.simulator.twitch.world import TwitchWorld
from stargazer.simulator.twitter.world import TwitterWorld
from stargazer.simulator.world import World


class Simulation:
    """The state behind the URLs.

    :param state_file: from which videos and subscriptions are found again; None forgets them.
    :ivar limits: may be replaced at any time; whoever needs it reads it anew.
    """

    def __init__(self, state_file: Path | None = None) -> None:
        self.limits = Limits()
        self.journal = Journal()
        self.faults = Faults()
        self.world = World(StateFile(state_file) if state_file is not None else None)
        self.courier = Courier()
        self.delivery = Delivery(self.world, self.faults, self.journal, self.courier)
        self.keys = Keys()
        self.bots = Bots(Postman(self.courier, self.faults, self.journal))
        self.linguist = Linguist()
        self.twitter = TwitterWorld()
        self.twitch = TwitchWorld()
        self.bilibili = BilibiliWorld()
        self.feeds = FeedsWorld()
        self.discord = DiscordWorld()
        self.receivers = ReceiversWorld()
        self.onebot = OneBotWorld()
