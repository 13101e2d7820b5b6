"""Who plays: three VTubers, four chats on Telegram, and one inbox on the page."""

import secrets
from typing import Any, NamedTuple

import requests

from stargazer.accounts import hash_password
from stargazer.context import Context
from stargazer.kinds import KINDS
from stargazer.models import Account

_USERNAME = "demo"


class Star(NamedTuple):
    """A VTuber of the story."""

    channel_id: str
    title: str
    names: dict[str, str]


class Chat(NamedTuple):
    """A chat of the story, and whom it follows by their place in :data:`STARS`."""

    im: str
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


class Api:
    """Calls the API as any client does.

    :raises RuntimeError: when an answer is an error that was not expected.
    """

    def __init__(self, context: Context, base_url: str) -> None:
        password = secrets.token_urlsafe(24)
        permissions = {"admin": "rw", "api": "rw"}
        context.store.accounts.save(
            Account(username=_USERNAME, hash=hash_password(password), permissions=permissions)
        )
        self._base_url = base_url
        self._credentials = (_USERNAME, password)

    def call(
        self,
        method: str,
        parameters: dict[str, Any],
        *,
        session: str = "",
        accept: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Call a method; errors whose code is among ``accept`` are given back as data.

        :param session: the token of a subscriber's session, for what only a subscriber may do.
        """
        answer = requests.post(
            f"{self._base_url}/v1/{method}",
            json=parameters,
            timeout=10,
            auth=None if session else self._credentials,
            headers={"Authorization": f"Bearer {session}"} if session else {},
        )
        data: dict[str, Any] = answer.json()["data"]
        if answer.ok or data["code"] in accept:
            return data
        raise RuntimeError(f"{method}: {data['error']}")


def load_cast(api: Api) -> None:
    """Add the stars and chats that are not there yet, and set what each chat wants to hear."""
    entities = _load_stars(api)
    for chat in CHATS:
        address = {"im": chat.im, "im_payload": chat.im_payload}
        api.call("addUser", {**address, "name": chat.name}, accept=("user_exists",))
        token = api.call("newSession", address)["token"]
        wish = {"entities": [entities[star] for star in chat.follows], "kinds": list(KINDS)}
        reader = {"language": chat.language, "timezone": chat.timezone}
        api.call("updateSetting", {"event_filter": wish, **reader}, session=token)


def _load_stars(api: Api) -> list[str]:
    known = {
        task["params"].get("channel_id"): entity["id"]
        for entity in api.call("getEntities", {})["entities"]
        for task in entity["tasks"]
    }
    for star in STARS:
        if star.channel_id not in known:
            name = {"name": star.names, "default_language": next(iter(star.names))}
            task = {"kind": "youtube", "params": {"channel_id": star.channel_id}}
            added = api.call("addEntity", {"meta": {"name": name}, "tasks": [task]})
            known[star.channel_id] = added["id"]
    return [known[star.channel_id] for star in STARS]
