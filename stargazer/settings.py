"""All settings, from ``STARGAZER_*`` variables and a ``.env`` file, in one frozen object."""

import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stargazer.errors import ConfigurationError
from stargazer.keyring import split_keys
from stargazer.kinds import KINDS

PREFIX = "STARGAZER_"


def _no_slash(url: str) -> str:
    return url.rstrip("/")


def _seconds(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _split(value: object) -> object:
    return (
        tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
    )


def _pair(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in map(str.strip, value.split(",")) if part]
    if not all(equals for _, equals, _ in pairs):
        raise ValueError("each part is name=value, as youtube/live_start=PT3H is a kind and a span")
    return {name.strip(): given.strip() for name, _, given in pairs}


def _known_kinds(spans: dict[str, timedelta]) -> dict[str, timedelta]:
    unknown = sorted(spans.keys() - KINDS.keys())
    if unknown:
        raise ValueError(f"there is no kind {unknown[0]!r}, only {', '.join(KINDS)}")
    return spans


def _unguessable(key: SecretStr) -> SecretStr:
    if not re.fullmatch(r"([A-Za-z0-9_-]{16,})?", key.get_secret_value()):
        raise ValueError("at least 16 letters, digits, dashes and underscores")
    return key


def _usable(keys: SecretStr) -> SecretStr:
    split_keys(keys.get_secret_value())
    return keys


Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, Field(pattern=r"^(https?://[^\s?#]+)?$"), AfterValidator(_no_slash)]
Origin = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+$")]
Span = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0))]
#: A part of an address that nobody must guess.
Key = Annotated[SecretStr, AfterValidator(_unguessable)]


