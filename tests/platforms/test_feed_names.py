"""How feeds are named, and found at the pages that people paste."""

import pytest
from flask import Flask, Response
from pydantic import ValidationError

from stargazer.errors import InvalidError, PlatformAwayError
from stargazer.platforms.feed import FeedParams, recognise
from stargazer.platforms.registry import find_platform, resolve_account, resolve_address


@pytest.fixture
def feeds(simulator):
    return simulator.feeds


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/feed", "https://a.example/feed"),
        ("feed:https://a.example/feed", "https://a.example/feed"),
        ("feed://a.example/feed", "https://a.example/feed"),
        ("FEED:HTTP://a.example/", "HTTP://a.example/"),
        ("a.example/feed", None),
        ("@name", None),
        ("file:///etc/passwd", None),
        ("ftp://a.example/feed", None),
        ("javascript://a.example/%0aalert(1)", None),
        ("https://", None),
        ("https://[", None),
        ("https://a.example:port/", None),
        ("https://a b.example/", None),
    ],
)
def test_any_address_of_the_web_may_be_a_feeds(address, expected):
    assert recognise(address) == expected


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://www.youtube.com/@sora", "youtube"),
        ("https://www.twitch.tv/sora", "twitch"),
        ("https://blog.example/", "feed"),
    ],
)
def test_what_another_platform_knows_is_not_a_feeds(address, kind):
    assert find_platform(address).kind == kind


@pytest.mark.parametrize("form", ["rss", "rss091", "rdf", "atom", "json"])
def test_a_feed_is_found_at_its_address_and_at_its_page(context, feeds, form):
    url = feeds.set("a", form=form, items={})
    assert resolve_address(context, url).params == {"url": url}
    assert resolve_address(context, f"{url}/page").params == {"url": url}


def test_an_address_is_stored_in_one_way(context, feeds):
    url = feeds.set("a", items={})
    for written in (f" {url}#top ", url.replace("http://127", "HTTP://127"), f"feed:{url}"):
        assert resolve_account(context, "feed", {"url": written}).params == {"url": url}


def test_where_it_moved_to_is_not_what_was_given(context, feeds):
    url = feeds.set("a", moved=301, moved_to="b")
    feeds.set("b", items={})
    assert resolve_address(context, url).params == {"url": url}


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<p>Hello", "nor does a page there name one"),
        (
            "<link rel=feed href=/x><link rel=feed href=/y>",
            "the page there names 2, and none of them is one",
        ),
        ("<link rel=feed href=file:///etc/passwd>", "nor does a page there name one"),
    ],
)
def test_a_page_without_feeds_is_told_apart(context, serve, page, said):
    app = Flask("site")
    app.add_url_rule("/<path>", view_func=lambda path: (page, 404 if path == "x" else 200))
    with pytest.raises(InvalidError, match=said):
        resolve_address(context, f"{serve(app)}/page")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, InvalidError),
        (404, InvalidError),
        (410, InvalidError),
        (429, PlatformAwayError),
        (500, PlatformAwayError),
    ],
)
def test_what_the_server_answers_says_whose_fault_it_is(context, serve, status, error):
    app = Flask("site")
    app.add_url_rule("/", view_func=lambda: Response(status=status))
    with pytest.raises(error):
        resolve_address(context, serve(app))


@pytest.mark.parametrize("pasted", ["file:///etc/passwd", "https://[", "ftp://x/y", "a b"])
def test_what_is_no_address_is_refused(context, pasted):
    with pytest.raises(InvalidError, match="begins with http"):
        resolve_account(context, "feed", {"url": pasted})


@pytest.mark.parametrize("url", ["HTTPS://a.example/", "https://A.example/", "https://a.example"])
def test_what_is_stored_has_one_form(url):
    with pytest.raises(ValidationError):
        FeedParams(url=url)
