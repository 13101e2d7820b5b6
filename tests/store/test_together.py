import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from stargazer.store.together import Together


class Shelf:
    """What is read: each read gives how many have begun, when it may."""

    def __init__(self):
        self.begun = 0
        self.fails = False
        self.is_read = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)

    def read(self, key):
        self.begun += 1
        number = self.begun
        self.is_read.release()
        assert self.may_end.acquire(timeout=10)
        if self.fails:
            raise ConnectionError(number)
        return key, number


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def ask(pool, together, key):
    """Ask in another thread; return when it has asked."""
    lane_is_seen = threading.Event()

    class Key(str):
        __slots__ = ()

        def __hash__(self):
            lane_is_seen.set()
            return hash("lane")

    asked = pool.submit(together.get, Key(key))
    assert lane_is_seen.wait(10)
    return asked


def begin(pool, together, shelf, key="a"):
    first = ask(pool, together, key)
    assert shelf.is_read.acquire(timeout=10)
    return first


def test_those_who_ask_during_a_read_share_the_next_one(pool, shelf):
    together = Together(shelf.read)
    first = begin(pool, together, shelf)
    others = [ask(pool, together, "a") for _ in range(5)]
    shelf.may_end.release(10)
    assert first.result(10) == ("a", 1)
    # The last to ask may have come to look only when the second read was under way.
    assert {each.result(10)[1] for each in others} <= {2, 3}
    assert shelf.begun <= 3


def test_nobody_gets_what_was_read_before_it_asked(pool, shelf):
    together = Together(shelf.read)
    shelf.may_end.release(2)
    assert together.get("a") == ("a", 1)
    assert together.get("a") == ("a", 2)


def test_who_asks_for_something_else_gets_that(pool, shelf):
    together = Together(shelf.read)
    first = begin(pool, together, shelf)
    others = {key: ask(pool, together, key) for key in "abcd"}
    shelf.may_end.release(10)
    assert first.result(10) == ("a", 1)
    assert [each.result(10)[0] for each in others.values()] == list(others)


def test_a_read_that_fails_is_not_shared(pool, shelf):
    together = Together(shelf.read)
    shelf.fails = True
    first = begin(pool, together, shelf)
    others = [ask(pool, together, "a") for _ in range(2)]
    shelf.may_end.release(10)
    numbers = {each.exception(10).args[0] for each in (first, *others)}
    assert numbers == {1, 2, 3}
    shelf.fails = False
    assert together.get("a")[1] == 4
