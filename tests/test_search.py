"""Names, however they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.search import Rank, fold, search

NAMES = {
    "suisei": ("Hoshimachi Suisei", "星街すいせい"),
    "sora": ("Tokino Sora", "ときのそら"),
    "amelia": ("Watson Amelia", "ワトソン・アメリア"),
    "ame": ("Ame",),
    "aqua": ("Minato Aqua", "湊あくあ", "湊阿库娅"),
}


def find(query):
    return [each for _, each in search(query, NAMES.items())]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Hoshimachi Suisei", ["suisei"]),
        ("hoshimachisuisei", ["suisei"]),
        ("  SUISEI ", ["suisei"]),
        ("ＳＵＩＳＥＩ", ["suisei"]),  # noqa: RUF001 - as typed
        ("星街スイセイ", ["suisei"]),
        ("星街ｽｲｾｲ", ["suisei"]),
        ("星街", ["suisei"]),
        ("わとそんあめりあ", ["amelia"]),
        ("ワトソン アメリア", ["amelia"]),
        ("阿库娅", ["aqua"]),
        ("ame", ["ame", "amelia"]),
        ("o", ["aqua", "sora", "amelia", "suisei"]),
        ("nobody", []),
        ("", []),
        (" ・ ", []),
    ],
    ids=repr,
)
def test_a_name_is_found_in_any_spelling(query, found):
    assert find(query) == found


def test_whose_name_it_is_comes_before_whose_begins_so_and_before_who_has_it_within():
    named = [("within", ["A Sora"]), ("long", ["Sora Long"]), ("begins", ["Sorab"])]
    assert search("sora", [*named, ("is", ["ソラ", "Sora"])]) == [
        (Rank.EXACT, "is"),
        (Rank.PREFIX, "begins"),
        (Rank.PREFIX, "long"),
        (Rank.SUBSTRING, "within"),
    ]


@given(st.text())
def test_what_is_folded_stays_as_it_is(text):
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.text(min_size=1), min_size=1), st.data())
def test_whatever_part_of_a_name_is_typed_finds_it(names, data):
    name = data.draw(st.sampled_from(names))
    folded = fold(name)
    start = data.draw(st.integers(0, len(folded)))
    part = folded[start : data.draw(st.integers(start, len(folded)))]
    found = search(part, [("it", names)])
    # A part that is folded anew may combine to other letters; then it is another name.
    assert bool(found) == bool(fold(part) and any(fold(part) in fold(each) for each in names))
    assert found[:1] == ([(Rank.EXACT, "it")] if fold(name) and part == folded else found[:1])
