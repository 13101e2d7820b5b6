"""Every form, of whatever others write: within its limits, and no markup but ours."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stargazer.models import Entity, Meta, Name, UserSettings
from stargazer.rendering import Message, Moment, Quote, Times, Translation, render
from stargazer.rendering.examples import ENTITY, EXAMPLES, NOW, make_example
from stargazer.rendering.forms import discord, markdown, onebot, plain, telegram
from stargazer.simulator.discord.forms import find_problems
from stargazer.simulator.markup import parse_html, utf16_length

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
MESSAGE = Message(
    "Sora: <Live> & 'more'",
    (
        "A [title], *bold*",
        Times(("at ", Moment(AT, "12:00 UTC (now)", is_relative=True), "!")),
        Translation("made", "of <it>"),
        Quote("An & author", "first\nsecond", "erst"),
    ),
    "https://u.test/?a=b&c=d",
    ("https://p.test/1.jpg", "https://p.test/2.jpg?x=[1,2]"),
    author="Sora Ch.",
    colour=0xFF0000,
    at=AT,
)


class TestPlain:
    def test_a_message(self):
        assert plain.to_text(MESSAGE) == (
            "Sora: <Live> & 'more'\n"
            "A [title], *bold*\n"
            "at 12:00 UTC (now)!\n"
            "made\n> of <it>\n"
            "An & author:\n> first\n> second\n>\n> erst\n"
            "https://u.test/?a=b&c=d"
        )


class TestTelegram:
    def test_a_message(self):
        assert telegram.to_html(MESSAGE) == (
            "<b>Sora: &lt;Live&gt; &amp; 'more'</b>\n"
            "A [title], *bold*\n"
            "at 12:00 UTC (now)!\n"
            "made\n<blockquote>of &lt;it&gt;</blockquote>\n"
            "<blockquote><b>An &amp; author</b>\nfirst\nsecond\n\nerst</blockquote>\n"
            "https://u.test/?a=b&amp;c=d"
        )

    def test_a_long_quote_is_folded(self):
        html = telegram.to_html(Message("h", (Quote("", "x" * 301),)))
        assert html.startswith("<b>h</b>\n<blockquote expandable>x")

    @pytest.mark.parametrize("letter", ["a", "あ", "🎉", "<", "&", "👩‍👩‍👧"])
    @pytest.mark.parametrize("limit", [telegram.MOST_TEXT, telegram.MOST_CAPTION])
    def test_a_limit_is_used_up_in_utf16(self, letter, limit):
        message = MESSAGE._replace(body=(letter * limit,))
        shown = parse_html(telegram.to_html(message, limit))
        assert limit - 2 * utf16_length(letter) <= utf16_length(shown) <= limit
        assert shown.endswith("…\nhttps://u.test/?a=b&c=d")

    def test_it_is_measured_as_it_is_shown(self):
        shown = parse_html(telegram.to_html(MESSAGE))
        assert telegram.measure_message(MESSAGE) == utf16_length(shown)

    def test_without_markup_it_is_plain_text_of_the_same_length_at_most(self):
        assert telegram.to_unmarked_text(MESSAGE) == plain.to_text(MESSAGE)
        long = MESSAGE._replace(body=("🎉" * 5000,))
        assert utf16_length(telegram.to_unmarked_text(long)) <= telegram.MOST_TEXT


class TestOneBot:
    def test_a_message(self):
        assert onebot.to_segments(MESSAGE) == [
            {"type": "text", "data": {"text": plain.to_text(MESSAGE)}},
            {"type": "image", "data": {"file": "https://p.test/1.jpg"}},
            {"type": "image", "data": {"file": "https://p.test/2.jpg?x=[1,2]"}},
        ]

    def test_everybody_is_called_first(self):
        call, text, *_ = onebot.to_segments(MESSAGE, mentions_all=True)
        assert call == {"type": "at", "data": {"qq": "all"}}
        assert text["data"]["text"].startswith(" Sora")

    def test_only_so_many_pictures_are_sent(self):
        assert len(onebot.to_segments(MESSAGE, most_pictures=1)) == 2
        message = MESSAGE._replace(pictures=(), video_preview="https://v/1")
        assert onebot.to_segments(message)[1]["data"]["file"] == "https://v/1"

    def test_in_the_string_form_no_text_is_a_code(self):
        segments = onebot.to_segments(
            Message("[CQ:at,qq=all] & more", (), "", ("https://p.test/?x=[1,2]&y",))
        )
        assert onebot.to_cq(segments) == (
            "&#91;CQ:at,qq=all&#93; &amp; more"
            "[CQ:image,file=https://p.test/?x=&#91;1&#44;2&#93;&amp;y]"
        )


class TestDiscord:
    def test_a_message(self):
        first, second = discord.to_embeds(MESSAGE)
        assert first == {
            "type": "rich",
            "title": "Sora: \\<Live\\> & 'more'",
            "color": 0xFF0000,
            "description": (
                "A \\[title\\], \\*bold\\*\n"
                "at <t:1795521600:f> (<t:1795521600:R>)!\n"
                "made\n> of \\<it\\>\n"
                "**An & author**\n> first\n> second\n> \n> erst"
            ),
            "url": "https://u.test/?a=b&c=d",
            "author": {"name": "Sora Ch."},
            "timestamp": "2026-11-24T12:00:00+00:00",
            "image": {"url": "https://p.test/1.jpg"},
        }
        assert second == {"type": "rich", "image": {"url": "https://p.test/2.jpg?x=[1,2]"}}

    @pytest.mark.parametrize(
        ("text", "escaped"),
        [
            ("# big", "\\# big"),
            ("- item\n+ item", "\\- item\n\\+ item"),
            ("1. one", "1\\. one"),
            ("a_b https://x.test/a_b_c a_b", "a\\_b <https://x.test/a_b_c> a\\_b"),
            ("<@1> @everyone ||x||", "\\<\\@1\\> \\@everyone \\|\\|x\\|\\|"),
            ("2026 - 1", "2026 - 1"),
        ],
    )
    def test_what_means_something_to_discord_means_nothing(self, text, escaped):
        assert discord.escape(text) == escaped

    @pytest.mark.parametrize(
        "url", ["https://", "https://[", "https://a\u3000b", "https://x.test/" + "x" * 3000]
    )
    def test_an_address_that_discord_would_refuse_is_left_out(self, url):
        [embed] = discord.to_embeds(Message("h", (), url, (url,)))
        assert "url" not in embed
        assert "image" not in embed

    def test_an_address_is_written_in_ascii(self):
        [embed] = discord.to_embeds(Message("h", (), "https://x.test/あ?<b>%20"))
        assert embed["url"] == "https://x.test/%E3%81%82?%3Cb%3E%20"


class TestMarkdown:
    def test_a_message(self):
        assert markdown.to_markdown(MESSAGE) == (
            "**Sora: &#60;Live&#62; &#38; 'more'**\n\n"
            "A \\[title\\], \\*bold\\*\n\n"
            "at 12:00 UTC (now)!\n\n"
            "made\n\n> of &#60;it&#62;  \n\n"
            "> **An &#38; author**  \n> first  \n> second  \n>\n> erst  \n\n"
            "<https://u.test/?a=b&c=d>"
        )


def is_within_discord(embeds):
    if list(find_problems({"embeds": embeds})):
        return False
    first = embeds[0]
    texts = [first["title"], first.get("description", ""), first.get("author", {}).get("name", "")]
    sizes = [utf16_length(text) for text in texts]
    return (
        sizes[0] <= 256
        and sizes[1] <= 4096
        and sizes[2] <= 256
        and sum(sizes) <= 6000
        and len(embeds) <= 10
        and [embed for embed in embeds if "url" in embed] in ([first], [])
        and all(texts[:1])
    )


class Reader(HTMLParser):
    """Notes the tags of HTML, and the text between them."""

    def __init__(self):
        super().__init__()
        self.tags = []
        self.text = ""

    def handle_starttag(self, tag, _attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


NASTY = (
    "<script>alert(1)</script>",
    "</b></blockquote><i>",
    "&lt;b&gt;&#60;&amp;amp;",
    "[CQ:at,qq=all][CQ:image,file=https://evil.test/]",
    "@everyone <@&1> ||spoiler|| ```code```",
    "**bold** __under__ [link](https://evil.test) ![picture](https://evil.test)",
    "# headline\n===\n---\n1. one\n> quote\n    code",
    "\u202eright to left\u2066\u200f",
    "🎉👩‍👩‍👧" * 20,
    "\x00\x01\x1b[31m\r\n\x85\u2028",
    "{{ 7 * 7 }}{% raw %}",
    "\ud800\udfff\uffff",
    "https://x.test/<b>_*[a](b)`|&amp;",
)
fragments = st.one_of(st.sampled_from(NASTY), st.text(max_size=30))
texts = st.lists(fragments, max_size=6).map("".join)
others = st.fixed_dictionaries({"author": texts, "text": texts, "url": texts})
events = st.builds(
    lambda kind, fields: make_example(kind, **fields),
    st.sampled_from([*EXAMPLES, "foreign/kind"]),
    st.fixed_dictionaries(
        {},
        optional={
            "title": texts,
            "text": texts,
            "title_before": texts,
            "category": texts,
            "author": texts,
            "url": st.one_of(texts, texts.map("https://x.test/{}".format)),
            "picture": texts.map("https://p.test/{}".format),
            "scheduled_at": st.one_of(texts, st.datetimes().map(datetime.isoformat)),
            "quoted": others,
            "original": others,
            "translations": st.fixed_dictionaries(
                {"en": st.fixed_dictionaries({"/title": texts, "/text": texts})}
            ),
        },
    ),
)
factors = st.sampled_from([1, 1, 40, 400])
names = st.one_of(
    st.none(),
    texts.map(lambda text: re.sub("[\ud800-\udfff]", "", text)[:200]).filter(bool),
)
LONG_TITLE = make_example("youtube/live_start", title="<&[🎉](x)_" * 2000)


def grow(value, times):
    """Repeat every text within, up to 20,000 characters of it."""
    match value:
        case str():
            return (value * times)[: max(20_000, len(value))]
        case dict():
            return {key: grow(each, times) for key, each in value.items()}
    return value


def make_message(event, name, times):
    event = event.model_copy(update={"fields": grow(event.fields, times)})
    entity = (
        Entity(meta=Meta(name=Name(name={"en": name}, default_language="en"))) if name else ENTITY
    )
    return render(event, entity, UserSettings(translate=True), now=NOW)


@settings(deadline=None)
@given(
    event=events,
    name=names,
    times=factors,
    limit=st.sampled_from([telegram.MOST_CAPTION, 4096, 100]),
)
@example(event=LONG_TITLE, name=None, times=1, limit=4096)
def test_telegram_takes_whatever_is_told(event, name, times, limit):
    message = make_message(event, name, times)
    html = telegram.to_html(message, limit)
    shown = parse_html(html)
    assert 0 < utf16_length(shown) <= limit
    assert set(re.findall(r"</?(\w+)", html)) <= {"b", "blockquote"}
    html.encode()
    if message.url and utf16_length(message.url) <= limit // 2:
        assert shown.endswith(message.url)
    text = telegram.to_unmarked_text(message, limit)
    assert 0 < utf16_length(text) <= limit


@settings(deadline=None)
@given(event=events, name=names, times=factors, limit=st.sampled_from([50, 500, 3000]))
@example(event=LONG_TITLE, name=None, times=1, limit=500)
def test_qq_takes_whatever_is_told(event, name, times, limit):
    message = make_message(event, name, times)
    text, *images = onebot.to_segments(message, limit)
    assert 0 < len(text["data"]["text"]) <= limit
    assert all(re.fullmatch(r"https://[!-~]+", image["data"]["file"]) for image in images)
    codes = re.findall(r"\[CQ:(\w+)", onebot.to_cq([text, *images]))
    assert codes == ["image"] * len(images)


@settings(deadline=None)
@given(event=events, name=names, times=factors)
@example(event=LONG_TITLE, name=None, times=1)
def test_discord_takes_whatever_is_told(event, name, times):
    embeds = discord.to_embeds(make_message(event, name, times))
    assert is_within_discord(embeds)
    written = f"{embeds[0]['title']}\n{embeds[0].get('description', '')}"
    bare = re.sub(r"\\.|<t:-?\d+:[fR]>|<https?://[^\s<>]+>|\*\*", "", written)
    assert not re.search(r"[`|<>@\[\]~_]", bare.replace("\n> ", "\n").removeprefix("> "))


@settings(deadline=None)
@given(event=events, name=names, times=factors, limit=st.sampled_from([100, 1000, None]))
@example(event=LONG_TITLE, name=None, times=1, limit=1000)
def test_markdown_has_no_markup_but_ours(event, name, times, limit):
    message = make_message(event, name, times)
    written = markdown.to_markdown(message, limit)
    assert limit is None or len(written) <= limit
    reader = Reader()
    reader.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(written))
    assert set(reader.tags) <= {"p", "strong", "blockquote", "br", "a"}


@settings(deadline=None)
@given(event=events, name=names, times=factors)
def test_plain_text_is_all_that_can_be_printed(event, name, times):
    text = plain.to_text(make_message(event, name, times))
    text.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_kind_has_every_form(show, kind, language):
    message = show(kind, language=language, translate=True)
    shown = parse_html(telegram.to_html(message))
    assert utf16_length(shown) <= telegram.MOST_CAPTION
    assert shown.startswith(message.headline)
    assert onebot.to_segments(message)[0]["data"]["text"] == plain.to_text(message)
    assert is_within_discord(discord.to_embeds(message))
    assert markdown.to_markdown(message).endswith(f"<{message.url}>")
