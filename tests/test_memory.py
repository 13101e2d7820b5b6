import time
from itertools import count

import pytest

from stargazer.accounts.memory import Memory


@pytest.fixture
def memory():
    return Memory()


def test_what_was_added_is_found(memory):
    memory.add("a", 1)
    assert memory.find("a") == 1
    assert memory.find("b") is None


def test_what_has_no_room_is_not_remembered_and_the_rest_stays(memory):
    for number in count():
        memory.add(number, "x")
        if memory.find(number) is None:
            break
    assert 100 < number < 10_000
    assert memory.find(0) == "x"


def test_what_was_remembered_long_enough_is_forgotten_and_makes_room():
    memory = Memory(kept_for=0.2)
    for number in range(2000):
        memory.add(number, "x")
    until = time.monotonic() + 5
    while memory.find(0) is not None:
        assert time.monotonic() < until
    memory.add("new", "x")
    assert memory.find("new") == "x"
