"""While chat apps answer with errors, each message arrives once, in order, within every limit."""

import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from stargazer import addresses
from stargazer.delivery import Sender
from stargazer.keyring import Keyring
from stargazer.ledger import rebuild_lines
from stargazer.lines import Lines
from stargazer.models import Delivery, DeliveryState, Entity, Meta, Name, StoredEvent, User
from stargazer.simulator.onebot.world import TOKEN
from workers.im.discord import Discord
from workers.im.qq import QQ
from workers.im.webhook import Webhook

KEY = SecretStr(Fernet.generate_key().decode())
CHATS, EVENTS, LIMIT = 30, 4, 60.0
FAULTS = (
    {"status": 429, "retry_after": 1, "rate": 0.05},
    {"status": 502, "rate": 0.03},
    {"drop": True, "accept": True, "rate": 0.03},
)
#: An adapter has numbers of its own, and one of them leaves it open, too.
QQ_FAULTS = (
    {"code": 1200, "rate": 0.03},
    {"status": 500, "rate": 0.03},
    {"drop": True, "accept": True, "rate": 0.03},
)


def make_discord_chats(simulator):
    return [
        simulator.discord.set_webhook(f"{10**17 + number}", token=f"token-of-the-webhook-{number}")
        for number in range(CHATS)
    ]


def make_receivers(simulator):
    return [
        simulator.receivers.set_receiver(f"receiver{number}", per_second=10)
        for number in range(CHATS)
    ]


def make_groups(simulator):
    return [simulator.qq.set_group(900_000 + number) for number in range(CHATS)]


def read_discord(entry):
    return entry["webhook"], entry["message"]["embeds"][0]["description"]


def read_webhook(entry):
    return entry["receiver"], entry["body"]["event"]["fields"]["title"]


def read_qq(entry):
    parameters = entry["parameters"]
    return parameters["group_id"], parameters["message"][0]["data"]["text"].splitlines()[1]


@pytest.mark.parametrize(
    ("chat_app", "make_chats", "read", "is_ambiguous"),
    [
        (Discord, make_discord_chats, read_discord, True),
        (Webhook, make_receivers, read_webhook, False),
        (QQ, make_groups, read_qq, True),
    ],
    ids=["discord", "webhook", "qq"],
)
def test_nothing_is_lost_or_doubled(
    make_context, store, simulator, chat_app, make_chats, read, is_ambiguous
):
    context = make_context(
        secret_key=KEY,
        discord_url=simulator.discord.url,
        qq_url=simulator.qq.url,
        qq_token=SecretStr(TOKEN),
        # A hundred times as fast as people bear it, so that nobody measures it.
        qq_rate=4000.0,
        qq_chat_rate=2000.0,
        delivery_attempts=20,
        delivery_threads=8,
    )
    simulator.set_limits(qq_per_minute=None)
    users = add_users(store, chat_app.im, make_chats(simulator))
    events = add_events(store, users)
    simulator.set_seed(1)
    for fault in QQ_FAULTS if chat_app is QQ else FAULTS:
        simulator.add_fault(chat_app.im, **fault)

    rebuild_lines(store, Lines(context.redis))
    sender = Sender(context, chat_app(context), context.settings.delivery_threads)
    deadline = time.monotonic() + LIMIT
    while store.deliveries.count_by_state().get(DeliveryState.PENDING):
        assert time.monotonic() < deadline, "not all was delivered in time"
        for event in events:
            sender.deliver(event.id, [user.id for user in users])
        time.sleep(0.05)

    assert simulator.counters()["limit_breaks"] == {}
    arrived = defaultdict(list)
    journal = simulator.journal(target=chat_app.im)
    for entry in journal:
        if entry["delivered"]:
            chat, title = read(entry)
            arrived[chat].append(title)
    titles = [event.fields["title"] for event in events]
    assert list(arrived.values()) == [titles] * CHATS
    silent = sum(entry["status"] is None or entry.get("fault") == "code" for entry in journal)
    assert silent
    unknown = silent if is_ambiguous else 0
    wanted = {DeliveryState.SENT: CHATS * EVENTS - unknown, DeliveryState.UNKNOWN: unknown}
    states = store.deliveries.count_by_state()
    assert states == {state: count for state, count in wanted.items() if count}


def add_users(store, im, given):
    users = []
    for address in given:
        name, sealed = addresses.seal(Keyring(KEY), im, address)
        users.append(User(im=im, im_payload=name, sealed=sealed))
        store.users.save(users[-1])
    return users


def add_events(store, users):
    entity = Entity(meta=Meta(name=Name(name={"en": "Sora"}, default_language="en")))
    store.entities.save(entity)
    events, began = [], datetime.now(UTC)
    for number in range(EVENTS):
        now = began + timedelta(milliseconds=10 * number)
        fields = {"video_id": f"v{number}", "title": f"Title {number}", "url": "https://v.test"}
        times = {"happened_at": now, "created_at": now}
        kind = "youtube/new_video"
        events.append(StoredEvent(kind=kind, entity=entity.id, fields=fields, **times))
        store.events.save(events[-1])
        store.deliveries.add(
            [
                Delivery(event=events[-1].id, user=user.id, im=user.im, created_at=now, due_at=now)
                for user in users
            ]
        )
    return events
