"""Feeds of all forms, and what is none."""

import gzip
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stargazer.errors import PayloadError
from stargazer.feeds import Enclosure, parse_feed
from stargazer.simulator.feeds.world import FeedItem, FeedSite
from stargazer.simulator.feeds.writing import write_feed

URL = "https://site.example/blog/feed"
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ITEM = FeedItem(
    id="tag:1",
    title="歌 & \U0001f3a4",
    html='<p>Hi <b>you</b></p><img src="/in.png">',
    link="/posts/1",
    author="Sora",
    published_at=AT,
    picture="https://site.example/p.jpg",
    enclosure="https://site.example/a.mp3",
)
#: What a form has no place for.
LACKS = {
    "rss": (),
    "rss091": ("id", "author", "published_at", "picture", "enclosure", "language"),
    "rdf": ("picture", "enclosure"),
    "atom": (),
    "json": (),
}


def read(site, url=URL, **options):
    return parse_feed(write_feed(site, url), url=url, **options)


def wrap(item, head=""):
    return f"<rss version='2.0'><channel>{head}<item>{item}</item></channel></rss>".encode()


@pytest.mark.parametrize("form", LACKS)
def test_every_form_says_the_same(form):
    feed = read(FeedSite(form=form, title="Blog", language="ja-JP", items={"1": ITEM}))
    assert (feed.title, feed.url) == ("Blog", "https://site.invalid")
    (entry,) = feed.entries
    assert (entry.title, entry.text) == (ITEM.title, "Hi you")
    assert entry.url == "https://site.example/posts/1"
    lacks = LACKS[form]
    assert entry.author == ("" if "author" in lacks else "Sora")
    assert entry.published_at == (None if "published_at" in lacks else AT)
    shown = () if "picture" in lacks else ("https://site.example/p.jpg",)
    assert entry.pictures == (*shown, "https://site.example/in.png")
    file = Enclosure("https://site.example/a.mp3", "audio/mpeg")
    assert entry.enclosures == (() if "enclosure" in lacks else (file,))
    assert feed.language in ("ja-JP", "ja-jp")


@pytest.mark.parametrize("form", LACKS)
@pytest.mark.parametrize("items", [{}, {"1": FeedItem()}], ids=["no entry", "an empty entry"])
def test_a_feed_may_be_empty(form, items):
    assert len(read(FeedSite(form=form, items=items)).entries) == len(items)


class TestWhatAnEntryIsKnownBy:
    def name(self, *, form="rss", url=URL, **fields):
        return read(FeedSite(form=form, items={"1": FeedItem(**fields)}), url).entries[0].item_id

    def test_its_id_whatever_else_changes(self):
        before = self.name(id="1", title="a", link="/1", published_at=AT)
        assert before == self.name(id="1", title="b", link="/2")
        assert before != self.name(id="2", title="a", link="/1", published_at=AT)

    def test_else_its_link(self):
        assert self.name(title="a", link="/1") == self.name(title="b", link="/1")
        assert self.name(title="a", link="/1") != self.name(title="a", link="/2")

    def test_else_its_title_and_date(self):
        assert self.name(title="a", published_at=AT) == self.name(title="a", published_at=AT)
        later = AT + timedelta(days=1)
        assert self.name(title="a", published_at=AT) != self.name(title="a", published_at=later)

    @pytest.mark.parametrize("form", LACKS)
    def test_it_is_the_same_wherever_the_feed_moves(self, form):
        elsewhere = "http://other.example/x"
        for fields in ({"id": "a"}, {"link": "/1"}):
            assert self.name(form=form, **fields) == self.name(form=form, url=elsewhere, **fields)

    def test_a_number_is_an_id_as_well(self):
        one, other = (
            b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": %d}]}' % number
            for number in (0, 1)
        )
        assert parse_feed(one).entries[0].item_id != parse_feed(other).entries[0].item_id


