"""How an Event becomes a message."""

import logging
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from stargazer.models import Entity, Event, Meta, Name, OutboxState, Step, StoredEvent
from stargazer.rendering import Message, Moment, Quote, Times, Translation
from stargazer.rendering.examples import NOW, make_example
from stargazer.rendering.forms.plain import to_text

REMINDER = "youtube/broadcast_reminder"
TWEET = "twitter/new_tweet"


def store_event(event, *steps):
    return StoredEvent(
        **event.model_dump(),
        happened_at=NOW,
        created_at=NOW,
        state=OutboxState.OPEN,
        history=[Step(at=NOW, by=by, what=what) for by, what in steps],
    )


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "headline"),
        [
            ("en", "⏰ Hoshino Sora goes live soon"),
            ("en-GB", "⏰ Hoshino Sora goes live soon"),
            ("ja", "⏰ まもなく星野ソラの配信が始まります"),
            ("zh-Hans", "⏰ 星野空 即将开播"),
            ("zh-Hant", "⏰ 星野空 即将开播"),
            ("fr", "⏰ 星野ソラ goes live soon"),
        ],
    )
    def test_a_headline_is_in_the_language_of_the_reader_or_what_is_nearest(
        self, show, language, headline
    ):
        assert show(language=language).headline == headline

    def test_times_are_in_the_language_of_the_words_around_them(self, show):
        [_, times] = show("youtube/broadcast_scheduled", language="fr").body
        assert "(in 2 days)" in times.pieces[1].text

    def test_a_removed_entity_is_a_question_mark(self, show):
        assert show(entity=None).headline == "⏰ ? goes live soon"

    def test_a_name_of_several_lines_is_one(self, show):
        name = Name(name={"en": "A\n\0 B"}, default_language="en")
        assert show(entity=Entity(meta=Meta(name=name))).headline == "⏰ A B goes live soon"


class TestTranslation:
    def test_it_comes_with_the_original(self, show):
        message = show(translate=True)
        assert message.body[0] == Translation(
            "[Singing] Winter songs!", "【歌枠】冬のうたを歌うよ!"
        )

    def test_it_is_for_those_who_want_it(self, show):
        assert show().body[0] == "【歌枠】冬のうたを歌うよ!"

    @pytest.mark.parametrize("language", ["zh", "zh-Hans", "zh-CN"])
    def test_one_in_a_language_that_reads_the_same_will_do(self, show, language):
        assert show(language=language, translate=True).body[0].text == "【歌回】来唱冬天的歌吧!"

    def test_one_in_the_other_script_will_not(self, show):
        assert isinstance(show(language="zh-Hant", translate=True).body[0], str)

    def test_a_quote_is_translated(self, show):
        fields = {"translations": {"en": {"/quoted/text": "Looking forward to it!"}}}
        assert show(TWEET, fields=fields, translate=True).body[1] == Quote(
            "月宮ルナ", "Looking forward to it!", "ソラちゃんとの歌コラボ、楽しみ!"
        )

    @pytest.mark.parametrize(
        "translations",
        [
            None,
            [],
            "en",
            {"en": None},
            {"en": ["/title"]},
            {"en": {"/title": 5}},
            {5: {}},
            {"en": {}},
        ],
        ids=str,
    )
    def test_odd_translations_are_none(self, show, translations):
        message = show(fields={"translations": translations}, translate=True)
        assert message.body[0] == "【歌枠】冬のうたを歌うよ!"

    @pytest.mark.parametrize(
        ("steps", "translate", "is_marked"),
        [
            ([("translate", "failed")], True, True),
            ([("translate", "failed")], False, False),
            ([("translate", "treated")], True, False),
            ([("delay", "failed")], True, False),
        ],
        ids=["failed", "failed, not wanted", "went well", "another failed"],
    )
    def test_what_could_not_be_translated_is_marked(self, show, steps, translate, is_marked):
        event = store_event(make_example(TWEET, translations=None), *steps)
        message = show(event=event, translate=translate)
        assert (message.body[-1] == "⚠️ This could not be translated") is is_marked


def test_an_article_is_told_by_its_beginning(show):
    fields = {"text": "word " * 1000, "translations": {"en": {"/text": "Wort " * 1000}}}
    told = show("feed/new_entry", fields=fields, translate=True).body[1]
    assert told.text == "Wort " * 98 + "Wort Wort…"
    assert told.original == "word " * 98 + "word word…"