class Settings(BaseSettings):
    """What an operator may choose. A span is given in seconds or as ISO 8601 (``PT5M``).

    Empty ``redis_url`` and ``mongo_url`` mean the embedded servers, started by ``stargazer up``.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    var_dir: Path = Field(Path("var"), description="where the embedded servers keep their files")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="the least severe log record that is written"
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="`text` for people, `json` for collectors"
    )

    web_host: str = Field("127.0.0.1", description="the address that the API and pages listen on")
    web_port: Port = Field(8000, description="the port of the API and pages")
    flower_port: Port = Field(5555, description="the port of Flower")
    flower_url: Url = Field(
        "",
        description="where an operator's browser finds Flower; empty: on this machine alone, at"
        " its port",
    )
    simulator_port: Port = Field(8100, description="the port of the simulated platforms")
    redis_port: Port = Field(6399, description="the port of the embedded Redis")
    mongo_port: Port = Field(27117, description="the port of the embedded database")
    public_url: Url = Field(
        "", description="the base URL under which YouTube's hub reaches us; empty: no push"
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="reverse proxies in front of the API; what they say of the caller is believed",
    )
    frontend_origins: Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split)] = Field(
        (),
        description="origins whose pages may call the API, with commas between: `https://a.example`",
    )
    frontend_urls: Annotated[dict[str, Url], NoDecode, BeforeValidator(_pair)] = Field(
        {},
        description="where subscribers of a chat app find the page of their settings, if not at"
        " the public address: `telegram=https://a.example`, with commas between",
    )
    public_status: bool = Field(
        default=False, description="show the status page at `/` to anybody, without a password"
    )

    redis_url: str = Field("", description="Redis; empty: the embedded one")
    broker_url: str = Field("", description="Celery's broker; empty: the same Redis")
    mongo_url: str = Field("", description="MongoDB with database name; empty: the embedded one")
    visibility_timeout: Span = Field(
        timedelta(minutes=5),
        description="after this long Redis gives a dead worker's messages to another",
    )

    rabbitmq_key: Key = Field(
        SecretStr(""),
        description="what RabbitMQ's questions about accounts carry; empty: none is answered",
    )

    proxy_url: str = Field("", description="an HTTP or SOCKS proxy for everything we fetch")
    http_timeout: Span = Field(
        timedelta(seconds=10), description="how long one request may wait for an answer"
    )

    tick_interval: Span = Field(
        timedelta(seconds=5), description="how often due accounts are dispatched"
    )
    heartbeat_interval: Span = Field(
        timedelta(seconds=5),
        description="how often a worker says that it is there; silent for three, it is gone",
    )
    sweep_interval: Span = Field(
        timedelta(seconds=5), description="how often the outbox and the ledger are swept"
    )
    sweep_after: Span = Field(
        timedelta(minutes=1), description="what was published but not done is published again"
    )
    stale_after: Annotated[
        dict[str, Span], NoDecode, BeforeValidator(_pair), AfterValidator(_known_kinds)
    ] = Field(
        {},
        description="how old an event may be and still be sent, where that is to be another span"
        " than usual: `youtube/live_start=PT3H`, with commas between",
    )
    delivery_lease: Span = Field(
        timedelta(minutes=1), description="how long one worker may hold deliveries in its hand"
    )
    delivery_attempts: int = Field(
        20, ge=1, le=100, description="how often one delivery is tried, while it is news"
    )
    delivery_threads: int = Field(
        32, ge=1, le=256, description="messages that one delivery worker sends at once"
    )
    private_pictures: bool = Field(
        default=False,
        description="whether pictures that a chat app does not get itself may be fetched from"
        " private networks, too: only where nobody can post addresses that you would not ask",
    )
    session_lifetime: Span = Field(
        timedelta(minutes=10), description="how long a subscriber's session token is valid"
    )

    login_lifetime: Span = Field(
        timedelta(hours=12), description="how long a client's login token is valid"
    )

    youtube_api_key: SecretStr = Field(
        SecretStr(""),
        description="YouTube Data API keys, with commas between; empty: streams look like videos",
    )
    youtube_quota: int = Field(
        10_000, ge=1, description="units that each YouTube Data API key may spend in a day"
    )
    youtube_hub_url: Url = Field(
        "https://pubsubhubbub.appspot.com", description="base URL of YouTube's push hub"
    )
    youtube_feed_url: Url = Field(
        "https://www.youtube.com", description="base URL of YouTube's channel feeds"
    )
    youtube_api_url: Url = Field(
        "https://www.googleapis.com/youtube", description="base URL of the YouTube Data API"
    )
    youtube_topic: str = Field(
        "https://www.youtube.com/xml/feeds/videos.xml?channel_id={channel_id}",
        description="the topic that is subscribed to at the hub",
        pattern=r"\{channel_id\}",
    )
    youtube_poll_interval: Span = Field(
        timedelta(minutes=5), description="how often each channel's feed is read"
    )
    youtube_follow_interval: Span = Field(
        timedelta(seconds=15), description="how often streams near their start are looked at"
    )
    reminders: Annotated[tuple[Span, ...], NoDecode, BeforeValidator(_split)] = Field(
        (timedelta(minutes=30),),
        description="how long before a scheduled stream its reminders come, with commas between",
    )
    websub_lease: Span = Field(
        timedelta(days=5), description="the lease that is asked of a hub, renewed in time"
    )

    twitter_token: SecretStr = Field(
        SecretStr(""), description="a bearer token for X's API; empty: no X"
    )
    twitter_list: str = Field(
        "",
        description="the number of a list of yours with all accounts on it, read in their place",
        pattern=r"^\d{0,20}$",
    )
    twitter_replies: bool = Field(default=False, description="whether replies on X are told, too")
    twitter_daily_dollars: float = Field(
        1.0, ge=0, description="US dollars that reading X may cost in a day (UTC); 0: no limit"
    )
    twitter_monthly_dollars: float = Field(
        20.0, ge=0, description="US dollars that reading X may cost in a month; 0: no limit"
    )
    twitter_api_url: Url = Field("https://api.x.com", description="base URL of X's API")
    twitter_poll_interval: Span = Field(
        timedelta(minutes=5), description="how often X is asked for tweets"
    )

    bilibili_cookie: SecretStr = Field(
        SecretStr(""),
        description="the cookie `SESSDATA` of an account that follows those to watch; empty: none",
    )
    bilibili_feed: str = Field(
        "",
        description="in its place: where an account's posts are as a feed, an address with `{uid}`",
        pattern=r"^(https?://.*\{uid\}.*)?$",
    )
    bilibili_api_url: Url = Field(
        "https://api.bilibili.com", description="base URL of bilibili's posts"
    )
    bililive_api_url: Url = Field(
        "https://api.live.bilibili.com", description="base URL of bilibili's live rooms"
    )
    bilibili_poll_interval: Span = Field(
        timedelta(minutes=1), description="how often bilibili is asked for posts"
    )
    bililive_poll_interval: Span = Field(
        timedelta(seconds=20), description="how often bilibili is asked who is live"
    )

    twitch_client_id: str = Field(
        "", description="the client id of an app registered at Twitch; empty: no Twitch"
    )
    twitch_client_secret: SecretStr = Field(
        SecretStr(""), description="that app's secret; empty: no Twitch"
    )
    twitch_api_url: Url = Field("https://api.twitch.tv", description="base URL of Twitch's API")
    twitch_auth_url: Url = Field(
        "https://id.twitch.tv", description="base URL where Twitch gives tokens"
    )
    twitch_poll_interval: Span = Field(
        timedelta(minutes=1), description="how often it is asked who is live on Twitch"
    )
    twitch_settle: Span = Field(
        timedelta(minutes=3),
        description="how long a stream on Twitch has to be missing before it has ended",
    )

    feed_poll_interval: Span = Field(
        timedelta(minutes=15),
        description="how often each feed is read, unless it asks for less",
    )

    secret_key: Annotated[SecretStr, AfterValidator(_usable)] = Field(
        SecretStr(""),
        description="Fernet keys that encrypt the secret addresses of chats, the newest first, with"
        " commas between; empty: no Discord, webhooks and Apprise",
    )
    discord_url: Url = Field("https://discord.com", description="base URL of Discord")
    discord_rate: float = Field(
        40, gt=0, description="messages per second to all webhooks of Discord together"
    )
    discord_chat_rate: float = Field(
        2, gt=0, description="messages per second to one webhook, unless Discord asks for less"
    )
    webhook_rate: float = Field(
        10, gt=0, description="requests per second to one receiver of signed webhooks"
    )
    apprise_rate: float = Field(
        1, gt=0, description="messages per second to one chat that Apprise writes to"
    )
    telegram_token: SecretStr = Field(
        SecretStr(""), description="the Telegram bot's token; empty: no Telegram"
    )
    telegram_updates: Literal["auto", "webhook", "poll", "off"] = Field(
        "auto",
        description="how what is said to the bot reaches us: `webhook`, `poll`, `off`; `auto` is"
        " the first with a public URL, else the second",
    )
    telegram_api_url: Url = Field(
        "https://api.telegram.org", description="base URL of the Telegram Bot API"
    )
    telegram_rate: float = Field(30, gt=0, description="messages per second of the whole bot")
    telegram_chat_rate: float = Field(1, gt=0, description="messages per second to one chat")
    telegram_group_rate: float = Field(20, gt=0, description="messages per minute to one group")

    qq_url: Url = Field(
        "", description="base URL of the OneBot v11 adapter that is logged in to QQ; empty: no QQ"
    )
    qq_token: SecretStr = Field(
        SecretStr(""), description="the access token of that adapter's HTTP server; empty: none"
    )
    qq_secret: Key = Field(
        SecretStr(""),
        description="what that adapter signs its events with; empty: none is accepted",
    )
    qq_rate: float = Field(
        40, gt=0, description="messages per minute of the whole QQ account, evenly apart"
    )
    qq_chat_rate: float = Field(
        20, gt=0, description="messages per minute to one chat on QQ, evenly apart"
    )

    translators: Annotated[
        tuple[Literal["deepl", "baidu"], ...], NoDecode, BeforeValidator(_split)
    ] = Field(
        ("deepl", "baidu"),
        description="who translates, the first choice first; one without a key is passed over",
    )
    deepl_key: SecretStr = Field(SecretStr(""), description="a DeepL API key; empty: no DeepL")
    deepl_url: Url = Field(
        "", description="base URL of DeepL's API; empty: the one that the key is for"
    )
    baidu_appid: str = Field("", description="the id of Baidu's translation API; empty: no Baidu")
    baidu_key: SecretStr = Field(
        SecretStr(""), description="the key that signs what Baidu is asked; empty: no Baidu"
    )
    baidu_url: Url = Field(
        "https://fanyi-api.baidu.com", description="base URL of Baidu's translation API"
    )
    glossary: str = Field(
        "", description="a file of names and their forms in other languages; empty: none"
    )
    translation_budget: int = Field(
        500_000,
        ge=0,
        description="characters that each translator may get in a month; 0: no limit",
    )

    templates: str = Field(
        "", description="a directory of message templates that go before our own; empty: none"
    )

    @model_validator(mode="after")
    def _fill_in_urls(self) -> Self:
        # A frozen model's validator is the one place where its own fields may still be completed.
        fields = self.__dict__
        if not self.redis_url:
            fields["redis_url"] = f"redis://127.0.0.1:{self.redis_port}/0"
        if not self.broker_url:
            fields["broker_url"] = self.redis_url
        if not self.mongo_url:
            fields["mongo_url"] = f"mongodb://127.0.0.1:{self.mongo_port}/stargazer"
        return self

    @property
    def embedded_redis(self) -> bool:
        """Whether the Redis is ours to start."""
        return self.redis_url == f"redis://127.0.0.1:{self.redis_port}/0"

    @property
    def embedded_mongo(self) -> bool:
        """Whether the database is ours to start."""
        return self.mongo_url.startswith(f"mongodb://127.0.0.1:{self.mongo_port}/")

    @property
    def longest_countdown(self) -> timedelta:
        """The longest a message may wait inside Celery.

        One with a countdown near the broker's visibility timeout is delivered many times over;
        what has to wait longer waits in the database.
        """
        return self.visibility_timeout / 4

    def get_frontend_url(self, im: str) -> str:
        """Give the base URL of the pages for subscribers on a chat app."""
        local = f"http://{self.web_host}:{self.web_port}"
        return self.frontend_urls.get(im) or self.public_url or local

    def make_session_url(self, im: str, token: str) -> str:
        """Give the link that opens the settings of a subscriber on a chat app.

        The token stands behind the ``#``, which no browser sends to a server.
        """
        return f"{self.get_frontend_url(im)}/settings/#{token}"

    def environment(self) -> dict[str, str]:
        """Give the variables from which another process gets these same settings.

        :returns: name to value, secrets included: for a child process, never for a log.
        """
        return {PREFIX + name.upper(): _write(value) for name, value in self.model_dump().items()}


def _write(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case timedelta():
            return str(value.total_seconds())
        case tuple():
            return ",".join(map(_write, value))
        case dict():
            return ",".join(f"{name}={_write(each)}" for name, each in value.items())
    return str(value)


@cache
def load_settings() -> Settings:
    """Read the settings of this process, once.

    :raises ConfigurationError: naming each wrong variable, never its value.
    """
    try:
        return Settings()
    except ValidationError as exc:
        problems = "; ".join(
            # The rest of the place is within the variable, such as which part of a list.
            f"{PREFIX}{''.join(str(part) for part in error['loc'][:1]).upper()}: {error['msg']}"
            for error in exc.errors()
        )
        raise ConfigurationError(problems) from None
