"""What is said, in the languages that we speak; the texts are in ``texts/``, a file a language."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ja", "zh")
_TEXTS = Path(__file__).parent / "texts"


def choose_language(*wishes: str) -> str:
    """Give the first of these languages that we speak; English when we speak none.

    :param wishes: such as ``zh-hans``; empty ones are none.
    """
    bases = (wish.replace("_", "-").partition("-")[0].lower() for wish in wishes)
    return next((base for base in bases if base in LANGUAGES), LANGUAGES[0])


def say(language: str, code: str, **values: object) -> str:
    """Give a text in one of :data:`LANGUAGES`, with these values in it."""
    text: str = _read(language)[code]
    return text.strip("\n").format(**values)


def get_descriptions(language: str) -> dict[str, str]:
    """Give what each command of the menu does, by its name, in the order of the menu."""
    return dict(_read(language)["descriptions"])


@cache
def _read(language: str) -> dict[str, Any]:
    return tomllib.loads((_TEXTS / f"{language}.toml").read_text(encoding="utf-8"))