class TestTimes:
    def test_a_time_is_a_moment_in_a_line(self, show):
        [_, times] = show().body
        at = datetime(2026, 11, 24, 12, tzinfo=UTC)
        assert times == Times(("🕘 ", Moment(at, "13:00 CET (in 30 minutes)", is_relative=True)))

    @pytest.mark.parametrize(
        "value",
        ["", "soon", 5, [], "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"],
        ids=["empty", "in words", "a number", "a list", "far ahead", "long ago"],
    )
    @pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
    def test_a_time_that_cannot_be_shown_costs_no_message(self, show, value, zone):
        message = show(fields={"scheduled_at": value}, timezone=zone)
        assert message.body[0] == "【歌枠】冬のうたを歌うよ!"


class TestPictures:
    @pytest.mark.parametrize(
        ("fields", "pictures"),
        [
            ({"picture": "https://a/1"}, ("https://a/1",)),
            ({"picture": "//a/1"}, ("https://a/1",)),
            ({"pictures": ["https://a/1", "https://a/2"], "picture": "https://a/3"}, 2),
            ({"pictures": ["https://a/1", "https://a/1"]}, 1),
            ({"pictures": "https://a/1", "picture": None}, 0),
            ({"pictures": [5, None, "", "javascript:x", "https://a b"], "picture": None}, 0),
            ({"picture": None, "quoted": {"text": "t", "pictures": ["https://q/1"]}}, 1),
            ({"picture": None, "original": {"text": "t", "pictures": ["https://q/1"]}}, 1),
            ({"picture": "https://a/1", "quoted": {"text": "t", "pictures": ["https://q/1"]}}, 1),
        ],
        ids=str,
    )
    def test_pictures_are_addresses_each_once(self, show, fields, pictures):
        found = show(fields=fields).pictures
        assert found == pictures if isinstance(pictures, tuple) else len(found) == pictures

    def test_a_video_is_shown_where_there_is_no_picture(self, show):
        message = show(fields={"picture": None, "video_previews": ["https://v/1"]})
        assert (message.pictures, message.picture) == ((), "https://v/1")
        assert show(fields={"video_previews": ["https://v/1"]}).picture != "https://v/1"
        assert Message("headline").picture is None


class TestHints:
    @pytest.mark.parametrize(
        ("kind", "is_silent", "may_mention"),
        [
            ("youtube/live_start", False, True),
            ("twitch/live_title", True, False),
            ("bililive/live_end", True, False),
            (REMINDER, False, False),
        ],
    )
    def test_a_kind_says_how_loud_it_is(self, show, kind, is_silent, may_mention):
        message = show(kind)
        assert (message.is_silent, message.may_mention) == (is_silent, may_mention)

    def test_a_reader_says_what_makes_no_sound(self, show):
        chosen = frozenset({"youtube/live_start"})
        kinds = ("youtube/live_start", "youtube/live_end")
        assert [show(kind, silent_kinds=chosen).is_silent for kind in kinds] == [True, False]
        assert [show(kind, silent_kinds=frozenset()).is_silent for kind in kinds] == [False, False]

    def test_a_message_says_what_it_is_of(self, show):
        message = show(TWEET, fields={"sensitive": True})
        assert (message.kind, message.colour) == (TWEET, 0x1D9BF0)
        assert message.is_sensitive
        assert message.at == datetime(2026, 11, 24, 11, tzinfo=UTC)
        assert message.author == "星野ソラ🌟"

    def test_an_author_whom_the_headline_names_is_not_named_twice(self, show):
        assert show(fields={"author": "Hoshino Sora"}).author == ""

    def test_without_a_time_of_its_own_it_is_when_the_event_happened(self, show):
        assert show(event=store_event(make_example(REMINDER))).at == NOW
        assert show().at is None


