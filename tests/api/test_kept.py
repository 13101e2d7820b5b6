"""What takes a while to find out."""

import time

from api.kept import Kept


def test_it_is_found_out_once_in_a_while():
    found = iter(range(10))
    kept = Kept(lambda: next(found), 60)
    assert [kept.get(), kept.get()] == [0, 0]
    kept.forget()
    assert kept.get() == 1


def test_what_takes_long_is_kept_for_long():
    found = iter(range(10))

    def find_out():
        time.sleep(0.05)
        return next(found)

    kept = Kept(find_out, 0.0)
    assert [kept.get(), kept.get()] == [0, 0]