class TestCharsets:
    TITLE = "Größe — 日本"

    @pytest.mark.parametrize(
        ("charset", "declared", "content_type", "title"),
        [
            ("utf-8", "utf-8", "text/xml", TITLE),
            ("utf-8-sig", "utf-8", "text/xml", TITLE),
            ("utf-16", "utf-16", "text/xml", TITLE),
            ("shift_jis", "shift_jis", "application/xml", "日本の歌"),
            ("euc-jp", "EUC-JP", "application/xml", "日本の歌"),
            ("gb18030", "gb2312", "application/xml", "虚拟主播"),
            ("utf-8", "utf-8", "text/xml; charset=iso-8859-1", "Größe"),
            ("latin-1", "utf-8", "application/xml", "Größe"),
            ("latin-1", "utf-8", "application/xml; charset=utf-8", "Größe"),
            ("utf-8", "no-such-charset", "application/xml", "Größe"),
        ],
        ids=[
            "as declared", "with a mark", "UTF-16", "Shift JIS", "EUC", "GB18030 as GB2312",
            "the header is wrong", "Latin-1 as UTF-8", "Latin-1 as UTF-8 twice", "of no name",
        ],
    )  # fmt: skip
    def test_what_is_declared_and_what_is_there(self, charset, declared, content_type, title):
        site = FeedSite(charset=charset, declared=declared, items={"1": FeedItem(title=title)})
        found = read(site, content_type=content_type).entries[0].title
        if content_type.endswith("8859-1"):
            # The header is to be believed, says RFC 3023; whoever wrote it has to mend it.
            assert found in (
                title,
                title.encode().decode("latin-1"),
                "Größe".encode().decode("cp1252"),
            )
        else:
            assert found == title

    def test_json_with_a_mark(self):
        body = b"\xef\xbb\xbf" + write_feed(FeedSite(form="json", title="日本"), URL)
        assert parse_feed(body).title == "日本"

    def test_a_file_that_was_compressed_before(self):
        body = gzip.compress(write_feed(FeedSite(title="Blog"), URL))
        assert parse_feed(body).title == "Blog"


class TestDates:
    @pytest.mark.parametrize(
        ("date", "at"),
        [
            ("Tue, 24 Nov 2026 12:00:00 GMT", AT),
            ("Tue, 24 Nov 2026 21:00:00 +0900", AT),
            ("2026-11-24T12:00:00Z", AT),
            ("yesterday", None),
            ("", None),
            ("Tue, 24 Nov 99999 12:00:00 GMT", None),
        ],
    )
    def test_what_can_be_read(self, date, at):
        assert parse_feed(wrap(f"<pubDate>{date}</pubDate>")).entries[0].published_at == at

    @pytest.mark.parametrize(
        ("date", "at"),
        [
            ("2026-11-24T21:00:00+09:00", AT),
            ("2026-11-24T12:00:00", AT),
            ("0001-01-01T00:00:00+14:00", None),
            ("soon", None),
        ],
    )
    def test_what_can_be_read_in_json(self, date, at):
        body = (
            '{"version": "https://jsonfeed.org/version/1.1",'
            f' "items": [{{"id": "1", "date_published": "{date}"}}]}}'
        )
        assert parse_feed(body.encode()).entries[0].published_at == at


@pytest.mark.parametrize(
    ("head", "ttl"),
    [
        ("", timedelta()),
        ("<ttl>90</ttl>", timedelta(minutes=90)),
        ("<ttl>99999999999</ttl>", timedelta(days=1)),
        ("<ttl>soon</ttl>", timedelta()),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
            timedelta(minutes=30),
        ),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            timedelta(days=1),
        ),
        ("<sy:updatePeriod>weekly</sy:updatePeriod>", timedelta(days=1)),
    ],
)
def test_how_long_it_may_be_kept(head, ttl):
    space = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    body = f"<rss version='2.0' {space}><channel>{head}</channel></rss>"
    assert parse_feed(body.encode()).ttl == ttl


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"hello",
        bytes(range(256)) * 4,
        b"<!doctype html><html><body><p>Hi</body></html>",
        b"<html><head><title>Sign in</title></head></html>",
        b"{",
        b"{}",
        b'{"version": "https://jsonfeed.org/version/1.1"}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": {}}',
        b'{"version": 5, "items": []}',
        b'{"a":' * 20_000,
        b"\x1f\x8b\x08broken",
        gzip.compress(b"\0" * 11_000_000),
    ],
    ids=[
        "nothing", "spaces", "words", "noise", "a page", "another page", "half of JSON", "JSON",
        "no items", "items that are none", "of no version", "deep JSON", "broken gzip", "a bomb",
    ],
)  # fmt: skip
def test_what_is_no_feed(body):
    with pytest.raises(PayloadError):
        parse_feed(body)


