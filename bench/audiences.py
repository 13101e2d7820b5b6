"""The chat apps that a run under faults tells something, each with its chats at the simulator.

A chat app is a row of :data:`AUDIENCES`: how its chats are made, what it documents, and how what
it got is read out of its journal. Pace is what it documents, times a factor which is the same in
the simulator's limits and in our settings, so that a run takes minutes in place of days.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cryptography.fernet import Fernet
from pydantic import SecretStr

from stargazer import addresses
from stargazer.keyring import Keyring
from stargazer.models import EventFilter, User, UserSettings
from stargazer.simulator.client import Simulator

#: Every so many chats on Telegram and QQ are groups.
_GROUPS = 10
#: QQ is so slow that it would take days even at the factor of the others.
_QQ_SCALE = 15
_WEBHOOKS, _TOKEN = 10**17, "token-of-the-webhook-{}"
_NAME = re.compile(r"watch\?v=([\w-]+)")
READERS = (("ja", "Asia/Tokyo"), ("en", "Europe/Berlin"), ("zh", "Asia/Shanghai"), ("en", "UTC"))

Faults = Sequence[Mapping[str, Any]]
#: What may go wrong, and how often: refused, out of order, and silent about what was taken or not.
FAULTS: Faults = (
    {"status": 429, "retry_after": 1, "rate": 0.05},
    {"status": 502, "rate": 0.02},
    {"drop": True, "accept": True, "rate": 0.004},
    {"drop": True, "rate": 0.003},
)
#: A 502 would say that the adapter is away, for whom everything waits; and a pause, which is for
#: all chats, is as long as it would be at the pace that people see. 1200 is said of what did
#: arrive.
_QQ_FAULTS: Faults = (
    {"status": 429, "retry_after": 0.05, "rate": 0.05},
    {"status": 500, "rate": 0.02},
    {"code": 1200, "rate": 0.004},
    *FAULTS[2:],
)


class Chat(NamedTuple):
    """A chat as it is given to us, and what its chat app's journal calls it."""

    given: str
    name: str


class Audience(NamedTuple):
    """The chats on one chat app.

    :ivar process: that of the Procfile which sends there.
    :ivar documented: the limits, for people.
    :ivar takes_twice: whether it takes the same message again; others know it by its key.
    :ivar make: makes one of its chats at the simulator, by its number and the factor.
    :ivar choose: gives our settings of its pace, by the factor.
    :ivar limit: gives its limits at the simulator, by the factor.
    :ivar read: gives what an entry of its journal says: the chat's name and a text with the video.
    :ivar faults: what may go wrong there.
    """

    im: str
    process: str
    documented: str
    takes_twice: bool
    make: Callable[[Simulator, int, float], Chat]
    choose: Callable[[float], dict[str, float]]
    limit: Callable[[float], dict[str, float]]
    read: Callable[[Mapping[str, Any]], tuple[str, str]]
    faults: Faults = FAULTS

    def add_chats(self, simulator: Simulator, count: int, factor: float) -> list[Chat]:
        """Make so many chats at the simulator."""
        return [self.make(simulator, number, factor) for number in range(count)]

    def read_entry(self, entry: Mapping[str, Any]) -> tuple[str, str] | None:
        """Give the chat's name and the video of an entry; None when it is of something else."""
        name, text = self.read(entry)
        found = _NAME.search(text)
        return (name, found[1]) if found else None


def make_secret_key() -> SecretStr:
    """Make a key to keep addresses with."""
    return SecretStr(Fernet.generate_key().decode())


def make_users(
    audience: Audience, chats: Sequence[Chat], wish: EventFilter, key: SecretStr
) -> dict[str, User]:
    """Make a User of each chat, by the chat's name; they read in different ways."""
    keyring = Keyring(key)
    users = {}
    for number, chat in enumerate(chats):
        name, sealed = addresses.seal(keyring, audience.im, chat.given)
        language, timezone = READERS[number % len(READERS)]
        users[chat.name] = User(
            im=audience.im,
            im_payload=name,
            sealed=sealed,
            event_filter=wish,
            settings=UserSettings(language=language, timezone=timezone),
        )
    return users


