"""One beat's tick counts, and one coordinator leads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from stargazer.coordinator.leader import FENCE, Leadership, take_tick

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class TestTicks:
    def test_of_two_beats_one_ticks(self, redis_client):
        assert take_tick(redis_client, "sweep", HOUR)
        assert not take_tick(redis_client, "sweep", HOUR)

    def test_the_next_slot_has_a_tick_of_its_own(self, redis_client):
        span = timedelta(seconds=0.2)
        taken = 0
        deadline = time.monotonic() + 1.1
        while time.monotonic() < deadline:
            taken += take_tick(redis_client, "sweep", span)
        assert 5 <= taken <= 7

    def test_each_name_has_ticks_of_its_own(self, redis_client):
        assert take_tick(redis_client, "one", HOUR)
        assert take_tick(redis_client, "two", HOUR)

    def test_beats_at_once_share_a_slot(self, redis_client):
        barrier = threading.Barrier(8)

        def tick(_):
            barrier.wait(10)
            return take_tick(redis_client, "sweep", HOUR)

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(tick, range(8))) == 1

    @pytest.mark.parametrize("span", [timedelta(seconds=0.2), HOUR, timedelta(days=1)], ids=str)
    def test_a_slot_is_remembered_for_longer_than_it_lasts(self, redis_client, span):
        take_tick(redis_client, "sweep", span)
        [key] = redis_client.keys("stargazer:tick:*")
        assert redis_client.ttl(key) >= span.total_seconds()


class TestLeading:
    def test_while_one_leads_no_other_does(self, redis_client):
        with Leadership(redis_client, HOUR) as first:
            assert first == 1
            with Leadership(redis_client, HOUR) as second:
                assert second is None
        with Leadership(redis_client, HOUR) as third:
            assert third == 2

    def test_who_dies_while_it_leads_is_replaced_when_its_time_is_over(self, redis_client):
        dead = Leadership(redis_client, timedelta(seconds=0.3))
        assert dead.__enter__() == 1
        deadline = time.monotonic() + 5
        while True:
            with Leadership(redis_client, HOUR) as fence:
                if fence is not None:
                    break
            assert time.monotonic() < deadline
        assert fence == 2
        assert redis_client.get(FENCE) == b"2"

    def test_who_is_replaced_takes_nothing_from_its_successor(self, redis_client):
        slow = Leadership(redis_client, HOUR)
        slow.__enter__()
        redis_client.delete("stargazer:leader")
        with Leadership(redis_client, HOUR) as fence:
            assert fence == 2
            slow.__exit__()
            with Leadership(redis_client, HOUR) as third:
                assert third is None
