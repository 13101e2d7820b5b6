"""Languages, by name and by script."""

import pytest

from stargazer.translation.languages import guess_language, is_same


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("【歌枠】うたうよ!", "ja"),
        ("ﾗｲﾌﾞ", "ja"),
        ("こんにちは, this is a long English sentence", None),
        ("緊急告知", None),
        ("我们开始直播", "zh-Hans"),
        ("我們開始直播", "zh-Hant"),
        ("안녕하세요", "ko"),
        ("Minecraft", None),
        ("", None),
        ("12:30", None),
    ],
)
def test_a_script_tells_the_language_where_it_can(text, expected):
    assert guess_language(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("zh", "zh-Hans", True),
        ("zh-TW", "zh-Hant", True),
        ("zh", "zh-Hant", False),
        ("en-US", "en-GB", True),
        ("en", "ja", False),
    ],
)
def test_scripts_matter_and_regions_do_not(one, other, expected):
    assert is_same(one, other) is is_same(other, one) is expected