def _make_telegram(_simulator: Simulator, number: int, _factor: float) -> Chat:
    chat = 100_000 + number
    return Chat(name := str(chat if number % _GROUPS else -chat), name)


def _make_qq(simulator: Simulator, number: int, _factor: float) -> Chat:
    number += 100_000
    is_group = number % _GROUPS == 0
    add = simulator.qq.set_group if is_group else simulator.qq.add_friend
    return Chat(name := add(number), name)


def _read_qq(entry: Mapping[str, Any]) -> tuple[str, str]:
    parameters = entry["parameters"]
    message = parameters.get("message", ())
    text = "".join(part["data"]["text"] for part in message if part["type"] == "text")
    if "group_id" in parameters:
        return f"group:{parameters['group_id']}", text
    return f"private:{parameters.get('user_id')}", text


def _make_discord(simulator: Simulator, number: int, factor: float) -> Chat:
    name = str(_WEBHOOKS + number)
    limit = {"limit": max(1, round(5 * factor)), "per": 2.0}
    given = simulator.discord.set_webhook(name, token=_TOKEN.format(number), **limit)
    return Chat(given, name)


def _make_receiver(simulator: Simulator, number: int, factor: float) -> Chat:
    name = f"receiver-{number}"
    return Chat(simulator.receivers.set_receiver(name, per_second=10 * factor), name)


def _make_service(simulator: Simulator, number: int, factor: float) -> Chat:
    name = f"service-{number}"
    return Chat(simulator.receivers.set_service(name, per_second=factor), name)


AUDIENCES: Mapping[str, Audience] = {
    each.im: each
    for each in (
        Audience(
            "telegram",
            "delivery",
            "30/s for the bot, 1/s to a chat, 20/min to a group",
            takes_twice=True,
            make=_make_telegram,
            choose=lambda factor: {
                "telegram_rate": 30 * factor,
                "telegram_chat_rate": factor,
                "telegram_group_rate": 20 * factor,
            },
            limit=lambda factor: {
                "global_per_second": 30 * factor,
                "chat_per_second": factor,
                "group_per_minute": 20 * factor,
                "burst": max(1, int(factor)),
            },
            read=lambda entry: (str(entry["chat_id"]), str(entry["text"])),
        ),
        Audience(
            "qq",
            "qq",
            f"40/min for the account, 20/min to a chat (ours: STARGAZER_QQ_RATE; {_QQ_SCALE} times"
            " as fast as the others are)",
            takes_twice=True,
            make=_make_qq,
            choose=lambda factor: {
                "qq_rate": 40 * factor * _QQ_SCALE,
                "qq_chat_rate": 20 * factor * _QQ_SCALE,
            },
            limit=lambda factor: {
                "qq_per_minute": 40 * factor * _QQ_SCALE,
                # What would come in a second and a half comes at once.
                "qq_burst": max(1, int(factor * _QQ_SCALE)),
            },
            read=_read_qq,
            faults=_QQ_FAULTS,
        ),
        Audience(
            "discord",
            "delivery",
            "50/s for all webhooks, 5 in 2 s to one (we: 40/s, 2/s)",
            takes_twice=True,
            make=_make_discord,
            choose=lambda factor: {"discord_rate": 40 * factor, "discord_chat_rate": 2 * factor},
            limit=lambda factor: {
                "discord_per_second": 50 * factor,
                "discord_invalid": round(10_000 * factor),
            },
            read=lambda entry: (entry["webhook"], str(entry["message"]["embeds"][0].get("url"))),
        ),
        Audience(
            "webhook",
            "elsewhere",
            "10/s to a receiver (ours: STARGAZER_WEBHOOK_RATE)",
            takes_twice=False,
            make=_make_receiver,
            choose=lambda factor: {"webhook_rate": 10 * factor},
            limit=lambda _factor: {},
            read=lambda entry: (entry["receiver"], str(entry["body"]["message"]["url"])),
        ),
        Audience(
            "apprise",
            "elsewhere",
            "1/s to a chat (ours: STARGAZER_APPRISE_RATE)",
            takes_twice=True,
            make=_make_service,
            choose=lambda factor: {"apprise_rate": factor},
            limit=lambda _factor: {},
            read=lambda entry: (entry["receiver"], str(entry["body"]["message"])),
        ),
    )
}
