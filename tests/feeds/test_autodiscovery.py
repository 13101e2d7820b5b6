"""Which feeds a page names."""

import pytest

from stargazer.feeds import find_feeds

URL = "https://site.example/a/page"


@pytest.mark.parametrize(
    ("page", "feeds"),
    [
        (b"", []),
        (b"no page", []),
        (
            b'<link rel="alternate" type="application/rss+xml" href="/feed">',
            ["https://site.example/feed"],
        ),
        (
            b"<LINK REL='Alternate home' TYPE='application/atom+xml; charset=utf-8' HREF=feed>",
            ["https://site.example/a/feed"],
        ),
        (
            b"<base href='https://cdn.example/x/'><link rel=feed href=f.json>",
            ["https://cdn.example/x/f.json"],
        ),
        (b"<link rel=feed href=/f>", ["https://site.example/f"]),
        (b"<link rel=alternate type=text/html hreflang=ja href=/ja>", []),
        (b"<link rel=stylesheet type=application/rss+xml href=/x>", []),
        (b"<link rel=alternate type=application/rss+xml href='file:///etc/passwd'>", []),
        (b"<link rel=alternate type=application/rss+xml href='http://['>", []),
        (
            b"<link rel=feed href=/1><link rel=feed href=/2><link rel=feed href=/1>",
            ["https://site.example/1", "https://site.example/2"],
        ),
    ],
    ids=[
        "nothing", "words", "RSS", "loudly", "with a base", "by another name", "a translation",
        "a style", "a file", "of nowhere", "several",
    ],
)  # fmt: skip
def test_what_a_page_names(page, feeds):
    assert find_feeds(page, URL) == feeds