@pytest.mark.parametrize(
    ("html", "link"),
    [
        ("<img src='http://['>", "http://["),
        ("<img src='javascript:x'>", "javascript:alert(1)"),
        ("<img src='file:///etc/passwd'>", "file:///etc/passwd"),
        ("<img src='data:image/png;base64,AAAA'>", "ftp://x/y"),
    ],
)
@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_what_is_no_address_of_the_web_is_left_out(form, html, link):
    (entry,) = read(FeedSite(form=form, items={"1": FeedItem(html=html, link=link)})).entries
    assert (entry.url, entry.pictures) == ("", ())


@pytest.mark.parametrize(
    "body",
    [
        b"<rss version='2.0'><channel>" + b"<item/>" * 200_000,
        b"<rss version='2.0'><channel>" + b"<a>" * 200_000,
        b"<rss version='2.0'><channel><item " + b"a='x' " * 200_000 + b"/>",
        b"<rss version='2.0'><channel>" + b"&amp;" * 200_000,
        b"<" * 200_000,
    ],
    ids=["entries", "elements", "attributes", "entities", "marks"],
)
def test_what_would_keep_a_worker_busy_is_refused(body):
    with pytest.raises(PayloadError, match="too much markup"):
        parse_feed(body)


def test_a_picture_within_the_text_is_no_reason_to_refuse_it():
    html = f'<img src="data:image/png;base64,{"A" * 90_000}=="><p>Hello</p>'
    feed = read(FeedSite(items={"1": FeedItem(html=html)}))
    assert (feed.entries[0].text, feed.entries[0].pictures) == ("Hello", ())
    assert (
        parse_feed(wrap(f"<description><![CDATA[{html}]]></description>")).entries[0].text
        == "Hello"
    )


def test_entities_are_not_expanded_to_more_than_was_sent():
    lines = [b"<!ENTITY a0 'ha'>"]
    lines += [b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)]
    body = (
        b"<?xml version='1.0'?><!DOCTYPE x ["
        + b"".join(lines)
        + b"]>"
        + wrap("<title>&a9;</title>")
    )
    assert sum(len(entry.title) for entry in parse_feed(body).entries) < 1000


def test_files_of_this_machine_are_not_read():
    body = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" + wrap(
        "<title>&f;</title>"
    )
    assert "root" not in parse_feed(body).entries[0].title


def test_the_longest_text_is_taken():
    feed = wrap(
        "<description>short</description>"
        "<c:encoded xmlns:c='http://purl.org/rss/1.0/modules/content/'>much longer</c:encoded>"
    )
    assert parse_feed(feed).entries[0].text == "much longer"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["rss", "rdf", "atom", "json"]),
    st.text(max_size=40),
    st.binary(max_size=30),
    st.integers(0, 2000),
)
def test_whatever_is_broken_is_a_feed_or_none(form, title, noise, position):
    body = write_feed(FeedSite(form=form, items={"1": ITEM, "2": FeedItem(title=title)}), URL)
    with suppress(PayloadError):
        parse_feed(body[:position] + noise + body[position:])


def test_what_was_recorded(recorded):
    feed = parse_feed(recorded("rss/rss-github-atom.xml"), url="https://github.com/x.atom")
    before = parse_feed(recorded("rss/rss-github-atom-0.xml"), url="https://github.com/x.atom")
    assert feed.entries
    assert all(
        entry.item_id and entry.title and entry.url.startswith("https://") and entry.published_at
        for entry in feed.entries
    )
    assert {each.item_id for each in before.entries} & {each.item_id for each in feed.entries}
    assert not any("<" in entry.text and "</" in entry.text for entry in feed.entries)
