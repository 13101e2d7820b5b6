"""What every kind says in every language, read by people who speak it, and kept as it is."""

import re
from pathlib import Path

import pytest

from stargazer.kinds import KINDS
from stargazer.rendering.examples import EXAMPLES
from stargazer.rendering.forms.plain import to_text
from stargazer.rendering.templates import BUILTIN

LANGUAGES = ("en", "ja", "zh")
VARIANTS = {
    "": {},
    "members": {"members_only": True},
    "premiere": {"premiere": True},
    "short": {"short": True},
    "deleted": {"original": {"author": "", "text": "", "deleted": True}},
    "category": {"title_before": "【歌枠】冬のうたを歌うよ!"},
    "at once": {"started_at": "2026-11-24T11:30:00+00:00"},
}
CASES = [
    *((kind, "") for kind in EXAMPLES),
    ("youtube/live_start", "members"),
    *((kind, "premiere") for kind in EXAMPLES if kind.startswith(("youtube/b", "youtube/l"))),
    ("youtube/new_video", "short"),
    ("bilibili/forward_dynamic", "deleted"),
    ("twitch/live_title", "category"),
    ("youtube/live_start", "at once"),
    ("foreign/kind", ""),
]


def read_messages(language):
    text = (Path(__file__).parent / "messages" / f"{language}.txt").read_text(encoding="utf-8")
    found = re.split(r"^== (.+) ==\n", text, flags=re.MULTILINE)
    return dict(zip(found[1::2], (each.rstrip("\n") for each in found[2::2]), strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "variant"), CASES, ids=" ".join)
def test_a_kind_says_what_was_agreed_on(show, kind, variant, language):
    message = show(kind, fields=VARIANTS[variant], language=language, translate=language != "ja")
    assert to_text(message) == read_messages(language)[f"{kind} {variant}".strip()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_kept_that_nobody_says(language):
    assert set(read_messages(language)) == {f"{kind} {variant}".strip() for kind, variant in CASES}


def test_every_kind_has_an_example_with_its_fields():
    assert set(KINDS) <= set(EXAMPLES)
    for kind in KINDS.values():
        assert not kind.find_missing(EXAMPLES[kind.name])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_template_in_every_language(language):
    root = BUILTIN / language
    names = {str(file.relative_to(root))[: -len(".jinja")] for file in root.rglob("*.jinja")}
    assert names == {*EXAMPLES, "event", "untranslated"}


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kind_without_any_field_is_told_all_the_same(show, kind, language):
    message = show(kind, fields=dict.fromkeys(EXAMPLES[kind]), language=language)
    assert to_text(message).count("\n") == 0
    assert len(message.headline) > 5
