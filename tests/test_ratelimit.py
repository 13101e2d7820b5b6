"""The pace that all workers share, judged by the slots that Redis gives."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from stargazer.ratelimit import JITTER, MOST_SLOTS, Limit, Use, block, move_up, reserve

FAR = 10_000.0
#: Slots are told in microseconds.
ROUNDING = 1e-5


def count_most(slots, period):
    """Count the slots in the fullest window of that length."""
    slots = sorted(slots)
    most = first = 0
    for last, slot in enumerate(slots):
        while slot - slots[first] >= period:
            first += 1
        most = max(most, last - first + 1)
    return most


class Clock:
    """Redis's own."""

    def __init__(self, client):
        self.client = client

    def now(self):
        seconds, microseconds = self.client.time()
        return seconds + microseconds / 1e6


@pytest.mark.parametrize(
    ("amount", "period"),
    [(1, 1.0), (30, 1.0), (20, 60.0), (7, 0.5), (1, 0.01)],
    ids=["one a second", "thirty a second", "twenty a minute", "seven in half a second", "fast"],
)
def test_no_window_holds_more_than_the_limit(redis_client, amount, period):
    waits = reserve(redis_client, [(Limit("a", amount, period),)] * 100, FAR)
    assert count_most(waits, period) == amount
    assert waits[:amount] == [0.0] * amount
    # Nor are they slower than they must be.
    assert waits[-1] == pytest.approx((99 // amount) * (period + JITTER), abs=0.01)


class TestLateness:
    def test_the_next_one_keeps_its_distance_from_one_that_is_late(self, redis_client):
        limits = (Limit("a", 1, 10.0),)
        redis_client.zadd("stargazer:pace:a", {"a slot": Clock(redis_client).now() - 5})
        [before] = reserve(redis_client, [limits], 0.0)
        move_up(redis_client, [Use(limits[0], 4.0, 1.0)])
        [after] = reserve(redis_client, [limits], 0.0)
        assert before <= 5 + JITTER
        assert after == pytest.approx(9.0 + JITTER, abs=0.1)

    def test_slots_that_are_still_to_come_stay_where_they_are(self, redis_client):
        limits = (Limit("a", 2, 10.0),)
        waits = reserve(redis_client, [limits] * 4, FAR)
        move_up(redis_client, [Use(limits[0], 0.0, 0.0)])
        [after] = reserve(redis_client, [limits], FAR)
        assert waits[2:] == pytest.approx([10.03] * 2, abs=0.01)
        assert after == pytest.approx(20.06, abs=0.1)

    def test_one_that_is_remembered_no_more_is_remembered_again(self, redis_client):
        limits = (Limit("a", 1, 10.0), Limit("none", MOST_SLOTS + 1, 1.0))
        move_up(redis_client, [Use(limit, 60.0, 0.0) for limit in limits])
        [after] = reserve(redis_client, [limits], 0.0)
        assert after == pytest.approx(10.0 + JITTER, abs=0.1)
        assert 10_000 < redis_client.pttl("stargazer:pace:a") <= 11_100
        assert not redis_client.exists("stargazer:pace:none")

    def test_without_a_limit_there_is_nothing_to_keep(self, redis_client):
        move_up(redis_client, ())
        assert redis_client.keys() == []


def test_slots_are_given_in_the_order_of_the_messages(redis_client):
    waits = reserve(redis_client, [(Limit("a", 3, 1.0),)] * 20, FAR)
    assert waits == sorted(waits)


def test_a_message_keeps_all_of_its_limits(redis_client):
    bot = Limit("bot", 5, 1.0)
    groups = [Limit(f"group {number}", 2, 10.0) for number in range(3)]
    messages = [(bot, groups[number % 3]) for number in range(30)]
    waits = reserve(redis_client, messages, FAR)
    assert count_most(waits, 1.0) <= 5
    for number in range(3):
        assert count_most(waits[number::3], 10.0) <= 2


def test_what_does_not_share_a_key_does_not_wait(redis_client):
    messages = [(Limit(f"chat {number}", 1, 60.0),) for number in range(50)]
    assert reserve(redis_client, messages, FAR) == [0.0] * 50


def test_a_chat_with_a_long_queue_does_not_hold_up_the_others(redis_client):
    bot = Limit("bot", 30, 1.0)
    busy = Limit("busy", 1, 1.0)
    waits = reserve(redis_client, [(bot, busy)] * 12, FAR)
    assert waits[-1] > 10
    others = [(bot, Limit(f"chat {number}", 1, 1.0)) for number in range(60)]
    later = reserve(redis_client, others, FAR)
    # Thirty a second, less the few slots that the busy chat has ahead.
    assert max(later) < 5
    assert count_most(waits + [wait + 0.01 for wait in later], 1.0) <= 30


def test_whatever_is_asked_for_in_whatever_order_no_window_is_too_full(redis_client):
    dice = random.Random(7)
    bot, bot_period = Limit("bot", 6, 1.0), 1.0
    chats = [Limit(f"chat {number}", 1, dice.choice([0.1, 1.0, 5.0])) for number in range(8)]
    for chat in dice.sample(chats, 3):
        block(redis_client, chat.key, dice.uniform(1, 20))
    messages = [(bot, dice.choice(chats)) for _ in range(300)]
    waits = reserve(redis_client, messages, FAR)
    assert count_most(waits, bot_period) <= 6
    for chat in chats:
        slots = [w for w, (_, one) in zip(waits, messages, strict=True) if one is chat]
        assert count_most(slots, chat.period) <= 1


def test_workers_share_the_pace(redis_client, make_context):
    clients = [redis_client, make_context().redis, make_context().redis, make_context().redis]
    clock = Clock(redis_client)
    limit = Limit("bot", 10, 1.0)
    barrier = threading.Barrier(len(clients))

    def take(client):
        barrier.wait(10)
        slots = []
        for _ in range(10):
            before = clock.now()
            [wait] = reserve(client, [(limit,)], FAR)
            # The slot is between these two, which are as far apart as the call took.
            slots.append((before + wait, clock.now() + wait))
        return slots

    with ThreadPoolExecutor(len(clients)) as pool:
        found = sorted(slot for slots in pool.map(take, clients) for slot in slots)
    assert len(found) == 40
    latest = [late for _, late in found]
    for number, (early, _) in enumerate(found[:-10]):
        assert latest[number + 10] - early >= 1.0


def test_the_pace_is_remembered_from_call_to_call(redis_client):
    clock = Clock(redis_client)
    started = clock.now()
    first = reserve(redis_client, [(Limit("a", 2, 1.0),)] * 2, FAR)
    [third] = reserve(redis_client, [(Limit("a", 2, 1.0),)], FAR)
    assert first == [0.0, 0.0]
    assert clock.now() + third >= started + 1.0 + JITTER - ROUNDING


def test_a_slot_is_free_again_when_its_time_is_over(redis_client):
    limit = Limit("a", 1, 0.05)
    reserve(redis_client, [(limit,)], FAR)
    deadline = time.monotonic() + 5
    while reserve(redis_client, [(limit,)], 0.0) != [0.0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_message_beyond_the_horizon_gets_no_slot_and_costs_none(redis_client):
    limit = Limit("a", 1, 10.0)
    waits = reserve(redis_client, [(limit,)] * 4, 15.0)
    assert waits[:2] == [0.0, pytest.approx(10.0 + JITTER, abs=0.01)]
    # Neither of these has the slot, so it is told to both.
    assert waits[2] == waits[3] == pytest.approx(20.0 + 2 * JITTER, abs=0.01)
    [again] = reserve(redis_client, [(limit,)], FAR)
    assert again == pytest.approx(20.0 + 2 * JITTER, abs=1)


def test_a_message_beyond_the_horizon_costs_its_other_limits_nothing(redis_client):
    bot, busy = Limit("bot", 1, 1.0), Limit("busy", 1, 60.0)
    waits = reserve(redis_client, [(bot, busy), (bot, busy), (bot,)], 15.0)
    assert waits[1] > 15
    assert waits[2] == pytest.approx(1.0 + JITTER, abs=0.01)


def test_a_slot_far_ahead_is_not_forgotten_for_one_that_is_near(redis_client):
    limit = Limit("bot", 2, 1.0)
    block(redis_client, "chat", 100.0)
    reserve(redis_client, [(limit, Limit("chat", 1, 1.0)), (limit,)], FAR)
    assert redis_client.pttl("stargazer:pace:bot") > 90_000


class TestWeights:
    def test_an_album_takes_a_slot_for_each_of_its_pictures(self, redis_client):
        limit = Limit("group", 20, 60.0)
        waits = reserve(redis_client, [(limit,)] * 3, FAR, [10, 10, 1])
        assert waits == [0.0, 0.0, pytest.approx(60.0 + JITTER, abs=0.01)]

    def test_it_waits_until_all_of_them_are_free(self, redis_client):
        limit = Limit("bot", 5, 1.0)
        waits = reserve(redis_client, [(limit,)] * 3, FAR, [3, 3, 2])
        assert waits == [0.0, *[pytest.approx(1.0 + JITTER, abs=0.01)] * 2]

    def test_no_limit_wants_more_than_it_has(self, redis_client):
        chat, group = Limit("chat", 1, 1.0), Limit("group", 4, 60.0)
        waits = reserve(redis_client, [(group, chat)] * 2, FAR, [10, 1])
        assert waits == [0.0, pytest.approx(60.0 + JITTER, abs=0.01)]

    def test_whatever_the_weights_are_no_window_is_too_full(self, redis_client):
        dice = random.Random(5)
        bot = Limit("bot", 12, 1.0)
        chats = [Limit(f"chat {number}", 1, dice.choice([0.1, 1.0, 5.0])) for number in range(6)]
        for chat in chats[:2]:
            block(redis_client, chat.key, dice.uniform(1, 20))
        messages = [(bot, dice.choice(chats)) for _ in range(200)]
        weights = [dice.choice([1, 1, 2, 10]) for _ in messages]
        waits = reserve(redis_client, messages, FAR, weights)
        slots = [wait for wait, many in zip(waits, weights, strict=True) for _ in range(many)]
        assert count_most(slots, bot.period) <= 12


class TestBlocking:
    def test_nothing_passes_until_the_block_is_over(self, redis_client):
        block(redis_client, "a", 30.0)
        waits = reserve(redis_client, [(Limit("a", 10, 1.0),), (Limit("b", 10, 1.0),)], FAR)
        assert waits == [pytest.approx(30.0, abs=1), 0.0]

    def test_after_the_block_the_pace_is_kept(self, redis_client):
        block(redis_client, "a", 5.0)
        waits = reserve(redis_client, [(Limit("a", 2, 1.0),)] * 6, FAR)
        assert count_most(waits, 1.0) == 2
        assert min(waits) > 4

    @pytest.mark.parametrize("order", [(5.0, 50.0), (50.0, 5.0)], ids=["growing", "shrinking"])
    def test_the_longer_of_two_blocks_counts(self, redis_client, order):
        for seconds in order:
            block(redis_client, "a", seconds)
        [wait] = reserve(redis_client, [(Limit("a", 1, 1.0),)], FAR)
        assert wait == pytest.approx(50.0, abs=1)

    def test_a_block_ends_by_itself(self, redis_client):
        block(redis_client, "a", 0.05)
        deadline = time.monotonic() + 5
        while redis_client.exists("stargazer:pace:a:blocked"):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    @pytest.mark.parametrize("seconds", [0.0, 0.0001, 86_400.0], ids=["none", "short", "a day"])
    def test_every_length_is_possible(self, redis_client, seconds):
        block(redis_client, "a", seconds)
        [wait] = reserve(redis_client, [(Limit("a", 1, 1.0),)], FAR * 10)
        assert wait == pytest.approx(seconds, abs=1)


class TestRates:
    @pytest.mark.parametrize(
        ("rate", "seconds", "limit"),
        [
            (30, 1, (30, 1.0)),
            (1, 1, (1, 1.0)),
            (20, 60, (20, 60.0)),
            (0.5, 1, (1, 2.0)),
            (0.1, 60, (1, 600.0)),
            (1.5, 1, (1, 1 / 1.5)),
            (2.5, 1, (2, 0.8)),
        ],
        ids=[
            "whole",
            "one",
            "by the minute",
            "half",
            "a tenth",
            "one and a half",
            "two and a half",
        ],
    )
    def test_a_rate_is_a_limit(self, rate, seconds, limit):
        amount, period = limit
        assert Limit.per("a", rate, seconds) == ("a", amount, pytest.approx(period))

    @pytest.mark.parametrize("rate", [0.3, 0.7, 1.9, 3.3], ids=str)
    def test_a_fraction_is_kept_over_time(self, redis_client, rate):
        count = 40
        waits = reserve(redis_client, [(Limit.per("a", rate, 1),)] * count, FAR)
        assert (count - max(int(rate), 1)) / waits[-1] <= rate


class TestNoLimit:
    def test_no_messages_need_no_slots(self, redis_client):
        assert reserve(redis_client, [], FAR) == []

    def test_a_message_without_limits_does_not_wait(self, redis_client):
        assert reserve(redis_client, [()] * 3, FAR) == [0.0] * 3

    def test_messages_with_and_without_limits_may_come_together(self, redis_client):
        limit = Limit("a", 1, 10.0)
        waits = reserve(redis_client, [(), (limit,), (), (limit,)], FAR)
        assert waits == [0.0, 0.0, 0.0, pytest.approx(10.0 + JITTER, abs=0.01)]

    def test_a_limit_above_all_sense_is_none(self, redis_client):
        limit = Limit("a", MOST_SLOTS + 1, 60.0)
        assert reserve(redis_client, [(limit,)] * 5, FAR) == [0.0] * 5
        assert redis_client.keys("stargazer:pace:*") == []


def test_what_is_remembered_is_bounded_and_forgotten(redis_client):
    reserve(redis_client, [(Limit("a", 3, 1.0),)] * 50, FAR)
    [key] = redis_client.keys("stargazer:pace:*")
    assert redis_client.zcard(key) == 3
    assert 0 < redis_client.pttl(key) <= 30_000
