"""Baidu's names of languages, and its numbers of errors.

Source: https://fanyi-api.baidu.com/doc/21
"""

from stargazer.errors import (
    CredentialsError,
    PlatformError,
    QuotaError,
    RefusedError,
    ThrottledError,
    TransientError,
)
from stargazer.translation.languages import get_base

HOUR = 3600.0
_LANGUAGES = {
    # Those that it calls as everybody does.
    **{code: code for code in ("cs", "de", "el", "en", "hu", "it", "nl", "pl", "pt", "ru", "th")},
    "ar": "ara",
    "bg": "bul",
    "da": "dan",
    "es": "spa",
    "et": "est",
    "fi": "fin",
    "fr": "fra",
    "ja": "jp",
    "ko": "kor",
    "ro": "rom",
    "sl": "slo",
    "sv": "swe",
    "vi": "vie",
    "zh-Hans": "zh",
    "zh-Hant": "cht",
    "zh": "zh",
}
_FROM_BAIDU = {theirs: ours for ours, theirs in _LANGUAGES.items()}
#: What stands in an answer that is none of an error.
FINE = {0, 52000}
_TRANSIENT = {52001, 52002}
_PAUSES = {54003: 1.0, 54005: 3.0}
_BALANCE = 54004
_CREDENTIALS = {52003, 54001, 58000, 58002, 58003, 90107}


def explain(code: int) -> PlatformError:
    """Turn an error code into the error that says how to react; an unknown one is a refusal."""
    reason = f"Baidu: error {code}"
    if code in _TRANSIENT:
        return TransientError(reason)
    if code in _PAUSES:
        return ThrottledError(reason, _PAUSES[code])
    if code == _BALANCE:
        return QuotaError(reason, HOUR)
    if code in _CREDENTIALS:
        return CredentialsError(reason, HOUR)
    return RefusedError(reason)


def name_language(language: str) -> str:
    """Give Baidu's name of a language.

    :raises RefusedError: when it has none.
    """
    found = _LANGUAGES.get(language) or _LANGUAGES.get(get_base(language))
    if found is None:
        raise RefusedError(f"Baidu does not know {language}")
    return found


def read_language(name: str) -> str:
    """Give our code for a language of Baidu's; what we do not know is left as it is."""
    return _FROM_BAIDU.get(name, name)
