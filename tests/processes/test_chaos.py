"""Nothing lost, nothing twice, while what carries it is killed."""

import time
from collections import Counter

import pytest

from stargazer.models import DeliveryState

pytestmark = [pytest.mark.processes, pytest.mark.timeout(280)]

EVENTS = 200
CHATS = [str(1000 + number) for number in range(50)]
THREADS = 8


def video_id(number):
    return f"chaos-{number:05d}"


def find_video(text):
    return text.partition("watch?v=")[2]


def test_killing_workers_and_redis_loses_nothing_and_repeats_what_was_in_hand(make_system):
    system = make_system(
        tick_interval=1,
        sweep_interval=1,
        sweep_after=5,
        delivery_lease=10,
        delivery_threads=THREADS,
        visibility_timeout=10,
        youtube_poll_interval=15,
        telegram_rate=100_000,
        telegram_chat_rate=100_000,
        telegram_group_rate=100_000,
    )
    system.start("redis", "mongo", "simulator", "web", "beat", "sources", "pipeline", "delivery")
    list(system.store.create_indexes())
    system.simulator.wait_until_ready(30)
    system.simulator.set_limits(global_per_second=None, chat_per_second=None, group_per_minute=None)
    system.wait_until_open()
    system.follow(CHATS, ["youtube/new_video"])

    kills = {50: "delivery", 100: "sources", 150: "redis"}
    for number in range(EVENTS):
        if number in kills:
            system.kill(kills[number])
        system.publish_video(video_id(number))
        if number - 5 in kills:
            system.start(kills[number - 5])
        time.sleep(0.02)

    wanted = EVENTS * len(CHATS)
    system.wait_for(
        f"{wanted} messages",
        lambda: system.simulator.counters()["delivered"] >= wanted,
        limit=150,
        every=0.5,
    )
    system.wait_for(
        "every delivery in the ledger to be sent",
        lambda: system.store.deliveries.count_by_state() == {DeliveryState.SENT: wanted},
        every=2,
    )

    delivered = system.list_delivered()
    got = Counter((str(entry["chat_id"]), find_video(entry["text"])) for entry in delivered)
    assert set(got) == {(chat, video_id(number)) for chat in CHATS for number in range(EVENTS)}
    assert got.total() - wanted <= THREADS, "more was repeated than the killed threads had in hand"

    # The ledger says of each Delivery which message it became, and the chat app agrees.
    journal = {
        (str(entry["chat_id"]), str(entry["message_id"])): find_video(entry["text"])
        for entry in delivered
    }
    chats = {user.id: user.im_payload for user in system.store.users.list_all()}
    events = {event.id: event for event in system.store.events.list_all()}
    assert len(events) == EVENTS
    for event in events.values():
        deliveries = system.store.deliveries.list_of_event(event.id)
        assert len(deliveries) == len(CHATS)
        for delivery in deliveries:
            assert delivery.state == DeliveryState.SENT
            message = (chats[delivery.user], delivery.message_id)
            assert journal[message] == event.fields["video_id"]
