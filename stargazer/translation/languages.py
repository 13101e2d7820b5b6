"""Languages: one name for each, and what a text's script tells of its own."""

import re

#: What is said of Chinese in terms of places is meant in terms of scripts.
_CHINESE = {
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh-hans": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-mo": "zh-Hant",
    "zh-hant": "zh-Hant",
}
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc\u31f0-\u31ff\uff66-\uff9d]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")
# Common characters that Japanese does not write, each in one script only.
_ONLY_SIMPLIFIED = re.compile("[们这吗么说时还进对发让谢听见问间]")
_ONLY_TRADITIONAL = re.compile("[們這嗎麼說妳囉]")


def get_canonical(language: str) -> str:
    """Give one name to what has several: Chinese is ``zh-Hans`` or ``zh-Hant``."""
    return _CHINESE.get(language.lower(), language)


def get_base(language: str) -> str:
    """Give the language without its region or script."""
    return language.partition("-")[0].lower()


def is_same(one: str, other: str) -> bool:
    """Whether who reads the one reads the other; regions do not matter, Chinese scripts do."""
    if get_base(one) == "zh":
        return get_canonical(one) == get_canonical(other)
    return get_base(one) == get_base(other)


def guess_language(text: str) -> str | None:
    """Tell the language by the script alone, where at least half of the letters are of it.

    :returns: ``ja``, ``ko``, ``zh-Hans`` or ``zh-Hant``; None for every other, and in doubt:
        a few Chinese characters may be Japanese.
    """
    letters = sum(map(str.isalpha, text))
    kana, han, hangul = (len(script.findall(text)) for script in (_KANA, _HAN, _HANGUL))
    if hangul and 2 * hangul >= letters:
        return "ko"
    if 2 * (kana + han) < letters:
        return None
    if kana:
        return "ja"
    is_simplified, is_traditional = _ONLY_SIMPLIFIED.search(text), _ONLY_TRADITIONAL.search(text)
    if is_simplified and not is_traditional:
        return "zh-Hans"
    if is_traditional and not is_simplified:
        return "zh-Hant"
    return None
