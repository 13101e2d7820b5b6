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
    return discover(URL, headers, body.encode(errors="replace"))


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


def write_atom(links, head=""):
    return f'<?xml version="1.0"?>{head}<feed xmlns="http://www.w3.org/2005/Atom">{links}</feed>'


LINKS = f'<link rel="hub" href="{HUB}"/><link rel="self" href="{SELF}"/>'


@pytest.mark.parametrize(
    "body",
    [
        write_atom("<entry><link rel='hub' href='https://no.example/'/></entry>" + LINKS).encode(),
        write_atom(LINKS).encode("utf-16"),
        write_atom(LINKS).replace('"1.0"', '"1.0" encoding="Shift_JIS"').encode("shift_jis"),
        write_atom("<title>&nbsp;</title>" + LINKS).encode(),
        (write_atom(LINKS)[:-7] + "<entry><p>no end").encode(),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
            "xmlns='http://purl.org/rss/1.0/' xmlns:a='http://www.w3.org/2005/Atom'><channel>"
            f"<a:link rel='hub' href='{HUB}'/><a:link rel='self' href='{SELF}'/>"
            "</channel></rdf:RDF>"
        ).encode(),
        b"\xef\xbb\xbf"
        + json.dumps({"feed_url": SELF, "hubs": [{"type": "WebSub", "url": HUB}]}).encode(),
    ],
    ids=["after entries", "UTF-16", "Shift JIS", "HTML's entities", "broken", "RDF", "JSON"],
)
def test_a_feed_is_read_whatever_its_server_calls_it(body):
    assert discover(URL, {"Content-Type": "text/plain"}, body) == Discovery((HUB,), SELF)


def test_entities_of_a_feeds_own_are_not_expanded():
    head = f"<!DOCTYPE feed [<!ENTITY hub '{HUB}'>]>"
    assert find(write_atom('<link rel="hub" href="&hub;"/>', head=head)) != Discovery((HUB,), URL)


@pytest.mark.parametrize(
    "body",
    [
        f'<html><head></head><body><p>A comment <link rel="hub" href="{HUB}">',
        f'<rss><channel><title><![CDATA[<p><link rel="hub" href="{HUB}"/>]]></title></channel>',
        f'<rss><channel><item><link rel="hub" href="{HUB}"/></item></channel></rss>',
    ],
    ids=["body of a page", "a description", "an entry"],
)
def test_what_is_not_about_the_whole_names_no_hub(body):
    assert find(body) is None


@pytest.mark.parametrize(
    "hub",
    [
        "http://[x",
        "https://hub.example:port/",
        "http://",
        "",
        "ftp://hub.example/",
        "file:///etc/passwd",
        "javascript:x",
        "https://hub.example/" + "x" * 2000,
    ],
    ids=lambda hub: hub[:24],
)
def test_what_is_no_address_of_the_web_is_passed_over(hub):
    assert find(link=f"<{hub}>; rel=hub") is None
    assert find(link=f"<{hub}>; rel=hub, <{HUB}>; rel=hub, <{hub}>; rel=self") == Discovery(
        (HUB,), URL
    )
    assert find(json.dumps({"hubs": [{"type": "WebSub", "url": hub}]}), kind="a/json") is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<![an odd section[ ]]>", "text/html"),
        (r'{"hubs": [{"type": "WebSub", "url": "https://hub.example/\ud800"}]}', "a/json"),
        ("[" * 100_000, "a/json"),
        ('<?xml version="1.0" encoding="no such"?><feed/>', "text/xml"),
    ],
    ids=["a marked section", "half a character", "very deep", "a charset that nobody knows"],
)
def test_what_libraries_stumble_over_names_no_hub(body, kind):
    assert find(body, kind=kind) is None


#: What makes parsers of markup take a turn, in any order.
_PIECES = st.sampled_from(
    [
        "<![",
        "]]>",
        "<!",
        "--",
        "<?xml",
        "?>",
        "<link rel=hub href=",
        "[",
        "'",
        '"',
        ">",
        "/>",
        "&#x",
    ]
)


@given(
    st.lists(_PIECES | st.text(max_size=5), max_size=20).map("".join),
    st.lists(
        st.sampled_from(["<", ">", ";", ",", "rel=hub", "[", "//", ":"]) | st.text(max_size=5)
    ),
    st.sampled_from(["text/html", "a/json"]),
)
def test_whatever_comes_breaks_nothing(body, link, kind):
    found = find(body, "".join(link), kind)
    assert found is None or all(hub.startswith("http") for hub in found.hubs)
