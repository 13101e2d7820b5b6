"""Where news come from: one module or package per platform."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from stargazer.settings import Settings


class Source(NamedTuple):
    """How the Tasks of a kind are watched.

    :ivar span: how often each is looked at.
    :ivar most: how many one batch may have, so that it is done within seconds.
    :ivar gathers: whether one request asks for many accounts, so that whoever is due takes along
        those that are due soon.
    :ivar together: whether one request asks for all accounts there are, so that one worker alone
        is to have them.
    """

    span: Callable[[Settings], timedelta]
    most: int
    gathers: bool = False
    together: Callable[[Settings], bool] = lambda _settings: False


#: By kind, which is also the name of its queue: whoever consumes that serves the kind.
SOURCES: Mapping[str, Source] = {
    "youtube": Source(span=lambda settings: settings.youtube_poll_interval, most=200),
    "bilibili": Source(
        span=lambda settings: settings.bilibili_poll_interval,
        most=10_000,
        gathers=True,
        # A feed of each account can be read by whoever has it.
        together=lambda settings: bool(settings.bilibili_cookie.get_secret_value()),
    ),
    "bililive": Source(
        span=lambda settings: settings.bililive_poll_interval, most=2000, gathers=True
    ),
    "twitter": Source(
        span=lambda settings: settings.twitter_poll_interval,
        most=1000,
        gathers=True,
        together=lambda settings: bool(settings.twitter_list),
    ),
    "twitch": Source(span=lambda settings: settings.twitch_poll_interval, most=2000, gathers=True),
    "feed": Source(span=lambda settings: settings.feed_poll_interval, most=100),
}
