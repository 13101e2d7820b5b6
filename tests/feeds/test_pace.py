"""How long a feed is left alone."""

from datetime import timedelta

import pytest
from requests.structures import CaseInsensitiveDict

from stargazer.feeds import choose_span

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("ttl", "header", "expected"),
    [
        (timedelta(), "", QUARTER),
        (timedelta(minutes=5), "max-age=60", QUARTER),
        (HOUR, "", HOUR),
        (timedelta(), "public, max-age=3600", HOUR),
        (timedelta(), 'Max-Age="3600"', HOUR),
        (timedelta(), "s-maxage=3600", QUARTER),
        (2 * HOUR, "max-age=3600", 2 * HOUR),
        (timedelta(), "max-age=31536000", timedelta(days=1)),
        (timedelta(), "max-age=soon", QUARTER),
        (timedelta(), "no-cache, no-store", QUARTER),
    ],
)
def test_the_longest_that_anybody_asks_for(ttl, header, expected):
    headers = CaseInsensitiveDict({"cache-control": header})
    assert choose_span(QUARTER, ttl, headers, 0.0) == expected


def test_those_that_ask_for_the_same_do_not_come_together():
    spans = {choose_span(QUARTER, HOUR, {}, chance / 10) for chance in range(10)}
    assert len(spans) == 10
    assert min(spans) == HOUR
    assert max(spans) < HOUR * 1.1
