"""Reading YouTube's feeds, real ones and hostile ones."""

import time
from datetime import UTC, datetime

import pytest

from stargazer.errors import PayloadError
from stargazer.models import BroadcastState
from workers.sources.youtube.feed import parse_feed

ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
YT = 'xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
AT = 'xmlns:at="http://purl.org/atompub/tombstones/1.0"'
CHANNEL = "UCkCCgmOBqkezhKIXJHq89zw"


def make_entry(
    video="<yt:videoId>v3JMDEjXtLE</yt:videoId>",
    channel=f"<yt:channelId>{CHANNEL}</yt:channelId>",
    rest="<title>A title</title><published>2025-12-05T23:03:27+00:00</published>",
):
    return f"<entry>{video}{channel}{rest}</entry>"


def make_feed(*entries):
    return f"<feed {YT} {ATOM} {AT}>{''.join(entries)}</feed>".encode()


class TestRecorded:
    def test_a_push(self, recorded):
        feed = parse_feed(recorded("youtube_feed/websub_push_2025-12-05.xml"))
        [sighting] = feed.sightings
        assert sighting.source_id == "v3JMDEjXtLE"
        assert sighting.title == "SaturdACE Super Powers!"
        assert sighting.url == "https://www.youtube.com/watch?v=v3JMDEjXtLE"
        assert sighting.published_at == datetime(2025, 12, 5, 23, 3, 27, tzinfo=UTC)
        assert (sighting.state, sighting.picture) == (BroadcastState.UNKNOWN, None)
        assert (feed.channels, feed.deleted) == ((CHANNEL,), ())

    def test_a_feed_with_pictures(self, recorded):
        feed = parse_feed(recorded("youtube_feed/playlist_feed_2026-05.xml"))
        assert [sighting.source_id for sighting in feed.sightings] == ["7-1tNo8HAwk", "-INveHwbRz4"]
        assert feed.sightings[0].picture == "https://i4.ytimg.com/vi/7-1tNo8HAwk/hqdefault.jpg"
        assert set(feed.channels) == {"UCV03SRZXJEz-hchIAogeJOg"}

    def test_a_tombstone(self, recorded):
        feed = parse_feed(recorded("youtube_feed/websub_deleted_entry_2018.xml"))
        assert (feed.sightings, feed.deleted) == ((), ("xScSTh-gHpQ",))


class TestEntries:
    def test_a_feed_may_be_empty(self):
        assert parse_feed(make_feed()) == ((), (), ())

    def test_entries_keep_their_order(self):
        entries = [make_entry(f"<yt:videoId>v{number}</yt:videoId>") for number in range(15)]
        feed = parse_feed(make_feed(*entries))
        assert [sighting.source_id for sighting in feed.sightings] == [f"v{n}" for n in range(15)]

    def test_only_the_channel_asked_for_is_given(self):
        other = make_entry("<yt:videoId>v2</yt:videoId>", "<yt:channelId>UCother</yt:channelId>")
        feed = parse_feed(make_feed(make_entry(), other))
        assert [each.source_id for each in feed.of_channel(CHANNEL)] == ["v3JMDEjXtLE"]
        assert feed.of_channel("UCnobody") == []

    def test_an_entry_without_a_link_has_the_usual_one(self):
        [sighting] = parse_feed(make_feed(make_entry())).sightings
        assert sighting.url == "https://www.youtube.com/watch?v=v3JMDEjXtLE"

    def test_a_short_keeps_its_own_link(self):
        link = '<link rel="alternate" href="https://www.youtube.com/shorts/v3JMDEjXtLE"/>'
        [sighting] = parse_feed(make_feed(make_entry(rest=link))).sightings
        assert sighting.url == "https://www.youtube.com/shorts/v3JMDEjXtLE"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2025-12-05T23:03:27+00:00", datetime(2025, 12, 5, 23, 3, 27, tzinfo=UTC)),
            ("2025-12-05T23:03:27Z", datetime(2025, 12, 5, 23, 3, 27, tzinfo=UTC)),
            ("2025-12-06T08:03:27+09:00", datetime(2025, 12, 5, 23, 3, 27, tzinfo=UTC)),
            (
                "2025-12-05T23:03:30.889357433+00:00",
                datetime(2025, 12, 5, 23, 3, 30, 889357, tzinfo=UTC),
            ),
            ("2025-12-05T23:03:27", None),
            ("yesterday", None),
            ("", None),
        ],
        ids=["usual", "Z", "elsewhere", "nanoseconds", "of no zone", "in words", "missing"],
    )
    def test_the_time_of_publication_is_read(self, text, expected):
        entry = make_entry(rest=f"<published>{text}</published>")
        [sighting] = parse_feed(make_feed(entry)).sightings
        assert sighting.published_at == expected

    @pytest.mark.parametrize(
        ("written", "title"),
        [
            ("あ 🎉", "あ 🎉"),
            ("a &lt;b&gt; &amp; c", "a <b> & c"),
            ("<![CDATA[a <b>]]>", "a <b>"),
            ("&#x1F389;", "🎉"),
            ("\n  spaced \n", "spaced"),
            ("", ""),
        ],
        ids=["any script", "escaped", "CDATA", "numbered", "spaced", "empty"],
    )
    def test_a_title_is_read(self, written, title):
        [sighting] = parse_feed(make_feed(make_entry(rest=f"<title>{written}</title>"))).sightings
        assert sighting.title == title

    def test_a_byte_order_mark_does_no_harm(self):
        assert len(parse_feed(b"\xef\xbb\xbf" + make_feed(make_entry())).sightings) == 1


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + f"]><feed {ATOM}>&i;</feed>"
)
OUTSIDE = (
    '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    f"<feed {YT} {ATOM}>{make_entry(rest='<title>&x;</title>')}</feed>"
)

