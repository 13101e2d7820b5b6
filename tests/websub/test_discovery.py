"""Which hub is found where."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.websub import Discovery, discover

URL = "https://example.com/blog/"
HUB = "https://hub.example/"
SELF = "https://example.com/feed"


def find(body="", link="", kind="text/html"):
    headers = {"Content-Type": kind, **({"Link": link} if link else {})}
    return discover(URL, headers, body.encode())


@pytest.mark.parametrize(
    "link",
    [
        f'<{HUB}>; rel="hub", <{SELF}>; rel="self"',
        f"<{HUB}>; rel=hub, <{SELF}>; rel=self",
        f"<{SELF}>;rel=self,<{HUB}>;rel=hub",
        f'<{HUB}> ; REL="HUB" , <{SELF}>; title="a, b; c"; rel="self"',
        f'<{HUB}>; rel="hub alternate", <{SELF}>; rel="canonical self"; type="text/html"',
        f'</other>; rel="preload", <{HUB}>; rel="hub", <../feed>; rel="self"',
    ],
    ids=["quoted", "unquoted", "without spaces", "in capitals", "several relations", "relative"],
)
def test_a_header_names_hub_and_topic(link):
    assert find(link=link) == Discovery((HUB,), SELF)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            (
                f'<!doctype html><head><link rel=hub href="{HUB}"><link rel="self" href="/feed">'
                "<body><p>& <b>"
            ),
            "text/html",
        ),
        (
            (
                f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">'
                f'<link rel="hub" href="{HUB}"/><link href="{SELF}" rel="self"/>'
                '<entry><link rel="hub" href="https://other.example/"/></entry></feed>'
            ),
            "application/atom+xml",
        ),
        (
            (
                f'<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><link>{URL}</link>'
                f'<atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{SELF}"/>'
                '<item><atom:link rel="self" href="https://other.example/"/></item></channel></rss>'
            ),
            "application/rss+xml",
        ),
        (
            json.dumps(
                {
                    "feed_url": SELF,
                    "hubs": [{"type": "x", "url": "y"}, {"type": "WebSub", "url": HUB}],
                }
            ),
            "application/feed+json",
        ),
    ],
    ids=["HTML", "Atom", "RSS", "JSON Feed"],
)
def test_a_body_names_hub_and_topic(body, kind):
    assert find(body, kind=kind) == Discovery((HUB,), SELF)


def test_the_header_counts_more_than_the_body():
    body = '<link rel="hub" href="https://other.example/"><link rel="self" href="/other">'
    assert find(body, f'<{HUB}>; rel="hub", <{SELF}>; rel="self"') == Discovery((HUB,), SELF)


def test_a_header_without_a_hub_leaves_it_to_the_body():
    body = f'<link rel="hub" href="{HUB}"><link rel="self" href="{SELF}">'
    assert find(body, '<https://other.example>; rel="self"') == Discovery((HUB,), SELF)


def test_without_a_self_the_topic_is_where_it_was_read():
    assert find(link=f"<{HUB}>; rel=hub") == Discovery((HUB,), URL)


def test_several_hubs_are_given_in_their_order():
    link = f'<{HUB}>; rel="hub", <https://second.example/>; rel="hub", <{HUB}>; rel="hub"'
    assert find(link=link).hubs == (HUB, "https://second.example/")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<p>no links",
        '<link rel="self" href="/feed">',
        f'<script>var x = \'<link rel="hub" href="{HUB}">\'</script>',
        f'<!-- <link rel="hub" href="{HUB}"> -->',
        "[]",
        "null",
        "{",
    ],
)
def test_what_names_no_hub_has_none(body):
    assert find(body) is None
    assert find(body, kind="application/json") is None


@given(st.binary(max_size=300), st.text(max_size=200), st.sampled_from(["text/html", "a/json"]))
def test_whatever_comes_breaks_nothing(body, link, kind):
    discover(URL, {"Link": link, "Content-Type": kind}, b"<link rel=hub " + body)
