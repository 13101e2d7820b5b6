"""What others wrote, made fit for every chat app: no control characters, no broken addresses."""

import re
from typing import Any
from urllib.parse import quote, urlsplit

# Control characters but the line end; half characters and what is none, which no encoding takes;
# embeddings and overrides of the writing direction, which would turn all that follows around.
_UNWANTED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
_MANY_LINE_ENDS = re.compile(r"\n[^\S\n]*\n\s*\n")
_DEEPEST = 4
_LONGEST_URL = 2000
# All that a URL may hold, percent signs included.
_SAFE = "%/:=&?~#+!$,;'@()*[]-._"


def clean(text: str) -> str:
    """Give a text as every chat app takes it; its lines and paragraphs stay."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _LINE_END.sub("\n", text).replace("\t", " ")
    return _MANY_LINE_ENDS.sub("\n\n", _UNWANTED.sub("", text)).strip()


def clean_line(text: str) -> str:
    """Give a text as one line."""
    return " ".join(clean(text).split())


def clean_value(value: Any, depth: int = 0) -> Any:
    """Clean all texts within a JSON value; what lies deeper than any field of ours is left out."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict | list) and depth == _DEEPEST:
        return None
    if isinstance(value, dict):
        return {key: clean_value(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [clean_value(each, depth + 1) for each in value]
    return value


def clean_url(value: object) -> str:
    """Give an address that people can open; empty when it is none."""
    url = clean(value) if isinstance(value, str) else ""
    if url.startswith("//"):
        url = f"https:{url}"
    return url if re.fullmatch(r"https?://\S+", url) else ""


def encode_url(url: str) -> str:
    """Give an address in the form that programs take; empty when there is none."""
    encoded = quote(url, safe=_SAFE)
    try:
        parts = urlsplit(encoded)
        is_whole = bool(parts.hostname) and "%" not in parts.netloc
    except ValueError:
        return ""
    return encoded if is_whole and len(encoded) <= _LONGEST_URL else ""
