"""Work that one does at a time."""

import time
from datetime import timedelta

from stargazer.turns import Turn

LONG = timedelta(minutes=1)


def test_one_has_the_turn_and_then_another(redis_client):
    with Turn(redis_client, "work", LONG) as is_ours:
        assert is_ours
        with Turn(redis_client, "work", LONG) as is_theirs:
            assert not is_theirs
        with Turn(redis_client, "other work", LONG) as is_theirs:
            assert is_theirs
        # Whoever did not get it has not given it back either.
        with Turn(redis_client, "work", LONG) as is_theirs:
            assert not is_theirs
    with Turn(redis_client, "work", LONG) as is_ours:
        assert is_ours


def test_who_took_too_long_takes_nothing_from_whoever_came_after(redis_client):
    slow = Turn(redis_client, "work", timedelta(milliseconds=1))
    assert slow.__enter__()
    deadline = time.monotonic() + 5
    while not (late := Turn(redis_client, "work", LONG)).__enter__():
        assert time.monotonic() < deadline
    slow.__exit__()
    with Turn(redis_client, "work", LONG) as is_ours:
        assert not is_ours
    late.__exit__()