class TestOddEvents:
    def test_an_unknown_kind_is_shown_by_its_name(self, show):
        event = Event(kind="foreign/kind", entity=uuid4(), fields={})
        message = show(event=event)
        assert (message.headline, message.body) == ("• Hoshino Sora: foreign/kind", ())

    @pytest.mark.parametrize(
        "kind", ["", "..", "../../etc/passwd", "a\0b", "youtube/live_start.jinja", "x" * 5000, "🎉"]
    )
    def test_a_kind_that_is_no_path_is_none(self, show, kind):
        message = show(event=Event(kind=kind, entity=uuid4(), fields={"title": "t"}))
        assert message.body == ("t",)

    @pytest.mark.parametrize(
        "value",
        [5, [], {}, [[]], {"a": {"b": {"c": {"d": {"e": "f"}}}}}, True, 1.5, "\0", "\ud800"],
    )
    @pytest.mark.parametrize("kind", [REMINDER, TWEET, "twitter/retweet", "twitch/live_title"])
    def test_fields_of_another_shape_cost_no_message(self, show, value, kind):
        names = [*make_example(kind).fields, "quoted", "original", "premiere", "name", "tell"]
        event = make_example(kind, **dict.fromkeys(names, value))
        message = show(kind, event=event, translate=True)
        assert "Hoshino Sora" in message.headline
        to_text(message).encode()

    def test_no_field_may_take_the_place_of_a_function(self, show):
        assert show(fields={"tell": "x", "when": "y", "name": "z"}) == show()

    def test_no_text_may_forge_a_mark(self, show):
        message = show(fields={"title": "\x000\x00 and \x001\x00"})
        assert message.body[0] == "0 and 1"


class TestOwnTemplates:
    @pytest.fixture
    def write(self, tmp_path):
        def write(text, name="en/youtube/broadcast_reminder"):
            file = tmp_path / f"{name}.jinja"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            return tmp_path

        return write

    def test_they_go_before_ours(self, show, write):
        directory = write("{{ name }}!\n\n  {{ title }}\n\nat {{ clock(scheduled_at) }}, really")
        message = show(directory=directory)
        assert message.headline == "Hoshino Sora!"
        assert message.body[0] == "【歌枠】冬のうたを歌うよ!"
        assert message.body[1].pieces[2] == ", really"
        assert show("youtube/live_start", directory=directory).headline.startswith("🔴")

    def test_a_language_may_be_added(self, show, write):
        directory = write("⏰ {{ name }} bientôt\n{{ when(scheduled_at) }}", "fr/" + REMINDER)
        message = show(language="fr", directory=directory)
        assert message.headline == "⏰ 星野ソラ bientôt"
        assert to_text(message).split("\n")[1] == "12:00 UTC (dans 30 minutes)"

    def test_a_kind_may_be_added(self, show, write):
        directory = write('{{ name }} did it\n{{ fields["what"] }}', "en/foreign/kind")
        event = Event(kind="foreign/kind", entity=uuid4(), fields={"what": "something"})
        assert show(event=event, directory=directory).body == ("something",)

    def test_ours_may_be_built_upon(self, show, write):
        directory = write('{% include "en/youtube/live_start.jinja" %}\nmore')
        assert show(directory=directory).body[-1] == "more"

    def test_a_part_within_a_line_is_its_text(self, show, write):
        directory = write('{{ name }}: {{ tell("title") }}\n«{{ tell("title") }}»')
        message = show(directory=directory)
        assert message.headline == "Hoshino Sora: 【歌枠】冬のうたを歌うよ!"
        assert message.body == ("«【歌枠】冬のうたを歌うよ!»",)

    @pytest.mark.parametrize(
        "text",
        [
            "{{ titel }}",
            '{{ tell("titel") }}',
            '{{ quote("title") }}',
            "{{ 1 / 0 }}",
            "{{ title.format.__globals__ }}",
            '{{ fields["nothing"] }}',
            '{{ fields.update({"title": ""}) }}',
            "",
            "{% if %}",
            '{% include "nothing" %}',
        ],
    )
    def test_one_that_fails_is_told_of_and_ours_stands_in(self, show, write, caplog, text):
        with caplog.at_level(logging.WARNING):
            assert show(directory=write(text)) == show()
        [record] = caplog.records
        assert record.getMessage() in ("template_failed", "template_unusable")
        assert record.template == "en/youtube/broadcast_reminder.jinja"

    def test_where_nothing_works_the_generic_one_does(self, show, write, caplog):
        directory = write("{{ titel }}", "en/foreign/kind")
        write("{{ titel }}", "en/event")
        message = show(event=make_example("foreign/kind"), directory=directory)
        assert message.headline == "• Hoshino Sora: foreign/kind"
        assert [record.getMessage() for record in caplog.records] == ["template_failed"] * 2
