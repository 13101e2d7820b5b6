"""Who plays: three VTubers, four chats on Telegram, and one inbox on the page."""

from typing import Literal, NamedTuple

from stargazer.accounts import hash_password
from stargazer.client import ApiError, Client
from stargazer.context import Context
from stargazer.kinds import KINDS
from stargazer.models import Account

USERNAME = "demo"
#: Known to everybody, as all that it opens is made up, and on this machine alone.
PASSWORD = "stargazer-demo"  # noqa: S105


class Star(NamedTuple):
    """A VTuber of the story."""

    channel_id: str
    title: str
    names: dict[str, str]


class Chat(NamedTuple):
    """A chat of the story, and whom it follows by their place in :data:`STARS`."""

    im: Literal["telegram", "web"]
    im_payload: str
    name: str
    language: str
    timezone: str
    follows: tuple[int, ...]


STARS = (
    Star(
        "UCdemoHoshizoraAoi00000A",
        "Aoi Ch. 星空アオイ",
        {"ja": "星空アオイ", "en": "Hoshizora Aoi", "zh": "星空葵"},
    ),
    Star(
        "UCdemoKitsuneMikoto0000B",
        "Mikoto Ch. 狐ミコト",
        {"ja": "狐ミコト", "en": "Kitsune Mikoto", "zh": "狐命"},
    ),
    Star(
        "UCdemoRavenNightingale0C",
        "Raven Nightingale",
        {"en": "Raven Nightingale", "ja": "レイヴン", "zh": "夜莺"},
    ),
)
CHATS = (
    Chat("telegram", "1001", "Hana", "ja", "Asia/Tokyo", (0, 1, 2)),
    Chat("telegram", "1002", "小明", "zh", "Asia/Shanghai", (0, 2)),
    Chat("telegram", "1003", "Alex", "en", "Europe/Berlin", (0, 1)),
    Chat("telegram", "-1001004", "VTuber Club", "en", "America/New_York", (0, 1, 2)),
    Chat("web", "inbox", "The inbox on this page", "en", "UTC", (0, 1, 2)),
)


def open_client(context: Context, base_url: str) -> Client:
    """Give a client of the API, with an account that may do all that is needed here."""
    permissions = {"admin": "rw", "api": "rw", "coordinator": "rw"}
    context.store.accounts.save(
        Account(username=USERNAME, hash=hash_password(PASSWORD), permissions=permissions)
    )
    return Client(base_url, username=USERNAME, password=PASSWORD)


def load_cast(client: Client, base_url: str) -> None:
    """Add the stars and chats that are not there yet, and set what each chat wants to hear."""
    entities = _load_stars(client)
    for chat in CHATS:
        _add_chat(client, chat)
        token = client.new_session(im=chat.im, im_payload=chat.im_payload)["token"]
        followed = [entities[star] for star in chat.follows]
        with Client(base_url, token=token) as subscriber:
            subscriber.update_setting(
                event_filter={"entities": followed, "kinds": list(KINDS)},
                language=chat.language,
                timezone=chat.timezone,
            )


def _add_chat(client: Client, chat: Chat) -> None:
    try:
        client.add_user(im=chat.im, im_payload=chat.im_payload, name=chat.name)
    except ApiError as exc:
        # It is there since the story was told the last time.
        if exc.code != "user_exists":
            raise


def _load_stars(client: Client) -> list[str]:
    known = {
        task["params"].get("channel_id"): entity["id"]
        for entity in client.iterate_entities()
        for task in entity["tasks"]
    }
    for star in STARS:
        if star.channel_id not in known:
            added = client.new_entity(
                meta={"name": {"name": star.names, "default_language": next(iter(star.names))}},
                tasks=[{"kind": "youtube", "params": {"channel_id": star.channel_id}}],
            )
            known[star.channel_id] = added["id"]
    return [known[star.channel_id] for star in STARS]
