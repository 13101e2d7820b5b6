"""What must survive a translation does, whatever the translator does to the rest."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stargazer.translation.dialects import BracketDialect, XmlDialect
from stargazer.translation.protection import Names, protect

DIALECTS = [
    (XmlDialect(), r'(<x id="\d+"/>|<x id="\d+">[^<]*</x>|&(?:amp|lt|gt);)'),
    (BracketDialect(), r"(⟦\d+⟧)"),
]
SPECIAL = [
    *("https://youtu.be/v3JMDEjXtLE?t=1&a=b", "www.hololive.tv", "youtu.be/abc", "a.b@c.test"),
    *("@suisei_hosimati", "\uff20そら", "#星街すいせい", "#话题#", "\uff03タグ"),
    *("🎉", "👩‍👩‍👧", "🇯🇵", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "❤️", "👍🏽"),
    *("<b>", "&amp;", "⟦0⟧", '<x id="0"/>', "\x00", "\r", "\u2028", "\u3000", "\n", "</x>"),
]
TEXTS = st.lists(st.one_of(st.text(max_size=8), st.sampled_from(SPECIAL)), max_size=8).map("".join)
NAMES = Names({"すいせい": "すいせい", "星街すいせい": "星街すいせい"})


def tokens(text, names=None):
    return [token.text for token in protect(text, names or Names({})).tokens]


@pytest.mark.parametrize(("dialect", "kept"), DIALECTS, ids=["xml", "brackets"])
class TestRoundTrip:
    @given(TEXTS)
    @example("星街すいせい & <すいせい> ⟦1⟧")
    def test_what_says_it_again_gives_it_back(self, dialect, kept, text):
        template = protect(text, NAMES)
        written = dialect.write(template)
        assert len(re.findall(kept, written)) >= len(template.tokens)
        found = dialect.read(written, template)
        assert found is not None
        assert template.fill(found) == text

    @given(TEXTS)
    def test_what_shouts_leaves_the_tokens_alone(self, dialect, kept, text):
        template = protect(text, NAMES)
        pieces = re.split(kept, dialect.write(template))
        shouted = "".join(
            piece if number % 2 else piece.upper() for number, piece in enumerate(pieces)
        )
        found = dialect.read(shouted, template)
        expected = "".join(
            part.upper() if isinstance(part, str) else part.text for part in template.parts
        )
        assert found == expected

    @given(TEXTS, st.randoms(use_true_random=False))
    def test_what_turns_a_sentence_round_keeps_every_token(self, dialect, kept, text, random):
        template = protect(text, NAMES)
        pieces = re.split(kept, dialect.write(template))
        random.shuffle(pieces)
        found = dialect.read("".join(pieces), template)
        assert found is not None
        assert all(token.text in found for token in template.tokens)
        whole = "".join(part if isinstance(part, str) else part.text for part in template.parts)
        assert sorted(found.replace(" ", "")) == sorted(whole.replace(" ", ""))


@pytest.mark.parametrize(
    ("dialect", "reply"),
    [
        (XmlDialect(), "a"),
        (XmlDialect(), 'a<x id="0"/>'),
        (XmlDialect(), 'a<x id="0"/><x id="0"/><x id="1"/>'),
        (XmlDialect(), 'a<x id="0"/><x id="2"/>'),
        (XmlDialect(), 'a<x id="0"/><x id="1"/></x>'),
        (XmlDialect(), 'a<x id="0"/><x id="\uff11x"/>'),
        (XmlDialect(), 'a<x id="0">b</x><x id="1"/>'),
        (BracketDialect(), "a ⟦0⟧"),
        (BracketDialect(), "a ⟦0⟧ ⟦1"),
        (BracketDialect(), "a ⟦0⟧ ⟦1⟧ ⟦"),
        (BracketDialect(), "a [0] [1]"),
    ],
)
def test_a_token_that_is_lost_doubled_or_mangled_is_seen(dialect, reply):
    assert dialect.read(reply, protect("#a b #c")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("見て→https://youtu.be/abcを見て", ["→https://youtu.be/abc"]),
        ("see (https://a.test/b?c=d).", ["https://a.test/b?c=d"]),
        ("LIVEhttps://a.test/", ["https://a.test/"]),
        ("youtu.be/abc now", ["youtu.be/abc"]),
        ("either/or, v1.2 and e.g. this", []),
        ("@sora_tokinoさんと", ["@sora_tokino"]),
        ("mail a.b@c.test.", ["a.b@c.test"]),
        ("\uff20ときのそら です", ["\uff20ときのそら"]),
        ("#星街すいせい☄️ 歌枠", ["#星街すいせい☄️"]),
        ("#话题 ok #tag#", ["#话题", "#tag#"]),
        ("#a #b\n#c", ["#a #b", "#c"]),
        ("go 👩‍👩‍👧‍👦🇯🇵🏴󠁧󠁢󠁥󠁮󠁧󠁿 go", ["👩‍👩‍👧‍👦🇯🇵🏴󠁧󠁢󠁥󠁮󠁧󠁿"]),
        ("No. 1️⃣ 👍🏽!", ["1️⃣ 👍🏽"]),
        ("♪ la ♪", ["♪", "♪"]),
        ("100% & 50", []),
    ],
)
def test_what_is_left_alone(text, expected):
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ('vor<x id="0"/>nach<x id="1"/>Ende', "vor #a nach #bEnde"),
        ('vor <x id="1"/><x id="0"/>nach', "vor #b #a nach"),
        ('<x id="0"/>, <x id="1"></x>.', "#a, #b."),
    ],
)
def test_a_space_that_a_translator_drops_is_put_back(reply, expected):
    assert XmlDialect().read(reply, protect("before #a behind. #b。end")) == expected


class TestNames:
    def test_a_name_that_is_shown_may_come_back_as_it_is(self):
        template = protect("そら & more", self.NAMES)
        for reply, expected in (
            ('<x id="0">Sora</x> &amp; so', "Sora & so"),
            ('<x id="0"> Sora</x> &amp; so', "Sora & so"),
            ('<x id="0">Sora so</x> &amp;', None),
        ):
            assert XmlDialect().read(reply, template) == expected

    NAMES = Names({"そら": "Sora", "ときのそら": "Tokino Sora", "Sora": "Sora"})

    def test_the_longest_form_counts(self):
        assert tokens("ときのそらとそら", self.NAMES) == ["Tokino Sora", "Sora"]

    def test_a_latin_name_is_not_found_inside_a_word(self):
        assert tokens("Soraya says Sora.", self.NAMES) == ["Sora"]

    def test_a_tag_stays_as_it_is(self):
        assert tokens("#ときのそら そら", self.NAMES) == ["#ときのそら", "Sora"]

    def test_only_a_name_is_shown_to_the_translator(self):
        template = protect("そら: https://a.test/b & c", self.NAMES)
        written = XmlDialect().write(template)
        assert written == '<x id="0">Sora</x>: <x id="1"/> &amp; c'


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", False), (" \n", False), ("#tag 🎉 12:30!", False), ("そら!", False), ("a", True)],
)
def test_only_letters_are_words(text, expected):
    assert protect(text, Names({"そら": "Sora"})).has_words is expected


def test_white_space_around_a_text_is_kept():
    template = protect("\n  hi there\u3000")
    assert template.fill(" Hallo ") == "\n  Hallo\u3000"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["a" * 50_000, "a." * 25_000, "#" * 50_000, "@a-" * 20_000])
def test_a_long_text_takes_no_long_time(text):
    protect(text)