HOSTILE = {
    "nothing": b"",
    "spaces": b"   ",
    "not XML": b"not XML",
    "JSON": b'{"feed": []}',
    "cut off": make_feed(make_entry())[:-20],
    "two roots": make_feed() * 2,
    "an unknown prefix": f"<feed {ATOM}><nope:entry/></feed>".encode(),
    "a zero byte": make_feed(make_entry(rest="<title>\0</title>")),
    "a control character": make_feed(make_entry(rest="<title>&#1;</title>")),
    "entity bomb": BOMB.encode(),
    "entity from outside": OUTSIDE.encode(),
    "document type": b"<!DOCTYPE feed>" + make_feed(),
    "unknown entity": make_feed(make_entry(rest="<title>&nbsp;</title>")),
    "a page": b"<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title>",
    "UTF-16": make_feed(make_entry()).decode().encode("utf-16"),
    "UTF-32": make_feed(make_entry()).decode().encode("utf-32"),
    "Latin-1": make_feed(make_entry(rest="<title>é</title>")).decode().encode("latin-1"),
    "half a character": make_feed(make_entry(rest="<title>あ</title>")).replace(b"\x81", b""),
    "compressed": b"\x1f\x8b\x08\x00",
    "RSS": b"<rss><channel/></rss>",
    "no namespace": b"<feed/>",
    "another namespace": b'<feed xmlns="http://www.w3.org/1999/xhtml"/>',
    "an entry alone": f"<entry {ATOM}/>".encode(),
    "entry without id": make_feed(make_entry(video="")),
    "entry with an empty id": make_feed(make_entry(video="<yt:videoId> </yt:videoId>")),
    "entry without channel": make_feed(make_entry(channel="")),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_feed_is_refused(body):
    with pytest.raises(PayloadError) as caught:
        parse_feed(body)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "body",
    [
        make_feed("<a>" * 100_000 + "</a>" * 100_000),
        make_feed("<x/>" * 100_000),
        make_feed(make_entry(rest=f"<title>{'a' * 2_000_000}</title>")),
        make_feed("<x " + " ".join(f"a{number}=''" for number in range(100_000)) + "/>"),
    ],
    ids=["deep", "wide", "long", "many attributes"],
)
def test_an_odd_shape_takes_no_time(body):
    started = time.monotonic()
    parse_feed(body)
    assert time.monotonic() - started < 5


def test_the_declared_encoding_does_not_count():
    """Whoever says UTF-7 could otherwise hide what was looked for."""
    body = b'<?xml version="1.0" encoding="UTF-7"?>' + make_feed(make_entry())
    assert len(parse_feed(body).sightings) == 1
