"""Who wants to hear of an Event, and what a User's own rules keep out.

What decides is pure. Who is interested comes as a stream, so a million of them are a matter of
time and not of memory.
"""

import logging
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

import re2

from stargazer.models import Event, Rule
from stargazer.store import Store
from stargazer.store.subscriptions import Subscriber
from stargazer.translation.languages import get_base, guess_language, is_same

log = logging.getLogger(__name__)

#: How many words and patterns a rule may have, and how long each may be.
MOST_WORDS, LONGEST_WORD = 50, 200
#: How many rules a User may have.
MOST_RULES = 50
#: What a pattern may take, in bytes.
_MOST_MEMORY = 1 << 18
#: The texts of an Event, and those of what it is about.
_TEXTS = ("title", "text", "category")
_OTHERS = ("quoted", "original")
_MEDIA = ("pictures", "picture", "video_previews", "video_id")


class Subject:
    """What rules look at in an Event, read once for all who may hear of it."""

    def __init__(self, event: Event) -> None:
        self.kind = event.kind
        self.entity = event.entity
        self._fields = event.fields

    @cached_property
    def text(self) -> str:
        """All that somebody wrote, a line each."""
        return unicodedata.normalize("NFKC", "\n".join(self._list_texts()))

    @cached_property
    def folded(self) -> str:
        """The same, without a difference of case."""
        return self.text.casefold()

    @cached_property
    def language(self) -> str | None:
        """The language as the script tells or else the platform says; None when neither does."""
        # Some platforms name their own language for all that is on them.
        told = self._fields.get("language")
        return guess_language(self.text) or (told if isinstance(told, str) and told else None)

    @cached_property
    def has_media(self) -> bool:
        """Whether pictures or a video are what it shows."""
        return any(self._fields.get(name) for name in _MEDIA)

    @property
    def is_short(self) -> bool:
        """Whether it is known to be a short video."""
        return self._fields.get("short") is True

    def _list_texts(self) -> Iterator[str]:
        others = (self._fields.get(name) for name in _OTHERS)
        for fields in (self._fields, *(other for other in others if isinstance(other, dict))):
            for name in _TEXTS:
                if isinstance(fields.get(name), str):
                    yield fields[name]


def find_obstacle(rules: Sequence[Rule], subject: Subject) -> str | None:
    """Say which of a User's rules keeps an Event out, for people; None: it passes all of them."""
    for number, rule in enumerate(rules, 1):
        if why := _find_fault(rule, subject):
            return f"rule {number}: {why}"
    return None


def check_word(word: str) -> str:
    """See whether a word or pattern can be looked for.

    :raises ValueError: says what is wrong with it.
    """
    if not word.strip():
        raise ValueError("a word is empty")
    if _is_pattern(word):
        try:
            _compile(word)
        except re2.error as exc:
            raise ValueError(f"{word} is no pattern of RE2: {_say(exc)}") from None
    return word


def list_interested(store: Store, entity: UUID, kind: str) -> Iterator[Subscriber]:
    """Give who wants to hear this kind of this Entity, by itself or with its Group.

    :returns: as a stream in no order; a User who wants both, the Entity and its Group, may come
        twice.
    """
    found = store.entities.find(entity)
    group = found.meta.group if found else None
    return store.subscriptions.list_interested(entity, group, kind)


def _find_fault(rule: Rule, subject: Subject) -> str:
    if rule.kinds and subject.kind not in rule.kinds:
        return ""
    if rule.entities and subject.entity not in rule.entities:
        return ""
    for word in rule.none_of:
        if _has(subject, word):
            return f"it says {word!r}"
    if rule.any_of and not any(_has(subject, word) for word in rule.any_of):
        return f"it says none of {', '.join(map(repr, rule.any_of))}"
    # Who cannot be told apart passes: nothing is to be lost for want of knowledge.
    language = subject.language
    if rule.languages and language and not any(_covers(each, language) for each in rule.languages):
        return f"its language is {language}"
    if rule.media is not None and rule.media is not subject.has_media:
        return "it has no pictures" if rule.media else "it has pictures"
    if rule.shorts is not None and rule.shorts is not subject.is_short:
        return "it is no short video" if rule.shorts else "it is a short video"
    return ""


def _covers(wanted: str, language: str) -> bool:
    # Chinese without a script is both of them.
    return get_base(language) == wanted or is_same(language, wanted)


def _has(subject: Subject, word: str) -> bool:
    if _is_pattern(word):
        pattern = _find_pattern(word)
        return pattern is not None and pattern.search(subject.text) is not None
    return _fold(word) in subject.folded


def _is_pattern(word: str) -> bool:
    return len(word) > 2 and word[0] == word[-1] == "/"  # noqa: PLR2004 - the slashes themselves


@lru_cache(maxsize=4096)
def _fold(word: str) -> str:
    return unicodedata.normalize("NFKC", word.strip()).casefold()


@lru_cache(maxsize=512)
def _find_pattern(word: str) -> Any:
    try:
        return _compile(word)
    except re2.error:
        # It was one when it was written down; one that nobody can read keeps nothing out.
        log.warning("pattern_unreadable")
        return None


def _compile(word: str) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    return re2.compile(unicodedata.normalize("NFKC", word[1:-1]), options)


def _say(error: re2.error) -> str:
    told = error.args[0] if error.args else ""
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)
