"""Workers come, go, and are missed."""

import time
from datetime import timedelta

import pytest

from stargazer.coordinator.members import announce, forget_member, list_members, withdraw

LONG = timedelta(minutes=1)
SHORT = timedelta(seconds=0.2)


def list_present(client):
    return [member.node for member, left in list_members(client) if left > 0]


def wait_until_gone(client):
    deadline = time.monotonic() + 5
    while list_present(client):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_announces_itself_is_there_with_all_it_said(redis_client, make_member):
    member = make_member(weight=4)
    assert announce(redis_client, member, LONG) is None
    ((found, left),) = list_members(redis_client)
    assert found == member
    assert left == pytest.approx(60, abs=2)


def test_who_falls_silent_is_gone_but_not_yet_forgotten(redis_client, make_member):
    announce(redis_client, make_member(), SHORT)
    assert list_present(redis_client) == ["sources@one"]
    wait_until_gone(redis_client)
    assert len(list_members(redis_client)) == 1
    forget_member(redis_client, "sources@one")
    assert list_members(redis_client) == []


def test_who_withdraws_is_gone_at_once(redis_client, make_member):
    member = make_member()
    announce(redis_client, member, LONG)
    withdraw(redis_client, member)
    assert list_present(redis_client) == []


def test_a_second_of_the_same_name_is_refused_and_told_of_the_first(redis_client, make_member):
    first, second = make_member(), make_member(host="two", pid=2)
    announce(redis_client, first, LONG)
    assert announce(redis_client, second, LONG) == first
    withdraw(redis_client, second)
    assert [presence.member for presence in list_members(redis_client)] == [first]
    assert list_present(redis_client) == ["sources@one"]


def test_a_name_is_free_when_its_holder_is_gone(redis_client, make_member):
    first, second = make_member(), make_member()
    announce(redis_client, first, SHORT)
    wait_until_gone(redis_client)
    assert announce(redis_client, second, LONG) is None
    # Whom it replaced meanwhile hears of it at its next beat.
    assert announce(redis_client, first, LONG) == second


def test_a_name_is_free_when_its_holder_is_known_to_be_dead(redis_client, make_member):
    first, second = make_member(), make_member()
    announce(redis_client, first, LONG)
    assert announce(redis_client, second, LONG, instead_of=first.instance) is None
    assert [presence.member for presence in list_members(redis_client)] == [second]


def test_a_wiped_redis_knows_nobody_until_the_next_beat(redis_client, make_member):
    member = make_member()
    announce(redis_client, member, LONG)
    redis_client.flushall()
    assert list_members(redis_client) == []
    assert announce(redis_client, member, LONG) is None
    assert list_present(redis_client) == ["sources@one"]
