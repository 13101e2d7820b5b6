"""An Event as its readers see it."""

from html.parser import HTMLParser
from uuid import uuid4

import pytest

from stargazer.kinds import KINDS
from stargazer.models import Entity, Event, Meta, Name, UserSettings
from stargazer.rendering import LONGEST_LINE, Message, render

SORA = Entity(
    meta=Meta(name=Name(name={"en": "Sora", "ja": "そら", "zh": "空"}, default_language="ja"))
)
FIELDS = {
    "video_id": "v1",
    "title": "A title",
    "url": "https://youtu.be/v1",
    "scheduled_at": "2026-11-23T12:00:00+00:00",
}


def make_event(kind="youtube/broadcast_scheduled", **fields):
    return Event(kind=kind, entity=uuid4(), fields=FIELDS | fields)


def show(event=None, entity=SORA, **settings):
    return render(event or make_event(), entity, UserSettings(**settings))


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        ("en", "📅 Sora: Stream scheduled"),
        ("ja", "📅 そら: 配信予定"),
        ("zh", "📅 空: 直播预定"),
        ("zh-Hans", "📅 空: 直播预定"),
        ("en-GB", "📅 Sora: Stream scheduled"),
        ("fr", "📅 そら: Stream scheduled"),
    ],
)
def test_a_headline_is_in_the_language_of_the_reader(language, headline):
    assert show(language=language).headline == headline


@pytest.mark.parametrize(
    ("zone", "line"),
    [
        ("UTC", "2026-11-23 12:00 UTC"),
        ("Asia/Tokyo", "2026-11-23 21:00 JST"),
        ("America/New_York", "2026-11-23 07:00 EST"),
        ("Asia/Kathmandu", "2026-11-23 17:45 +0545"),
    ],
)
def test_a_time_is_in_the_zone_of_the_reader(zone, line):
    assert show(timezone=zone).lines == ("A title", line)


@pytest.mark.parametrize(
    "zone",
    ["Nowhere/Else", "", "America", "../etc/passwd", "/etc/passwd", "a\0b", "x" * 300, "é"],
    ids=["unknown", "empty", "a folder", "outside", "absolute", "zero byte", "long", "not ASCII"],
)
def test_a_zone_that_is_none_costs_the_time_and_not_the_message(zone):
    assert show(timezone=zone).lines == ("A title",)


@pytest.mark.parametrize(
    "value",
    [None, "", "soon", 5, [], "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"],
    ids=["none", "empty", "in words", "a number", "a list", "far ahead", "long ago"],
)
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_a_time_that_cannot_be_shown_costs_no_message(value, zone):
    message = show(make_event(scheduled_at=value), timezone=zone)
    assert message.lines[0] == "A title"


def test_a_moved_stream_shows_both_times():
    event = make_event("youtube/broadcast_rescheduled", scheduled_before="2026-11-23T11:00:00Z")
    assert show(event).lines[1] == "2026-11-23 11:00 UTC → 2026-11-23 12:00 UTC"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "ja", "zh"])
def test_every_kind_has_a_title_in_every_language_and_a_sign(kind, language):
    headline = show(make_event(kind), language=language).headline
    assert KINDS[kind].titles[language] in headline
    assert not headline.startswith("•")


def test_an_unknown_kind_is_shown_by_its_name():
    event = Event(kind="foreign/kind", entity=uuid4(), fields={})
    assert show(event) == Message("• Sora: foreign/kind", (), "", None)


def test_a_removed_entity_is_a_question_mark():
    assert show(entity=None).headline == "📅 ?: Stream scheduled"


def test_a_picture_is_handed_on():
    assert show().picture is None
    assert show(make_event(picture="https://p1")).picture == "https://p1"


@pytest.mark.parametrize(
    ("length", "shown"),
    [(LONGEST_LINE, "a" * LONGEST_LINE), (LONGEST_LINE + 1, "a" * (LONGEST_LINE - 1) + "…")],
    ids=["just fits", "does not"],
)
def test_a_long_title_is_cut(length, shown):
    assert show(make_event(title="a" * length)).lines[0] == shown


def test_a_message_as_text():
    assert show().to_text() == (
        "📅 Sora: Stream scheduled\nA title\n2026-11-23 12:00 UTC\nhttps://youtu.be/v1"
    )


def test_a_message_as_html():
    event = make_event(title="a <b> & 'c' \"d\" &amp;", url="https://u.test/?a=b&c=\"d'")
    assert show(event).to_html() == (
        "<b>📅 Sora: Stream scheduled</b>\n"
        "a &lt;b&gt; &amp; 'c' \"d\" &amp;amp;\n"
        "2026-11-23 12:00 UTC\n"
        "https://u.test/?a=b&amp;c=&quot;d&#x27;"
    )


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.text = ""

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    "nasty",
    ["<script>", "</b>", "&lt;b&gt;", "<b><i>", "&#60;", "<!--", "]]>", "<" * 500],
    ids=lambda value: value[:12],
)
def test_whatever_is_told_html_reads_as_the_text(nasty):
    entity = SORA.model_copy(
        update={"meta": Meta(name=Name(name={"en": nasty[:200]}, default_language="en"))}
    )
    message = show(make_event(title=nasty, url=f"https://u.test/{nasty}"), entity)
    reader = Reader()
    reader.feed(message.to_html())
    reader.close()
    assert reader.tags == ["b"]
    assert reader.text == message.to_text()


def test_telegram_understands_every_escape():
    """It knows four by name, and those by number."""
    html = show(make_event(title="'\"<>&", url="https://u/?'\"<>&")).to_html()
    for known in ("&lt;", "&gt;", "&amp;", "&quot;", "&#x27;"):
        html = html.replace(known, "")
    assert "&" not in html
